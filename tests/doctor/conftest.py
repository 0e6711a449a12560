"""Panels that are not well: the demo with a condition, or a few lines of WSGI that answer as something else would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from portal.demo import Demo, ManualClock, build
from portal.doctor.lines import Line
from portal.doctor.probe import Probe
from tests.support.wsgi_adapter import WsgiAdapter

URL = "http://panel.test"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Raising(BaseAdapter):
    """A wire on which every call ends in an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def send(self, request: PreparedRequest, *args: Any, **more: Any) -> Response:
        raise self.error

    def close(self) -> None:
        """Nothing is held open."""


def says(status: int, body: bytes, kind: str = "text/html", **headers: str) -> WsgiAdapter:
    """A wire to something that always gives the same answer."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        more = [(name.replace("_", "-"), value) for name, value in headers.items()]
        start_response(f"{status} Said", [("Content-Type", kind), *more])
        return [body]

    return WsgiAdapter(app)


def with_headers(app: Wsgi, **headers: str) -> Wsgi:
    """An application whose answers carry further headers, or others in the place of its own."""
    names = {name.replace("_", "-").lower(): value for name, value in headers.items()}

    def changed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, given: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(name, value) for name, value in given if name.lower() not in names]
            return start_response(status, [*kept, *names.items()], *rest)

        return app(environ, start)

    return changed


@pytest.fixture
def demo() -> Demo:
    """A panel that is well, with the lively world."""
    return build(clock=ManualClock())


@pytest.fixture
def probe(demo: Demo) -> Probe:
    """The way to it."""
    return Probe(URL, adapter=WsgiAdapter(demo.wsgi))


def only(lines: Iterable[Line], name: str) -> Line:
    """The one line of a name."""
    found = [one for one in lines if one.name == name]
    assert len(found) == 1, found
    return found[0]


def key_of(demo: Demo, name: str) -> Any:
    """The panel's row of a key, for a test to turn."""
    return next(one for one in demo.world.api_keys if one.plain_text == demo.keys[name])
