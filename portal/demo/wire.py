"""The connection that a request came by: how an application cuts it, slows it down or takes it over."""
from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from io import BufferedReader
from typing import Any, Literal, cast

KEY = "demo.wire"
"""Where a request's environment holds its `Wire`; not there when no socket is in between."""

PATIENCE = "demo.patience"
"""Where an environment says how many seconds its caller waits; only a caller without a socket needs to."""

Ending = Literal["rst", "fin"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Cut(ConnectionError):
    """Raised by an application, or while its answer is read: the connection ends here, without another byte."""

    def __init__(self, ending: Ending = "rst") -> None:
        super().__init__(f"cut by the demo ({ending})")
        self.ending = ending


class Taken(Exception):
    """Raised by an application that has spoken on the connection itself and is done with it."""


class Wire:
    """`cut_at` counts the answer's bytes from its status line; `pause` is called before each byte when it is set."""

    def __init__(self, connection: socket.socket, reader: BufferedReader) -> None:
        self.cut_at: int | None = None
        self.ending: Ending = "rst"
        self.pause: Callable[[], None] | None = None
        self._connection = connection
        self._reader = reader
        self._sent = 0

    def write(self, data: bytes) -> None:
        """Raises Cut once as much is sent as `cut_at` allows."""
        allowed = len(data) if self.cut_at is None else min(len(data), max(self.cut_at - self._sent, 0))
        if self.pause is None:
            self._connection.sendall(data[:allowed])
        else:
            self._drip(data[:allowed])
        self._sent += allowed
        if self.cut_at is not None and self._sent >= self.cut_at:
            raise Cut(self.ending)

    def take(self) -> tuple[socket.socket, bytes]:
        """The socket, and what was read from it beyond the request."""
        self._connection.setblocking(False)
        try:
            waiting = self._reader.read1(65536) if self._reader.peek(1) else b""
        except BlockingIOError:
            waiting = b""
        finally:
            self._connection.setblocking(True)
        return self._connection, waiting

    def is_gone(self) -> bool:
        """Whether the caller has hung up."""
        try:
            readable, _, _ = select.select([self._connection], [], [], 0)
            return bool(readable) and not self._connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def _drip(self, data: bytes) -> None:
        for position in range(len(data)):
            if self.pause is not None:
                self.pause()
            self._connection.sendall(data[position:position + 1])


def wire_of(environ: dict[str, Any]) -> Wire | None:
    return cast("Wire | None", environ.get(KEY))


def reset_when_closed(connection: socket.socket) -> None:
    """Its end will be a RST, not a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
