"""Who sits at a console in this process: how many there may be, and what has to be known to put somebody out."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.auth.sessions import Viewer as Person
from portal.console.browser import Browser
from portal.console.closing import NO_ROOM, RESTART, Goodbye
from portal.servers.facts import Facts
from portal.servers.rights import Rights
from portal.wings import Viewer
from portal.wings.hub import CAP, PER_PERSON

NEVER = "admin."
"""Permissions of panel administrators: the token of the service key has them, no customer has."""


@dataclass(eq=False)
class Seat:
    """One person at one server's console. `rights` are the newest that are known, replaced by the keeper.

    `token_hash` names the session, `own_key` is the identifier of the person's own key (None: the service key acts).
    """

    person: Person
    token_hash: str
    facts: Facts
    own_key: str | None
    rights: Rights
    viewer: Viewer | None = None

    def allow(self, permission: str) -> bool:
        """Whether the person may see or do something."""
        return not permission.startswith(NEVER) and self.rights.allow(permission)


class Seats:
    """All of them. A socket takes its place before anything is asked for it, so that pages keep their threads."""

    def __init__(self, *, cap: int = CAP, per_person: int = PER_PERSON) -> None:
        self._cap = cap
        self._per_person = per_person
        self._lock = threading.Lock()
        self._browsers: dict[Browser, int] = {}
        self._seats: set[Seat] = set()
        self.is_stopping = False

    @contextmanager
    def place(self, browser: Browser, account_id: int) -> Iterator[None]:
        """A place for one socket of an account. Raises Goodbye when there is none."""
        with self._lock:
            if self.is_stopping:
                raise Goodbye(RESTART, "restart")
            if len(self._browsers) >= self._cap:
                raise Goodbye(NO_ROOM, "process")
            if Counter(self._browsers.values())[account_id] >= self._per_person:
                raise Goodbye(NO_ROOM, "person")
            self._browsers[browser] = account_id
        try:
            yield
        finally:
            with self._lock:
                del self._browsers[browser]

    @contextmanager
    def seated(self, seat: Seat) -> Iterator[None]:
        """The keeper looks after it meanwhile."""
        with self._lock:
            self._seats.add(seat)
        try:
            yield
        finally:
            with self._lock:
                self._seats.discard(seat)

    def all(self) -> tuple[Seat, ...]:
        """Everybody who has a viewer."""
        with self._lock:
            return tuple(self._seats)

    def taken(self) -> int:
        """How many places are taken."""
        with self._lock:
            return len(self._browsers)

    def stop(self) -> None:
        """Nobody new; whoever waits for something wakes up and finds that out."""
        with self._lock:
            self.is_stopping = True
            waiting = list(self._browsers)
        for browser in waiting:
            browser.wake()
