"""The demo's only source of time: the real one, shifted, or one that a test moves by hand."""
from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Real time plus an offset in seconds."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self._closed = threading.Event()

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.offset

    def sleep(self, seconds: float) -> None:
        """Wait really, but no longer than until `close`."""
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
