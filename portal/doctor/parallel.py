"""Several checks at once, none of which can hold the others up, or the process, for longer than it may."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from portal import clock

log = logging.getLogger("roost.doctor")
T = TypeVar("T")
MOST: Final = 8


def in_parallel(
    jobs: Sequence[Callable[[], T]], *, wait_s: float, otherwise: Callable[[int, Exception | None], T]
) -> list[T]:
    """The results of the jobs in their order, at most eight at once.

    `otherwise(index, None)` stands for one that is not done, `otherwise(index, error)` for one that failed. `wait_s`
    is for all of them. What hangs (a name that is not resolved) goes on in a thread that nobody waits for.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    finished: queue.SimpleQueue[tuple[int, T]] = queue.SimpleQueue()
    for index in range(len(jobs)):
        waiting.put(index)

    def work() -> None:
        while True:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                result = jobs[index]()
            except Exception as error:
                log.exception("a check failed")
                result = otherwise(index, error)
            finished.put((index, result))

    for _ in range(min(MOST, len(jobs))):
        threading.Thread(target=work, daemon=True, name="doctor").start()
    return _collected(len(jobs), finished, wait_s, otherwise)


def _collected(
    count: int,
    finished: queue.SimpleQueue[tuple[int, T]],
    wait_s: float,
    otherwise: Callable[[int, Exception | None], T],
) -> list[T]:
    results: dict[int, T] = {}
    ends_at = clock.monotonic() + wait_s
    while len(results) < count:
        try:
            index, result = finished.get(timeout=max(0.01, ends_at - clock.monotonic()))
        except queue.Empty:
            break
        results[index] = result
    return [results[index] if index in results else otherwise(index, None) for index in range(count)]
