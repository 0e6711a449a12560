"""A node written by hand: it says what no Wings and no demo would."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from portal.wings.frames import TEXT

DEADLINE_SECONDS = 60.0


def frame(payload: bytes, *, opcode: int = TEXT, is_final: bool = True) -> bytes:
    """As a server sends it."""
    first = bytes([opcode | (0x80 if is_final else 0)])
    if len(payload) < 126:
        return first + bytes([len(payload)]) + payload
    if len(payload) < 1 << 16:
        return first + b"\x7e" + struct.pack("!H", len(payload)) + payload
    return first + b"\x7f" + struct.pack("!Q", len(payload)) + payload


def message(event: str, *args: str) -> bytes:
    """A message of Wings in one frame."""
    return frame(json.dumps({"event": event, "args": list(args)}, separators=(",", ":")).encode() + b"\n")


def line(text: str) -> bytes:
    """A console line."""
    return message("console output", text)


class Peer:
    """One accepted connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._read = connection.makefile("rb")
        self.head = b""

    def request(self) -> bytes:
        """The upgrade's head."""
        lines = []
        while (one := self._read.readline()).strip():
            lines.append(one)
        self.head = b"".join(lines)
        if not self.head:
            raise ConnectionError("gone before it asked for anything")
        return self.head

    def accept(self) -> None:
        """Upgrade."""
        head = self.request()
        names = {name.lower(): value.strip() for name, _, value in (one.partition(b":") for one in head.splitlines())}
        key = names[b"sec-websocket-key"]
        token = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Set-Cookie: a=b; Domain=localhost\r\nSec-WebSocket-Accept: " + token + b"\r\n\r\n"
        )

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def receive(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame. Raises ConnectionError at the end."""
        first, size = self._exactly(2)
        size &= 0x7F
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
        mask = self._exactly(4)
        return first & 15, bytes(one ^ mask[at % 4] for at, one in enumerate(self._exactly(size)))

    def events(self) -> Iterator[tuple[str, list[str | None]]]:
        """Messages of the relay until its end; pings are answered."""
        with suppress(ConnectionError):
            while True:
                opcode, payload = self.receive()
                if opcode == 9:
                    self.send(frame(payload, opcode=10))
                elif opcode == 1:
                    document = json.loads(payload)
                    yield document["event"], document["args"]

    def authenticated(self, state: str = "running") -> None:
        """Upgrade, hear `auth`, and say yes."""
        self.accept()
        assert self.receive()[1].startswith(b'{"event": "auth"')
        self.send(message("auth success") + message("status", state))

    def _exactly(self, size: int) -> bytes:
        data = self._read.read(size)
        if len(data) < size:
            raise ConnectionError
        return data


@contextmanager
def listening(serve: Callable[[Peer, int], None]) -> Iterator[str]:
    """An address `ws://...`; `serve` is called for each connection, in a thread, with its number from 0 on."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []

    def one(connection: socket.socket, number: int) -> None:
        peer = Peer(connection)
        try:
            with suppress(OSError):
                serve(peer, number)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        finally:
            peer._read.close()
            connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connections.append(connection)
            threads.append(threading.Thread(target=one, args=(connection, len(threads)), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/api/servers/x/ws"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(DEADLINE_SECONDS)  # what it was just accepting is among the connections now
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in [accepting, *threads]:
            thread.join(DEADLINE_SECONDS)
            assert not thread.is_alive()
