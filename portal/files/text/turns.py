"""One save of a file at a time, in all web processes: what a save reads is still so when it writes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from portal import clock
from portal.files.locks import LockedBytes
from portal.panel import settings

WAIT_S = 10.0
"""So long a save waits for its turn."""
LOOK_S = 0.05
"""So often it looks whether another process is done: nobody tells it."""
FILE = "saves.lock"


class NoTurn(Exception):
    """Another save of the same file takes too long."""


class Turns:
    """The turns of one process. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._bytes = LockedBytes(path)
        self._over = threading.Condition()

    @contextmanager
    def take(self, server_uuid: str, path: str) -> Iterator[None]:
        """The turn to save a file; waits for those before. Raises NoTurn."""
        number = int.from_bytes(hashlib.sha256(f"{server_uuid}\0{path}".encode()).digest()[:7])
        until = clock.monotonic() + WAIT_S
        with self._over:
            while not self._bytes.take(number):
                if clock.monotonic() >= until:
                    raise NoTurn
                self._over.wait(LOOK_S)
        try:
            yield
        finally:
            self._bytes.give_back(number)
            with self._over:
                self._over.notify_all()


def turns() -> Turns:
    """The turns of the running app."""
    found: Turns = current_app.extensions.setdefault("roost_saves", Turns(settings().instance / FILE))
    return found
