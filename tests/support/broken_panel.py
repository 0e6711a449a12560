"""The demo panel with one thing wrong in its answers: it refuses, is busy, talks nonsense, or does not answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from requests.exceptions import ReadTimeout

from tests.conftest import World

Picks = Callable[[str, str], bool]
"""Whether a request, by method and path, is answered otherwise."""


def everything(_method: str, path: str) -> bool:
    """Whatever the client API is asked about a thing of a server, and its catalogue of permissions."""
    return path.startswith("/api/client/servers/") and path.count("/") > 4 or path == "/api/client/permissions"


def changes(method: str, path: str) -> bool:
    """Only what changes something: it was read well before."""
    return method != "GET" and everything(method, path)


@dataclass
class Broken:
    """Stands in front of the demo panel; `answer` makes the other answer, or raises as a broken connection does.

    With `happens` the panel does what it was asked before. `hit` are the requests that were answered otherwise.
    """

    world: World
    picks: Picks
    answer: Callable[[], tuple[int, dict[str, str], bytes]]
    happens: bool = False
    hit: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if not self.picks(method, path):
            return self.world.demo.wsgi(environ, start_response)
        self.hit.append(f"{method} {path}")
        if self.happens:
            list(self.world.demo.wsgi(environ, lambda *_: None))
        status, headers, body = self.answer()
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [body]

    def __enter__(self) -> Broken:
        self.world.adapter.app = self
        return self

    def __exit__(self, *_: object) -> None:
        self.world.adapter.app = self.world.demo.wsgi


def said(status: int, code: str, detail: str, **headers: str) -> Callable[[], tuple[int, dict[str, str], bytes]]:
    """An error in the panel's own form."""
    document = {"errors": [{"code": code, "status": str(status), "detail": detail}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: (status, {"Content-Type": "application/json", **named}, json.dumps(document).encode())


def plain(status: int, body: bytes, kind: str = "text/html") -> Callable[[], tuple[int, dict[str, str], bytes]]:
    """An answer that is not the panel's: of a web server in between, or of nobody knows what."""
    return lambda: (status, {"Content-Type": kind}, body)


def silent() -> tuple[int, dict[str, str], bytes]:
    """No answer at all until nobody waits any longer."""
    raise ReadTimeout
