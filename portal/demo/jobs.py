"""Work that is done later: what the panel's queue and the nodes' background routines have begun.

Nothing runs by itself.  Whoever answers a request, and the pulse of a demo that is served, calls `run_due` first; so a
clock that a test moves by hand makes every job happen at the same place each time.
"""
from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable

from portal.demo.clock import Clock

Job = Callable[[], None]
PATIENCE_SECONDS = 0.5


class Jobs:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._running = threading.RLock()

    def after(self, seconds: float, job: Job) -> None:
        """Do it when the clock has moved on by that much; jobs of one moment keep their order."""
        with self._lock:
            heapq.heappush(self._due, (self._clock.now() + seconds, next(self._numbers), job))

    def run_due(self, patience: float = -1) -> None:
        """All jobs whose time has come, those that these begin included; one thread at a time.

        Who is asked something has patience, in seconds: a job that waits does not make everybody wait with it.
        """
        if not self._running.acquire(timeout=patience):
            return
        try:
            while (job := self._next()) is not None:
                job()
        finally:
            self._running.release()

    def _next(self) -> Job | None:
        with self._lock:
            if self._due and self._due[0][0] <= self._clock.now():
                return heapq.heappop(self._due)[2]
        return None
