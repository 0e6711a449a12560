"""Files as the body of a form (`multipart/form-data`), streamed one after the other from a source of known length."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from portal.pterodactyl.file_names import base_name

PIECE: Final = 64 * 1024
LINE: Final = b"\r\n"
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
    """The form cannot or shall not be ended: the source is not what was said of it, for example. Says how."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file's name, and how many bytes of the source are its own."""

    name: str
    size_bytes: int


class FileForm:
    """A form with files in the field `files`, as Wings reads it (`router_server_files.go`).

    Looks to `requests` like a file of known length. The source gives the bytes of all files, one after the other, with
    nothing between them. It is read piece by piece, and tried for one byte too many before the end of the form goes
    out: a form that lacks its end stores nothing. What `before_end` raises keeps the end back, too.
    """

    def __init__(
        self, parts: Sequence[FilePart], source: Readable, *, before_end: Callable[[], None] = lambda: None
    ) -> None:
        self._boundary = secrets.token_hex(16)
        self._parts = [(self._head(part.name), length(part.size_bytes)) for part in parts]
        self._tail = f"--{self._boundary}--\r\n".encode()
        self._source = source
        self._before_end = before_end
        self._pieces = self._all()
        self.content_type = f"multipart/form-data; boundary={self._boundary}"
        self.begun = False

    def __len__(self) -> int:
        return sum(len(head) + size + len(LINE) for head, size in self._parts) + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - a piece is as long as it is
        """The next piece; none at the end. Raises BadStreamError."""
        return next(self._pieces, b"")

    def _head(self, name: str) -> bytes:
        quoted = base_name(name).replace("\\", "\\\\").replace('"', '\\"')  # as Go undoes it; names stay UTF-8
        return (
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()

    def _all(self) -> Iterator[bytes]:
        self.begun = True
        for head, size in self._parts:
            yield head
            yield from self._file(size)
            yield LINE
        if self._take(1):
            raise BadStreamError("the stream is longer than was said")
        try:
            self._before_end()
        except Exception as error:
            raise BadStreamError("it shall not be stored any more") from error
        yield self._tail

    def _file(self, left: int) -> Iterator[bytes]:
        while left:
            piece = self._take(min(PIECE, left))
            if not piece:
                raise BadStreamError("the stream is shorter than was said")
            left -= len(piece)
            if left < 0:
                raise BadStreamError("the stream gives more than it was asked for")
            yield piece

    def _take(self, size: int) -> bytes:
        try:
            piece = self._source.read(size)
        except Exception as error:
            raise BadStreamError("the stream could not be read") from error
        if not isinstance(piece, bytes | bytearray):  # text would be sent, too, but is longer than it says
            raise BadStreamError("the stream gives something else than bytes")
        return piece
