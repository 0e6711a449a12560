"""So many transfers at once: 8 in a process, 2 of an account in all processes together.

A transfer holds a thread for as long as a browser takes. The places of an account are bytes of one file, locked
(`portal/files/locks.py`).
"""

from __future__ import annotations

import threading
from pathlib import Path

from flask import current_app

from portal.files.locks import LockedBytes
from portal.panel import settings

PER_PROCESS = 8
PER_ACCOUNT = 2
AGAIN_S = 5
"""When to try again after there was none."""
FILE = "transfers.lock"


class NoPlace(Exception):
    """There is no place just now; `is_own` says that the account's own transfers take them."""

    def __init__(self, *, is_own: bool) -> None:
        super().__init__()
        self.is_own = is_own


class Place:
    """A place, until it is given back; giving it back twice does nothing."""

    def __init__(self, places: Places, number: int) -> None:
        self._places = places
        self._number: int | None = number

    def give_back(self) -> None:
        """The transfer is over, however it ended."""
        number, self._number = self._number, None
        if number is not None:
            self._places.free(number)


class Places:
    """The places of one process. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._bytes = LockedBytes(path)

    def take(self, account_id: int) -> Place:
        """A place for one transfer of an account. Raises NoPlace at once if there is none."""
        with self._lock:
            if len(self._bytes) >= PER_PROCESS:
                raise NoPlace(is_own=False)
            for number in range(account_id * PER_ACCOUNT, (account_id + 1) * PER_ACCOUNT):
                if self._bytes.take(number):
                    return Place(self, number)
        raise NoPlace(is_own=True)

    def free(self, number: int) -> None:
        """A transfer is over."""
        self._bytes.give_back(number)


def take(account_id: int) -> Place:
    """A place for one transfer of an account, in the running app. Raises NoPlace."""
    places: Places = current_app.extensions.setdefault("roost_transfers", Places(settings().instance / FILE))
    return places.take(account_id)
