"""The demo's only source of time: the real one, shifted, or one that a test moves by hand."""
from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Real time plus an offset in seconds; it may also run at another rate, or stand."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self.rate = 1.0
        self._since = 0.0
        self._closed = threading.Event()

    def now(self) -> float:
        """Unix seconds."""
        return self._since + (time.time() - self._since) * self.rate + self.offset

    def run_at(self, rate: float) -> None:
        """From now on as many seconds go by in a real one; 0 stands still, 1 is the usual pace."""
        now, real = self.now(), time.time()
        self._since, self.rate, self.offset = real, rate, now - real

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait really, but no longer than until `close`."""
        self._closed.wait(seconds)

    def real(self) -> float:
        """Seconds that go by whatever this clock says; only differences count."""
        return time.monotonic()

    def idle(self, seconds: float) -> None:
        """Wait really, on any clock: for something that happens outside of it."""
        self._closed.wait(seconds)

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def close(self) -> None:
        """Wake everyone who sleeps, for good."""
        self._closed.set()


class ManualClock(Clock):
    """Stands still until somebody advances it or sleeps by it."""

    def __init__(self, start: float = 1_780_000_000.0) -> None:
        super().__init__()
        self._now = start

    def now(self) -> float:
        return self._now

    def run_at(self, rate: float) -> None:
        """Only by hand: it keeps the rate that it was told and stands as before."""
        self.rate = rate

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now += seconds


def iso(moment: float) -> str:
    """The panel's usual form: `2024-05-01T12:30:00+00:00`."""
    return datetime.fromtimestamp(int(moment), UTC).isoformat()


def iso_micro(moment: float) -> str:
    """The form of egg variables: `2024-05-01T12:30:00.000000Z`."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
