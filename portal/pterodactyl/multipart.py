"""One file as the body of a form (`multipart/form-data`), streamed from a source of known length."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final, Protocol

from portal.pterodactyl.file_names import base_name

PIECE: Final = 64 * 1024
LONGEST: Final = 2**62
"""With the form around it, still a length that Python can tell."""


class Readable(Protocol):
    """Something to read bytes from: a file, a request's body."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def length(size_bytes: int) -> int:
    """The length of a file. Raises ValueError for anything but a whole number below 2**62."""
    if type(size_bytes) is not int or not 0 <= size_bytes < LONGEST:
        raise ValueError("the length of an upload is a whole number of bytes")
    return size_bytes


class BadStreamError(Exception):
    """The source is not what was said of it; the sentence says how."""


class FileForm:
    """A form with one file in the field `files`, as Wings reads it (`router_server_files.go`).

    Looks to `requests` like a file of known length. The source is read piece by piece, and tried for one byte too many
    before the end of the form goes out: a form that lacks its end stores nothing.
    """

    def __init__(self, name: str, source: Readable, size_bytes: int) -> None:
        boundary = secrets.token_hex(16)
        quoted = base_name(name).replace("\\", "\\\\").replace('"', '\\"')  # as Go undoes it; names stay UTF-8
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._source = source
        self._size = length(size_bytes)
        self._pieces = self._all()
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.begun = False

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - a piece is as long as it is
        """The next piece; none at the end. Raises BadStreamError."""
        return next(self._pieces, b"")

    def _all(self) -> Iterator[bytes]:
        self.begun = True
        yield self._head
        left = self._size
        while left:
            piece = self._take(min(PIECE, left))
            if not piece:
                raise BadStreamError("the stream is shorter than was said")
            left -= len(piece)
            if left < 0:
                raise BadStreamError("the stream gives more than it was asked for")
            yield piece
        if self._take(1):
            raise BadStreamError("the stream is longer than was said")
        yield self._tail

    def _take(self, size: int) -> bytes:
        try:
            piece = self._source.read(size)
        except Exception as error:
            raise BadStreamError("the stream could not be read") from error
        if not isinstance(piece, bytes | bytearray):  # text would be sent, too, but is longer than it says
            raise BadStreamError("the stream gives something else than bytes")
        return piece
