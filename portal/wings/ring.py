"""The last lines of a console, numbered."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence

from portal.wings.hashing import line_hash

KEPT = 1000
"""Lines for those who come later."""
MOST_BYTES = 1024 * 1024
"""Of all lines, also of those that a slow viewer has not taken; the oldest go then."""

Line = str | None
"""None stands where lines may be missing."""


class Ring:
    """Not safe for threads by itself: whoever holds the channel's lock uses it. Numbers begin with 1."""

    def __init__(self) -> None:
        self.stream = secrets.token_hex(4)
        self.first = 1
        self._lines: list[Line] = []
        self._bytes = 0
        self._hashes: dict[int, int] = {}

    @property
    def next(self) -> int:
        """The number that the next line gets."""
        return self.first + len(self._lines)

    @property
    def bytes(self) -> int:
        """What all lines take in memory."""
        return self._bytes

    def start(self) -> int:
        """Where somebody who has seen nothing begins."""
        return max(self.first, self.next - KEPT)

    def add(self, lines: Sequence[Line], slowest: int) -> None:
        """`slowest`: the first number that somebody still wants."""
        self._lines.extend(lines)
        self._bytes += sum(map(sys.getsizeof, lines))
        end = max(min(slowest, self.next - KEPT) - self.first, 0)
        freed = sum(map(sys.getsizeof, self._lines[:end]))
        while self._bytes - freed > MOST_BYTES:
            freed += sys.getsizeof(self._lines[end])
            end += 1
        if end:
            del self._lines[:end]
            self._bytes -= freed
            self.first += end

    def since(self, number: int) -> tuple[Line, ...]:
        """All lines from that number on."""
        return tuple(self._lines[max(number - self.first, 0) :])

    def last(self, count: int = KEPT) -> list[Line]:
        """The newest lines, oldest first."""
        return self._lines[-count:]

    def hashes(self) -> list[int | None]:
        """Of all lines; each is reckoned once."""
        known, self._hashes = self._hashes, {}
        found: list[int | None] = []
        for number, line in enumerate(self._lines, self.first):
            if line is None:
                found.append(None)
                continue
            self._hashes[number] = known.get(number) or line_hash(line)
            found.append(self._hashes[number])
        return found
