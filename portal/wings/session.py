"""One socket to a node from `auth` to its end: lines and words go to the board, the token is renewed in time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from portal import clock
from portal.wings.board import Board, Hold
from portal.wings.budget import Budget
from portal.wings.cleaning import lines_of
from portal.wings.crew import Crew, Sockets
from portal.wings.echoes import Echoes
from portal.wings.frames import BINARY, CLOSE, PONG, Message
from portal.wings.history import Way, fetch_history
from portal.wings.link import Link, Sent
from portal.wings.messages import IS_OUTPUT, OUTPUT, read_message
from portal.wings.renewal import Renewal, is_renewable
from portal.wings.ring import Line
from portal.wings.rules import STATES, sample_of, word_of
from portal.wings.ticket import NoTicket, Ticket
from portal.wings.timing import Timing
from portal.wings.wire import Broken, Wire

_log = logging.getLogger("roost.wings")
_MOVED = ("completed", "success")
"""`transfer status` after which the server is on another node."""


class Over(Exception):
    """Access has ended for good; the cause is `no`'s."""

    def __init__(self, no: NoTicket) -> None:
        super().__init__(no.cause)
        self.no = no


class Session:
    """Made for an open wire; `run` ends only by raising."""

    def __init__(
        self, name: str, board: Board, wire: Wire, ticket: Ticket, way: Way, crew: Crew, sockets: Sockets,
        timing: Timing, is_wanted: Callable[[], bool],
    ) -> None:  # fmt: skip
        now = clock.monotonic()
        self.live_at: float | None = None
        self._name = name
        self._board = board
        self._wire = wire
        self._ticket = ticket
        self._way = way
        self._crew = crew
        self._sockets = sockets
        self._timing = timing
        self._is_wanted = is_wanted
        self._echoes = Echoes()
        self._budget = Budget(now)
        self._renewal = Renewal(now, timing)
        self._started_at = self._heard_at = self._pinged_at = now
        self._is_deaf = False
        """The token has ended: Wings tells an error instead of each event."""
        self._denials = 0
        self._is_deleted = False
        self._takes_state = False
        """The next sample's state counts: a change of it may have been lost."""
        self._verdict: Broken | Over | None = None

    def run(self) -> NoReturn:
        """Until the socket ends. Raises Broken, Over."""
        try:
            self._wire.send("auth", self._ticket.token)
            while True:
                self._hear(self._wire.read())
                self._look_at_the_clock()
        except Broken:
            if self._verdict is not None:
                raise self._verdict from None
            if self._is_deleted:
                raise Broken("deleted") from None
            raise
        finally:
            self._echoes.end()

    def command(self, text: str) -> Sent:
        """See `Channel.send_command`."""
        if self.live_at is None or self._is_deaf or self._echoes.over.is_set():
            return "dropped"
        denials = self._denials
        try:
            self._wire.send("send command", text)
            was_read = self._echoes.ask(self._wire, self._timing.pong_s)
        except Broken:
            return "unknown"
        return "sent" if was_read and denials == self._denials else "unknown"

    def _hear(self, messages: list[Message]) -> None:
        now = clock.monotonic()
        if messages:
            self._heard_at = now
        self._budget.refill(now)
        lines: list[Line] = []
        forgotten = 0
        for opcode, payload in messages:
            if opcode <= BINARY:
                if payload.startswith(IS_OUTPUT) and not self._budget.take(len(payload)):
                    if not forgotten:
                        lines.append(None)
                    forgotten += 1
                elif (message := read_message(payload)) is not None:
                    if message[0] == OUTPUT and self.live_at is not None:
                        lines += lines_of(message[1])
                        continue
                    self._board.tell_lines(lines)
                    lines = []
                    self._event(*message)
            elif opcode == PONG:
                self._board.tell_lines(lines)  # whoever waits for it counts on what came before
                lines = []
                self._echoes.heard(bytes(payload))
            elif opcode == CLOSE:
                self._board.tell_lines(lines)
                raise Broken("cut")
        self._board.tell_lines(lines)
        if forgotten:
            self._board.forget(forgotten)

    def _event(self, event: str, text: str) -> None:
        if event == "auth success":
            self._accepted()
        elif event in ("jwt error", "daemon error") and self.live_at is None:
            raise Broken("token")
        elif event == "jwt error":
            self._denied(text)
        elif event in ("token expiring", "token expired"):
            self._renewal.want()
        elif self.live_at is None:
            return
        elif event == "status":
            if text in STATES:
                self._board.tell_state(text)
        elif event == "stats":
            self._sampled(text)
        else:
            self._told(event, text)

    def _told(self, event: str, text: str) -> None:
        if event == "daemon error" and self._renewal.is_being_answered:
            raise Broken("token")
        if (word := word_of(event, text)) is not None:
            self._board.tell_word(word)
        if event == "deleted":
            self._is_deleted = True
        if event == "transfer status" and text in _MOVED:
            raise Broken("deleted")

    def _sampled(self, text: str) -> None:
        if (found := sample_of(text)) is None:
            return
        sample, state = found
        self._board.tell_sample(sample)
        if self._takes_state and state is not None:
            self._takes_state = False
            self._board.tell_state(state)

    def _accepted(self) -> None:
        """`auth success`, of the first token or of a new one."""
        now = clock.monotonic()
        is_first, was_deaf = self.live_at is None, self._is_deaf
        if not is_first and not self._renewal.is_being_answered:
            return  # nobody asked
        self._is_deaf = False
        if is_first:
            self.live_at = now
        else:
            self._renewal.done(now)
            self._takes_state = was_deaf
        self._board.tell_link(Link("live"))
        if is_first or was_deaf:
            self._wire.send("send stats")
            hold = self._board.hold()
            self._start("history", lambda: self._fetch_history(hold))

    def _fetch_history(self, hold: Hold) -> None:
        """In a thread of its own. When this socket ends meanwhile, the next one asks again; the lines wait for it."""
        lines = fetch_history(self._ticket, self._way, self._sockets, self._timing)
        for pause in self._timing.history_pauses:
            if lines is not None or self._echoes.over.wait(pause):
                break
            lines = fetch_history(self._ticket, self._way, self._sockets, self._timing)
        if lines is None and self._echoes.over.is_set():
            return
        if lines:
            with suppress(Broken):  # what history holds may still be on its way over the first socket
                self._echoes.ask(self._wire, self._timing.pong_s)
                self._echoes.over.wait(self._timing.quiet_s)  # a node's pong may overtake the line before it
        self._board.settle(hold, lines)

    def _denied(self, text: str) -> None:
        if not is_renewable(text):
            raise Broken("token")
        now = clock.monotonic()
        self._denials += 1
        self._is_deaf = True
        if self._renewal.is_being_answered and text.startswith("Error Event"):
            self._renewal.failed(now, None)
        self._renewal.want()
        if self._renewal.has_to_wait(now):  # deaf until then; the next socket brings a token of its own
            raise Broken("token")

    def _look_at_the_clock(self) -> None:
        now, timing = clock.monotonic(), self._timing
        if self._verdict is not None:
            raise self._verdict
        if not self._is_wanted():
            raise Broken("cut")
        if self.live_at is None:
            if now - self._started_at >= timing.auth_s:
                raise Broken("silent")
            return
        self._listen_for_life(now)
        if self._renewal.is_unanswered(now):
            raise Broken("token")
        if self._renewal.is_due(now):
            self._renewal.began(now)
            self._board.tell_link(Link("renewing"))
            self._start("token", self._renew)
        self._board.settle_after(timing.hold_s)

    def _listen_for_life(self, now: float) -> None:
        """A ping after 10 s of silence, the end after 10 s without an answer; a process that stood still asks first."""
        timing = self._timing
        if self._pinged_at > self._heard_at:
            if now - self._pinged_at >= timing.silent_after_s - timing.ping_after_s:
                raise Broken("silent")
        elif now - self._heard_at >= timing.ping_after_s:
            self._pinged_at = now
            self._wire.ping()

    def _start(self, what: str, work: Callable[[], None]) -> None:
        try:
            self._crew.start(f"{self._name} {what}", work)
        except RuntimeError:
            raise Broken("odd") from None

    def _renew(self) -> None:
        """In a thread of its own: the socket is read meanwhile."""
        try:
            ticket = self._way.tickets()
        except NoTicket as no:
            if no.is_final:
                self._end(Over(no))
            self._renewal.failed(clock.monotonic(), no.retry_after_s)
            return
        except Exception:
            _log.exception("%s: the panel was not asked for a token.", self._name)
            self._renewal.failed(clock.monotonic(), None)
            return
        if ticket.url != self._ticket.url:
            self._end(Broken("deleted"))
            return
        self._ticket = ticket
        self._renewal.sent(clock.monotonic())
        try:
            self._wire.send("auth", ticket.token)
        except Broken:
            return

    def _end(self, verdict: Broken | Over) -> None:
        self._verdict = verdict
        self._wire.cut()
