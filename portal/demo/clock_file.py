"""The demo's time for other processes: by how many seconds it is ahead, eight bytes in a file that they map."""
from __future__ import annotations

import os
import struct
from pathlib import Path

from portal.demo.clock import Clock

SHAPE = struct.Struct("<d")


class SharedClock(Clock):
    """A demo's clock whose shift stands in a file, so that a portal beside it can go by the same time.

    Only jumps are shared: one that runs at another rate, or stands, does so in the panel alone.
    """

    def __init__(self, file: Path, offset: float = 0.0) -> None:
        super().__init__(offset)
        self._handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
        self._tell()

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        self._tell()

    def _tell(self) -> None:
        os.pwrite(self._handle, SHAPE.pack(self.offset), 0)
