"""Callers over real sockets: whole answers, raw bytes, and servers that end with their test."""
from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from portal.demo import Demo
from portal.demo.served import Served
from portal.demo.serving import Server

MIB = 1024 * 1024
PATIENCE_SECONDS = 60
"""For what is sure to come: a busy machine may take its time."""
App = Callable[[dict[str, Any], Any], Any]


class Reply:
    """One answer, read to its end."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def serving(app: App) -> Iterator[Server]:
    server = Server(0, app)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def connected(address: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def fetch(address: str, path: str, method: str = "GET", body: Any = None, **headers: str) -> Reply:
    """A whole exchange on a connection of its own; a dictionary goes as JSON."""
    if isinstance(body, dict):
        body = json.dumps(body)
        headers = {"Content-Type": "application/json", **headers}
    with connected(address) as connection:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return Reply(connection.getresponse())


def said(address: str, request: bytes) -> bytes:
    """All that comes back on a connection on which those bytes were sent; a reset raises ConnectionResetError."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        heard = b""
        while piece := connection.recv(65536):
            heard += piece
        return heard


def key_of(demo: Demo, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {demo.keys[name]}", "Accept": "application/json"}


def ask(served: Served, who: str, path: str, method: str = "GET", body: Any = None) -> Reply:
    """The panel, over its socket."""
    return fetch(served.demo.base, path, method, body, **key_of(served.demo, who))


def is_listening(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True
