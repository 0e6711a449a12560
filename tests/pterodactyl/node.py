"""A machine with files on loopback: hears one request on each connection and does with it what a test wants."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.pterodactyl import models
from tests.pterodactyl.fakes import Clock
from tests.pterodactyl.listening import PATIENCE_S, Listener

MIB = 1024 * 1024
PIECE = bytes(range(256)) * 256
PATH = "/download/file?token=eyJ.S3CRET.x"
NODE_SAYS = b'{"error":"The requested resource was not found on this server.","request_id":"x"}'


@dataclass
class Heard:
    """One request: its head, its body's length and digest, and the first and last bytes of it."""

    head: str
    length: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    start: bytes = b""
    end: bytes = b""

    def take(self, piece: bytes) -> None:
        self.length += len(piece)
        self.digest.update(piece)
        self.start = (self.start + piece)[:1000] if len(self.start) < 1000 else self.start
        self.end = (self.end + piece)[-200:]

    @property
    def announced(self) -> int:
        found = re.search(r"(?im)^content-length: (\d+)", self.head)
        return int(found[1]) if found else 0


Answer = Callable[[socket.socket, Heard], None]


class Node(Listener):
    """Listens until closed. `read_body` False leaves the body of a request unread."""

    def __init__(self, answer: Answer, *, read_body: bool = True) -> None:
        self.answer = answer
        self.read_body = read_body
        self.heard: list[Heard] = []
        super().__init__()

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def talk(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_S)
        with contextlib.suppress(OSError), connection:
            received = b""
            while b"\r\n\r\n" not in received:
                if not (piece := connection.recv(65536)):
                    return
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            heard = Heard(head.decode("latin-1"))
            self.heard.append(heard)
            heard.take(body)
            while self.read_body and heard.length < heard.announced and (piece := connection.recv(65536)):
                heard.take(piece)
            self.answer(connection, heard)


def says(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> Answer:
    """An answer with this body, and a Content-Length that may be another."""
    announced = len(body) if length is None else length
    head = "\r\n".join((f"HTTP/1.1 {status} Said", f"Content-Length: {announced}", *headers)) + "\r\n\r\n"
    return lambda connection, heard: connection.sendall(head.encode() + body)


def large(pieces: int) -> Answer:
    """`pieces` times 64 KiB, without ever holding more than one."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {pieces * len(PIECE)}\r\n\r\n".encode())
        for _ in range(pieces):
            connection.sendall(PIECE)

    return answer


def slowly(clock: Clock, count: int, pause_s: float) -> Answer:
    """One byte after the other, each that much later on the clock of whoever waits for it."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {count}\r\n\r\n".encode())
        for _ in range(count):
            clock.now += pause_s
            connection.sendall(b"x")

    return answer


def signed(node: Node, path: str = PATH) -> models.SignedUrl:
    """An address on this machine."""
    return models.SignedUrl(node.url + path)
