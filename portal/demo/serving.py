"""Serves a WSGI application over HTTP/1.1 on the loopback interface: kept connections, streams both ways.

Nothing is held whole: the application reads the body from the connection and writes its answer to it piece by piece.
Werkzeug's own server closes every connection; this one brings each request's body to its end, so it need not.
"""
from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from portal.demo.request_body import RequestBody
from portal.demo.wire import KEY, Cut, Taken, Wire, reset_when_closed

LOOPBACK = "127.0.0.1"
_DRAINED = 256 * 1024
"""As much of an unread body is read to keep a connection; beyond, it is closed."""
_LINGER_SECONDS = 2.0
_WITHOUT_BODY = ("1", "204", "304")

# What is read here is not repeated to the application: type, length, and the chunks that are put together.
_SETTLED = ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Server(ThreadingHTTPServer):
    """Port 0 picks a free one.  Every connection has a thread of its own, which ends with the program."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, application: Application) -> None:
        self._standing: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((LOOPBACK, port), _Handler)
        self.application = application

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Without the name lookup of HTTPServer."""
        TCPServer.server_bind(self)

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 60}, daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and cut every connection, as when a process dies."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for callers
        self.shutdown()
        self.server_close()
        self.cut_connections()

    def cut_connections(self) -> None:
        with self._guard:
            standing = list(self._standing)
        for connection in standing:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._standing.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection that is to be reset gets no polite end first."""
        with self._guard:
            self._standing.discard(request)
        with suppress(OSError):
            if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[0]:
                request.close()
                return
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that goes away before its answer is no error of ours, nor is one whom a server that stops cut."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _answer(self) -> None:
        try:
            body = RequestBody(cast(Any, self.rfile), cast(Any, self.headers))
        except ValueError:
            self.send_error(400)
            return
        wire = Wire(self.connection, cast(BufferedReader, self.rfile))
        try:
            self._speak(wire, body)
        except Cut as cut:
            self.close_connection = True
            if cut.ending == "rst":
                reset_when_closed(self.connection)
        except Taken:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def _speak(self, wire: Wire, body: RequestBody) -> None:
        told: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            told[:] = (status, headers)

        chunks = self.server.application(self._environ(wire, body), start_response)
        try:
            iterator = iter(chunks)
            first = next(iterator, b"")
            status, headers = told
            whole = sum(map(len, chunks)) if isinstance(chunks, (list, tuple)) else None
            out = _Outgoing(wire, self.command, self.request_version, status, headers, whole)
            if out.must_close or body.left is None or body.left > _DRAINED:
                self.close_connection = True
            out.begin(closes=self.close_connection, date=self.date_time_string())
            out.add(first)
            for chunk in iterator:
                out.add(chunk)
            if not out.end():
                self.close_connection = True
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        if body.left != 0:
            self._leave(body)

    def _leave(self, body: RequestBody) -> None:
        """Bring a body that nobody wanted to its end; closing before it would reset what the caller has yet to read."""
        if not self.close_connection:
            body.drain(_DRAINED)
            return
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LINGER_SECONDS)
            while not body.drain(_DRAINED):
                pass

    def _environ(self, wire: Wire, body: RequestBody) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command, "SCRIPT_NAME": "", "QUERY_STRING": query, "RAW_URI": self.path,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "SERVER_NAME": LOOPBACK, "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version, "REMOTE_ADDR": self.client_address[0], KEY: wire,
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": body, "wsgi.errors": None,
            "wsgi.input_terminated": True,
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }
        if body.length is not None:
            environ["CONTENT_LENGTH"] = str(body.length)
        for name, value in self.headers.items():
            key = f"HTTP_{name.upper().replace('-', '_')}"
            if key not in _SETTLED:
                environ[key] = value
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet: the demo keeps its own list of calls."""


class _Outgoing:
    """One answer on its way: with the length it says, the length that is known, or in chunks."""

    def __init__(self, wire: Wire, method: str, version: str, status: str, headers: list[tuple[str, str]],
                 whole: int | None) -> None:
        self._wire = wire
        self._status = status
        self._headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        said = next((value for name, value in headers if name.lower() == "content-length"), None)
        self._has_body = not status.startswith(_WITHOUT_BODY)
        self._length = int(said) if said is not None else whole
        self._is_silent = method == "HEAD" or not self._has_body
        self._is_chunked = self._has_body and self._length is None and version >= "HTTP/1.1"
        self._written = 0
        self.must_close = self._has_body and self._length is None and not self._is_chunked

    def begin(self, *, closes: bool, date: str) -> None:
        headers = list(self._headers)
        names = {name.lower() for name, _ in headers}
        if "date" not in names:
            headers.append(("Date", date))
        if self._is_chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif self._has_body and self._length is not None:
            headers.append(("Content-Length", str(self._length)))
        if closes and "connection" not in names:
            headers.append(("Connection", "close"))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self._wire.write(f"HTTP/1.1 {self._status}\r\n{head}\r\n".encode("latin-1"))

    def add(self, chunk: bytes) -> None:
        if not chunk or self._is_silent:
            return
        self._written += len(chunk)
        self._wire.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._is_chunked else chunk)

    def end(self) -> bool:
        """False when fewer bytes came than were said: only closing tells the caller."""
        if self._is_chunked and not self._is_silent:
            self._wire.write(b"0\r\n\r\n")
        return self._is_silent or self._is_chunked or self._length is None or self._written == self._length
