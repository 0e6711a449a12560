"""The body of a request as a stream that ends where it was announced to end, or where the browser stopped."""

from __future__ import annotations

from portal import clock
from portal.pterodactyl.multipart import PIECE, Readable

LEAST = 8 * 1024
QUICK_S = 5.0
"""A piece that took longer is followed by a small one."""


class TooLong(Exception):
    """What stands before the files is longer than it may be."""


class Incoming:
    """`length` bytes of `source`; `left` of them were not given away yet.

    `is_begun` says that somebody asked for a file's bytes, `is_cut` that the source could not give all of them.
    """

    def __init__(self, source: Readable, length: int) -> None:
        self._source = source
        self._unread = b""
        self._step = LEAST
        self.left = length
        self.is_begun = False
        self.is_cut = False

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        self.is_begun = True
        return self.take(size)

    def take(self, size: int) -> bytes:
        """The same for what stands before the files."""
        size = min(size, self.left)
        if self._unread:
            piece, self._unread = self._unread[:size], self._unread[size:]
        else:
            piece = self._received(size)
        self.left -= len(piece)
        return piece

    def give_back(self, piece: bytes) -> None:
        """What was taken too much comes again."""
        self._unread = piece + self._unread
        self.left += len(piece)

    def line(self, longest: int) -> bytes:
        """All up to the first line feed, without it. Raises TooLong, and EOFError when there is none."""
        found = b""
        while b"\n" not in found:
            if len(found) > longest:
                raise TooLong
            piece = self.take(4096)
            if not piece:
                raise EOFError
            found += piece
        line, _, rest = found.partition(b"\n")
        self.give_back(rest)
        if len(line) > longest:
            raise TooLong
        return line

    def _received(self, size: int) -> bytes:
        """gunicorn waits until there is as much as was asked for: from who is slow less is asked for at once, so that
        the node hears of it now and then."""
        if not size:
            return b""
        began = clock.monotonic()
        try:
            piece = self._source.read(min(size, self._step))
        except Exception:
            self.is_cut = True
            raise
        self._step = min(2 * self._step, PIECE) if clock.monotonic() - began < QUICK_S else LEAST
        self.is_cut = self.is_cut or not piece
        return piece
