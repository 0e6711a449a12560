"""Keeps a channel's socket to its node: opens it, opens the next one when it ends, and gives up in the end."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable

from portal import clock
from portal.wings.board import Board
from portal.wings.crew import Crew, Sockets
from portal.wings.history import Way
from portal.wings.link import Cause, Link, Sent
from portal.wings.pauses import Pauses
from portal.wings.session import Over, Session
from portal.wings.ticket import NoTicket
from portal.wings.timing import Timing
from portal.wings.wire import Broken, dial

_log = logging.getLogger("roost.wings")


class Upstream:
    """`run` is the work of one thread; it ends when nobody wants it any more (`is_wanted`), by `stop`, or in vain."""

    def __init__(
        self, name: str, board: Board, way: Way, crew: Crew, timing: Timing, is_wanted: Callable[[], bool]
    ) -> None:
        self._name = name
        self._board = board
        self._way = way
        self._crew = crew
        self._timing = timing
        self._is_wanted = is_wanted
        self._sockets = Sockets(crew)
        self._pauses = Pauses(timing, secrets.SystemRandom().random)
        self._stopping = threading.Event()
        self._session: Session | None = None
        self.is_over = False
        """It has given up; a channel that is to go on needs another one."""

    def run(self) -> None:
        """Try, and try again."""
        while self._goes_on():
            at_least = 0.0
            cause: Cause = "odd"
            try:
                self._once()
            except Over as over:
                return self._give_up(over.no.cause)
            except NoTicket as no:
                if no.is_final:
                    return self._give_up(no.cause)
                cause, at_least = no.cause, no.retry_after_s or 0.0
            except Broken as broken:
                cause = broken.cause
                at_least = self._timing.moved_pause_s if cause == "deleted" else 0.0
            except Exception:
                _log.exception("%s: the relay failed.", self._name)
            if self._goes_on() and not self._paused(cause, at_least):
                return self._give_up("tired")
        return None

    def stop(self) -> None:
        """End it from outside; its thread goes at once, or when a call that it waits for returns."""
        self._stopping.set()
        self._sockets.stop()

    def command(self, text: str) -> Sent:
        """See `Channel.send_command`."""
        session = self._session
        return "dropped" if session is None else session.command(text)

    def _once(self) -> None:
        """One ticket, one socket. Raises NoTicket, Broken, Over."""
        self._board.tell_link(Link("connecting"))
        ticket = self._way.tickets()
        wire = dial(ticket, self._way.origin, self._way.address, self._sockets, self._timing)
        session = Session(
            self._name, self._board, wire, ticket, self._way, self._crew, self._sockets, self._timing, self._goes_on
        )
        self._session = session
        try:
            session.run()
        finally:
            self._session = None
            wire.close()
            if session.live_at is not None:
                self._pauses.lived()
            if session.live_at is not None and clock.monotonic() - session.live_at >= self._timing.steady_s:
                self._pauses.reset()

    def _paused(self, cause: Cause, at_least: float) -> bool:
        """Wait until it is time to try again; False when it was tried for long enough."""
        now = clock.monotonic()
        pause = self._pauses.next(now, at_least)
        if pause is None:
            return False
        _log.info("%s: lost (%s), again in %.1f s.", self._name, cause, pause)
        self._board.tell_link(Link("lost", cause, now + pause))
        while self._goes_on() and (left := now + pause - clock.monotonic()) > 0:
            self._board.settle_after(self._timing.hold_s)
            self._stopping.wait(min(left, self._timing.tick_s))
        return True

    def _give_up(self, cause: Cause) -> None:
        _log.info("%s: over (%s).", self._name, cause)
        self.is_over = True
        self._board.settle_after(0)
        self._board.tell_link(Link("over", cause))

    def _goes_on(self) -> bool:
        return not self._stopping.is_set() and self._is_wanted()
