"""Bytes of one file as locks, for threads and for processes alike.

The kernel lets go of them when a process dies, however it dies. Locks of a process do not keep its own threads apart,
so a set does.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from pathlib import Path


class LockedBytes:
    """The bytes of a file that this process holds; they need not be in it. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._held: set[int] = set()
        self._file: int | None = None

    def __len__(self) -> int:
        """How many bytes this process holds."""
        return len(self._held)

    def take(self, number: int) -> bool:
        """Hold a byte, unless somebody does: says so at once."""
        with self._lock:
            if number in self._held or not self._locks(number):
                return False
            self._held.add(number)
            return True

    def give_back(self, number: int) -> None:
        """A byte is held no more. Raises KeyError for one that was not."""
        with self._lock:
            self._held.remove(number)
            fcntl.lockf(self._opened(), fcntl.LOCK_UN, 1, number)

    def _locks(self, number: int) -> bool:
        try:
            fcntl.lockf(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            raise
        return True

    def _opened(self) -> int:
        """The file, opened once and never closed: closing any descriptor of it would let go of all locks."""
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file
