"""The one clock. Everything that asks the time asks here, so that tests can move it.

Instants are UTC epoch seconds as float; elapsed time comes from the monotonic clock and is never compared with an
instant.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a clock must answer."""

    def now(self) -> float:
        """UTC epoch seconds."""

    def monotonic(self) -> float:
        """Seconds that only grow; the zero point means nothing."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """UTC epoch seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


_clock: Clock = SystemClock()


def use(clock: Clock) -> Clock:
    """Replace the clock of this process; returns the one that was in use."""
    global _clock
    before, _clock = _clock, clock
    return before


def now() -> float:
    """UTC epoch seconds."""
    return _clock.now()


def monotonic() -> float:
    """Seconds that only grow."""
    return _clock.monotonic()


def sleep(seconds: float) -> None:
    """Let time pass."""
    _clock.sleep(seconds)
