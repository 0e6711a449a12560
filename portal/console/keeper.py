"""Looks after the open consoles of one process, every 2 s while there are any.

What is done in Roost, in whichever process, puts somebody out within 5 s. What is done on the panel is seen by the
background process, or here when that does not work or does not look: within 60 s.
"""

from __future__ import annotations

import logging
import threading
from functools import partial

from flask import Flask

from portal import clock
from portal.console import checks
from portal.console.aside import Aside
from portal.console.checks import Stored
from portal.console.seats import Seat, Seats
from portal.console.states import States
from portal.pterodactyl import errors
from portal.servers import reading
from portal.servers.reading import NoSuchServer, Opened
from portal.servers.records import SERVICE
from portal.wings import Hub

log = logging.getLogger("roost.console")
EVERY_S = 2.0
OLD_S = 40.0
"""Rights and facts that nobody has read for so long are read again."""
AGAIN_S = 10.0
"""What could not be read is tried again after this time."""
AT_ONCE = 4


class Keeper:
    """One thread while there are seats; it begins with the first and ends with the last one."""

    def __init__(self, app: Flask, seats: Seats, hub: Hub) -> None:
        self._app = app
        self._seats = seats
        self._hub = hub
        self._states = States()
        self._reading = Aside(app, AT_ONCE)
        self._writing = Aside(app, 1)
        self._tried: dict[tuple[str, int, str], float] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def start(self) -> None:
        """See to it that it runs; called when somebody has taken a seat."""
        with self._lock:
            if (self._thread is None or not self._thread.is_alive()) and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="console-keeper", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """No more rounds."""
        self._stop.set()

    @property
    def is_running(self) -> bool:
        """Whether there is a thread."""
        with self._lock:
            return self._thread is not None and self._thread.is_alive()

    def round(self) -> None:
        """Look once at everybody; whatever fails is tried again in the next round."""
        try:
            with self._app.app_context():
                seats = self._seats.all()
                now = checks.stored(seats)
                self._put_out(seats, now)
                self._read_again(seats, now)
        except Exception:
            log.exception("looking after the consoles failed")
        self._writing.run("states", lambda: self._states.write(self._hub.channels()))

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S) and not self._is_idle():
            self.round()

    def _is_idle(self) -> bool:
        """Nobody is there: the thread ends, and whoever comes from now on starts another one."""
        with self._lock:
            if not self._seats.all():
                self._thread = None
            return self._thread is None

    def _put_out(self, seats: tuple[Seat, ...], now: Stored) -> None:
        for seat, goodbye in checks.leaving(seats, now):
            if seat.viewer is not None:
                seat.viewer.close(goodbye.code, goodbye.word)

    def _read_again(self, seats: tuple[Seat, ...], now: Stored) -> None:
        """A view with the key that acts when the server was not seen lately; an own key's view says the rights too."""
        now_s, instant = clock.now(), clock.monotonic()
        self._tried = {key: tried for key, tried in self._tried.items() if instant - tried < AGAIN_S}
        for seat in seats:
            uuid, account_id = seat.facts.uuid, seat.person.account_id
            scope = SERVICE if seat.own_key is None else account_id
            is_unseen = abs(now_s - now.looks.read_at.get((scope, uuid), 0.0)) > OLD_S
            if is_unseen:
                self._start(("view", scope, uuid), partial(_see, seat), instant)
            # A list says how a server looks, but not what a subuser may.
            if abs(now_s - seat.rights.read_at) > OLD_S and (scope == SERVICE or not is_unseen):
                self._start(("rights", account_id, uuid), partial(_read_rights, seat), instant)

    def _start(self, name: tuple[str, int, str], job: partial[None], instant: float) -> None:
        if name not in self._tried and self._reading.run(name, job):
            self._tried[name] = instant


def _see(seat: Seat) -> None:
    try:
        reading.open_server(seat.person, seat.facts.identifier)
    except (NoSuchServer, errors.PanelError) as error:  # what it means is stored; the next round acts on it
        log.info("server %s could not be read for its console: %s", seat.facts.identifier, error)


def _read_rights(seat: Seat) -> None:
    opened = Opened(seat.facts, seat.rights, seat.rights.read_at, None)
    try:
        reading.fresh_rights(seat.person, opened, older_than_s=OLD_S)
    except (NoSuchServer, errors.PanelError) as error:
        log.info("rights for the console of %s could not be read: %s", seat.facts.identifier, error)
