"""Requests over bare sockets, so that as little as possible of what is measured is the bench's own."""

from __future__ import annotations

import json
import random
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

BLOCK = random.Random(8).randbytes(1024 * 1024)
"""What every file is made of, again and again."""
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Answer:
    """A whole answer, and how many seconds it took from the first byte of the request."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int
    took_s: float


def upload(port: int, path: str, head: dict[str, str], before: bytes, size: int, after: bytes = b"") -> Answer:
    """POST `size` bytes of the block, with something before and after them."""
    length = len(before) + size + len(after)
    with _connected(port) as line:
        began = time.perf_counter()
        line.sendall(_head("POST", port, path, head | {"Content-Length": str(length)}) + before)
        whole, rest = divmod(size, len(BLOCK))
        for _ in range(whole):
            line.sendall(BLOCK)
        line.sendall(BLOCK[:rest] + after)
        return _answer(line, began)


def get(port: int, path: str, head: dict[str, str] | None = None, *, keeps: bool = True) -> Answer:
    """GET. Without `keeps` the body is counted and thrown away."""
    with _connected(port) as line:
        began = time.perf_counter()
        line.sendall(_head("GET", port, path, head or {}))
        return _answer(line, began, keeps=keeps)


def port_of(url: str) -> int:
    """Its port."""
    found = urlsplit(url).port
    assert found is not None
    return found


def told(answer: Answer) -> dict[str, object]:
    """The JSON of an answer. Raises RuntimeError unless it is one with status 200."""
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {answer.body[:500]!r}")
    document: dict[str, object] = json.loads(answer.body)
    return document


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def _head(method: str, port: int, path: str, more: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in more.items()), "", ""]).encode()


def _answer(line: socket.socket, began: float, *, keeps: bool = True) -> Answer:
    buffer = bytearray(256 * 1024)
    received = b""
    while b"\r\n\r\n" not in received:
        piece = line.recv(64 * 1024)
        if not piece:
            raise RuntimeError(f"the connection ended: {received[:200]!r}")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
    size, pieces = len(body), [body]
    while got := line.recv_into(buffer):
        size += got
        if keeps:
            pieces.append(bytes(buffer[:got]))
    took = time.perf_counter() - began
    whole = b"".join(pieces) if keeps else b""
    if headers.get("transfer-encoding") == "chunked" and keeps:
        whole = _joined(whole)
        size = len(whole)
    return Answer(int(first.split(" ")[1]), headers, whole, size, took)


def _joined(chunks: bytes) -> bytes:
    found = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        found, chunks = found + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return found
