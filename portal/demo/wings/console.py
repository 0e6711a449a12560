"""A server's console: lines as its terminal gives them, cut and throttled as Wings does, and what was said so far."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from portal.demo.clock import Clock
from portal.demo.wings.bus import Bus
from portal.demo.wings.daemon_lines import THROTTLED

LINE_BYTES = 64 * 1024
LOST_BYTES = 256
THROTTLE_LINES = 2000
THROTTLE_SECONDS = 0.1
_REMEMBERED = 1000

OUTPUT = "console output"


def pieces(line: str) -> Iterator[str]:
    """At most 64 KiB each; 256 bytes are lost at a cut, as the reader there has then read them already."""
    line = line.replace(" \r", "\r\n")
    data = line.encode(errors="surrogatepass")
    if len(data) <= LINE_BYTES:
        yield line
        return
    while data:
        yield data[:LINE_BYTES].decode(errors="replace")
        data = data[LINE_BYTES + LOST_BYTES:]


class Console:
    """`say` writes a line of the node's own."""

    def __init__(self, clock: Clock, bus: Bus, say: Callable[[str], None]) -> None:
        self._clock = clock
        self._bus = bus
        self._say = say
        self._lines: deque[str] = deque(maxlen=_REMEMBERED)
        self._burst_at = float("-inf")
        self._burst = 0

    def print(self, text: str) -> None:
        """Output of the game; empty lines never arrive."""
        for part in text.split("\n"):
            line = part.rstrip("\r")
            if line:
                self._lines.append(line)
                for piece in pieces(line):
                    self._show(piece)

    def clear(self) -> None:
        """A container's log begins anew at each start."""
        self._lines.clear()

    def last(self, count: int) -> list[str]:
        """What the game printed since its start, without the node's own lines."""
        return list(self._lines)[-count:] if count > 0 else []

    def _show(self, line: str) -> None:
        if not self._bus.is_heard:
            return
        now = self._clock.now()
        if not 0 <= now - self._burst_at < THROTTLE_SECONDS:
            self._burst_at, self._burst = now, 0
        self._burst += 1
        if self._burst <= THROTTLE_LINES:
            self._bus.publish(OUTPUT, line, channel="line")
        elif self._burst == THROTTLE_LINES + 1:
            self._say(THROTTLED)
