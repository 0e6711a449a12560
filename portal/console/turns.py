"""A few at a time: after a restart everybody comes back at once, and pages need the processor as well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """`at_once` may go on together. Whoever has waited for `patience_s` goes on too: what is slow then is no crowd."""

    def __init__(self, at_once: int, patience_s: float) -> None:
        self._free = threading.Semaphore(at_once)
        self._patience_s = patience_s

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of them, for as long as the body lasts."""
        is_mine = self._free.acquire(timeout=self._patience_s)
        try:
            yield
        finally:
            if is_mine:
                self._free.release()
