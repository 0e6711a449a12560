"""What websocket-client sees of a node until the upgrade: a bounded head, within a time limit."""

from __future__ import annotations

import socket

from portal import clock

_MOST_BYTES = 16 * 1024
_WANTED = (b"upgrade", b"connection", b"sec-websocket-accept", b"sec-websocket-protocol")


class Odd(Exception):
    """No answer that a websocket could begin with."""


class Head:
    """Stands in for the socket during the handshake.

    websocket-client reads one byte at a call, any number of headers, a body of any length, and keeps cookies of every
    node for the process. So the head is read here: at most 16 KiB, all in `seconds`, and only what it needs is handed
    on. `rest` is what came behind the head.
    """

    def __init__(self, real: socket.socket, seconds: float) -> None:
        self._real = real
        self._until = clock.monotonic() + seconds
        self._head = b""
        self._is_read = False
        self.rest = b""

    def send(self, data: bytes) -> int:
        """All of it."""
        self._real.sendall(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        """Of the head. Raises Odd, OSError."""
        if not self._is_read:
            self._read()
        part, self._head = self._head[:size], self._head[size:]
        return part

    def gettimeout(self) -> float | None:
        """The real socket's."""
        return self._real.gettimeout()

    def close(self) -> None:
        """Whoever dialled closes."""

    def _read(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if len(head) > _MOST_BYTES:
                raise Odd
            if clock.monotonic() > self._until:
                raise TimeoutError
            part = self._real.recv(4096)
            if not part:
                raise ConnectionResetError
            head += part
        self._is_read = True
        head, _, self.rest = head.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        wanted = [line for line in lines if line.partition(b":")[0].strip().lower() in _WANTED]
        self._head = b"\r\n".join([first, *wanted, b"", b""])
