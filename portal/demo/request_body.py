"""A request's body as a stream that ends where the body does."""
from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, cast

from werkzeug.serving import DechunkedInput

_PIECE = 64 * 1024


class RequestBody(io.RawIOBase):
    """`left` is how many bytes are still to come, None when only the last chunk will tell."""

    def __init__(self, source: IO[bytes], headers: Mapping[str, str]) -> None:
        super().__init__()
        self._is_chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        self.left: int | None = None if self._is_chunked else max(int(headers.get("Content-Length") or 0), 0)
        self._source = cast(IO[bytes], DechunkedInput(source)) if self._is_chunked else source

    @property
    def length(self) -> int | None:
        """Of the whole body, None when it is not said; ask before reading."""
        return self.left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = len(buffer) if self.left is None else min(len(buffer), self.left)
        data = self._source.read(wanted) if wanted else b""
        buffer[:len(data)] = data
        if self.left is not None:
            self.left -= len(data)
            if wanted and not data:
                raise ConnectionResetError("the caller went away in the middle of a body")
        elif wanted and not data:
            self.left = 0
        return len(data)

    def drain(self, most: int) -> bool:
        """Read on to the end; False when that is more than `most` bytes away."""
        seen = 0
        while seen <= most:
            piece = self.read(_PIECE)
            if not piece:
                return True
            seen += len(piece)
        return False
