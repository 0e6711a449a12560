"""The portal on the clock of the demo beside it, which can be moved on: only `bin/demo` starts it so."""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

from portal import clock


class DemoClock:
    """The machine's clock, as far ahead as a file of eight bytes says; time that passes so has passed in all ways."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._shift = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)

    def now(self) -> float:
        """UTC epoch seconds."""
        return time.time() + self._ahead()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic() + self._ahead()

    def sleep(self, seconds: float) -> None:
        """Let real time pass."""
        time.sleep(seconds)

    def _ahead(self) -> float:
        return float(struct.unpack("<d", self._shift[:8])[0])


clock.use(DemoClock(Path(os.environ["ROOST_DEMO_CLOCK"])))

from wsgi import app  # noqa: E402

__all__ = ["app"]
