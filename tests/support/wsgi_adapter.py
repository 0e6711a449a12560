"""A WSGI application as the transport's adapter: the panel in-process, without sockets.

The answer streams through urllib3's own response class, so the transport reads, decodes, caps and maps it exactly as
it would off the wire.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiAdapter(BaseAdapter):
    """Sends each request to `app`; `requests` keeps them in order for a test to look at."""

    def __init__(self, app: WsgiApp) -> None:
        super().__init__()
        self.app = app
        self.requests: list[PreparedRequest] = []
        self._builder = HTTPAdapter()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.requests.append(request)
        started: list[tuple[int, str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            code, _, reason = status.partition(" ")
            started.append((int(code), reason, headers))

        chunks = self.app(environ(request), start_response)
        body = _Body(chunks)
        body.prime()  # an application may call start_response as late as its first chunk
        code, reason, headers = started[-1]
        raw = HTTPResponse(
            body=body,
            headers=HTTPHeaderDict(headers),
            status=code,
            reason=reason,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Nothing is held open."""


def environ(request: PreparedRequest) -> dict[str, Any]:
    """The WSGI environment of a prepared request."""
    parts = urlsplit(request.url or "")
    data = _sent(request.body)
    found = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "RAW_URI": parts.path + (f"?{parts.query}" if parts.query else ""),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(data)),
        "HTTP_HOST": parts.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(data),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        found[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return found


def _sent(body: Any) -> bytes:
    """The request's body, read to its end if it is a stream."""
    if hasattr(body, "read"):
        return b"".join(iter(lambda: body.read(65536), b""))
    return body.encode() if isinstance(body, str) else bytes(body or b"")


class _Body(io.RawIOBase):
    """The application's chunks as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._iterator: Iterator[bytes] = iter(chunks)
        self._buffer = b""

    def prime(self) -> None:
        """Fetch the first chunk."""
        self._buffer = next(self._iterator, b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._buffer) < size:
            piece = next(self._iterator, None)
            if piece is None:
                break
            self._buffer += piece
        cut = len(self._buffer) if size < 0 else size
        found, self._buffer = self._buffer[:cut], self._buffer[cut:]
        return found

    def read1(self, size: int = -1) -> bytes:
        """What is there, at most one chunk: as a socket gives it."""
        while not self._buffer and (piece := next(self._iterator, None)) is not None:
            self._buffer = piece
        cut = len(self._buffer) if size < 0 else size
        found, self._buffer = self._buffer[:cut], self._buffer[cut:]
        return found

    def close(self) -> None:
        if not self.closed and hasattr(self._chunks, "close"):
            self._chunks.close()
        super().close()
