"""`/_demo`: state, conditions, knobs, clock, sockets, servers, calls and snapshots, in and out as JSON.

It needs no key; it answers only on the loopback interface, and no page of another origin.
"""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from portal.demo import desk
from portal.demo.control import faults, nodes, state, worlds
from portal.demo.control.asked import Asked, Nonsense, read_document

if TYPE_CHECKING:
    from portal.demo.demo import Demo

PREFIX = "/_demo"
_LARGEST_BODY = 1024 * 1024
_HOST_PORT = re.compile(r":\d+$")

_ROUTES: tuple[tuple[str, re.Pattern[str], Callable[[Asked], Any]], ...] = tuple(
    (method, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path)), handler)
    for method, path, handler in (*state.ROUTES, *faults.ROUTES, *nodes.ROUTES, *worlds.ROUTES)
)


class ControlApi:
    def __init__(self, demo: Demo) -> None:
        self._demo = demo

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes] | None:
        """None when the request is none for this API."""
        path = environ.get("PATH_INFO", "")
        if path != PREFIX and not path.startswith(PREFIX + "/"):
            return None
        if path == desk.PATH:
            return self._desk(Request(environ))(environ, start_response)
        afterwards: list[Callable[[], None]] = []
        try:
            status, document = 200, self._answer(Request(environ), path.removeprefix(PREFIX).rstrip("/"), afterwards)
        except Nonsense as nonsense:
            status, document = nonsense.status, {"error": str(nonsense)}
        response = Response(json.dumps(document), status, content_type="application/json")
        for act in afterwards:
            response.call_on_close(act)
        return response(environ, start_response)

    def _desk(self, request: Request) -> Response:
        """The one page for people."""
        try:
            _require_neighbour(request)
        except Nonsense as nonsense:
            return Response(str(nonsense), nonsense.status)
        if request.method == "POST":
            moved = desk.move(self._demo, request.args.get("step", ""))
            return Response("", 303, {"Location": desk.PATH}) if moved else Response("no such step", 400)
        return Response(desk.page(self._demo), content_type="text/html; charset=utf-8")

    def _answer(self, request: Request, path: str, afterwards: list[Callable[[], None]]) -> Any:
        _require_neighbour(request)
        fitting = [(method, found.groups(), handler) for method, pattern, handler in _ROUTES
                   if (found := pattern.fullmatch(path))]
        if not fitting:
            raise Nonsense(f"there is no {PREFIX}{path}", 404)
        for method, words, handler in fitting:
            if method == request.method:
                if (request.content_length or 0) > _LARGEST_BODY:
                    raise Nonsense("the body is too large", 413)
                document = read_document(request.get_data())
                return handler(Asked(self._demo, words, document, request.args.to_dict(), afterwards))
        raise Nonsense(f"{PREFIX}{path} knows {', '.join(method for method, _, _ in fitting)}", 405)


def _require_neighbour(request: Request) -> None:
    """A page of another site could otherwise turn knobs from the browser of whoever runs the demo.

    The name that was asked for counts too: a site may let its own name lead to 127.0.0.1, and is its own origin then.
    """
    is_near = _is_loopback(request.remote_addr or "127.0.0.1") and _is_loopback(_HOST_PORT.sub("", request.host))
    origin = request.headers.get("Origin")
    if not is_near or origin not in (None, request.host_url.rstrip("/")):
        raise Nonsense("only from this machine, and from no other page", 403)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower() == "localhost"
