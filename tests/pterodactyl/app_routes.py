"""The application API's 42 routes, what each answers when all is well, and every typed method."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from portal.pterodactyl import ApplicationApi
from portal.pterodactyl.api import Group
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.objects import listed

ROUTES = """
GET /users
GET /users/{user}
GET /users/external/{external_id}
POST /users
PATCH /users/{user}
DELETE /users/{user}
GET /nodes
GET /nodes/deployable
GET /nodes/{node}
GET /nodes/{node}/configuration
POST /nodes
PATCH /nodes/{node}
DELETE /nodes/{node}
GET /nodes/{node}/allocations
POST /nodes/{node}/allocations
DELETE /nodes/{node}/allocations/{allocation}
GET /locations
GET /locations/{location}
POST /locations
PATCH /locations/{location}
DELETE /locations/{location}
GET /servers
GET /servers/{server}
GET /servers/external/{external_id}
PATCH /servers/{server}/details
PATCH /servers/{server}/build
PATCH /servers/{server}/startup
POST /servers
POST /servers/{server}/suspend
POST /servers/{server}/unsuspend
POST /servers/{server}/reinstall
DELETE /servers/{server}
DELETE /servers/{server}/force
GET /servers/{server}/databases
GET /servers/{server}/databases/{database}
POST /servers/{server}/databases
POST /servers/{server}/databases/{database}/reset-password
DELETE /servers/{server}/databases/{database}
GET /nests
GET /nests/{nest}
GET /nests/{nest}/eggs
GET /nests/{nest}/eggs/{egg}
""".strip().splitlines()

NOTHING = (204, b"")
ANSWERS: dict[str, tuple[int, Any]] = {
    "GET /users": (200, made.paged(made.user())),
    "GET /users/{user}": (200, made.user()),
    "GET /users/external/{external_id}": (200, made.user()),
    "POST /users": (201, made.user()),
    "PATCH /users/{user}": (200, made.user()),
    "GET /nodes": (200, made.paged(made.node())),
    "GET /nodes/deployable": (200, listed(made.node(sum_memory="2048", sum_disk="10240"))),
    "GET /nodes/{node}": (200, made.node()),
    "GET /nodes/{node}/configuration": (200, made.configuration()),
    "POST /nodes": (201, made.node()),
    "PATCH /nodes/{node}": (200, made.node(mounts=[])),
    "GET /nodes/{node}/allocations": (200, made.paged(made.allocation())),
    "GET /locations": (200, made.paged(made.location())),
    "GET /locations/{location}": (200, made.location()),
    "POST /locations": (201, made.location()),
    "PATCH /locations/{location}": (200, made.location()),
    "GET /servers": (200, made.paged(made.app_server())),
    "GET /servers/{server}": (
        200,
        made.related(made.app_server(), variables=listed(made.variable(server_value="paper.jar"))),
    ),
    "GET /servers/external/{external_id}": (200, made.app_server()),
    "PATCH /servers/{server}/details": (200, made.app_server()),
    "PATCH /servers/{server}/build": (200, made.app_server()),
    "PATCH /servers/{server}/startup": (200, made.app_server()),
    "POST /servers": (201, made.app_server(status="installing")),
    "GET /servers/{server}/databases": (200, listed(made.app_database())),
    "GET /servers/{server}/databases/{database}": (200, made.app_database()),
    "POST /servers/{server}/databases": (201, made.app_database()),
    "GET /nests": (200, made.paged(made.related(made.nest(), eggs=listed(
        made.egg(4), made.related(made.egg(6), variables=listed(made.variable(), made.variable("NEW", "n"))),
        made.related(made.egg(), variables=listed()),
    )))),
    "GET /nests/{nest}": (200, made.nest()),
    "GET /nests/{nest}/eggs": (200, listed(made.egg())),
    "GET /nests/{nest}/eggs/{egg}": (200, made.related(made.egg(), variables=listed(made.variable()))),
}
"""What each route answers when all is well; those that are not here, with nothing."""


@dataclass(frozen=True)
class Sent:
    """A request that left."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


_PATTERNS = [
    (route.split(" ")[0], route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.split(" ")[1])))
    for route in ROUTES
]


def matched(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The route of a request below `/api/application`, and what stands in its places; the plainest of several."""
    below = path.removeprefix("/api/application")
    found = [
        (route, hit.groupdict())
        for wanted, route, pattern in _PATTERNS
        if wanted == method and (hit := pattern.fullmatch(below))
    ]
    return min(found, key=lambda one: len(one[1]), default=None)


class Routes:
    """A WSGI application that answers each route as `ANSWERS` says, or as it was told."""

    def __init__(self, told: Mapping[str, tuple[int, Any]] = MappingProxyType({})) -> None:
        self.other = {route: [answer] for route, answer in told.items()}
        self.sent: list[Sent] = []

    def tell(self, route: str, *answers: tuple[int, Any]) -> Routes:
        """Answer a route like this, in turn, the last for ever."""
        self.other[route] = list(answers)
        return self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, _, query = environ["RAW_URI"].partition("?")
        body = environ["wsgi.input"].read()
        below = path.removeprefix("/api/application")
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        self.sent.append(Sent(environ["REQUEST_METHOD"], below, pairs, json.loads(body) if body else None))
        found = matched(environ["REQUEST_METHOD"], path)
        assert found is not None, path
        told = self.other.get(found[0])
        if told:
            status, answer = told.pop(0) if len(told) > 1 else told[0]
        else:
            status, answer = ANSWERS.get(found[0], NOTHING)
        start_response(f"{status} Said", [("Content-Type", "application/json")] if answer != b"" else [])
        return [answer if isinstance(answer, bytes) else json.dumps(answer).encode()] if answer != b"" else []


def methods(api: ApplicationApi) -> dict[str, Any]:
    """Every typed method there is."""
    return {
        f"{group}.{name}": method
        for group, calls in vars(api).items()
        if isinstance(calls, Group)
        for name, method in inspect.getmembers(calls, inspect.ismethod)
        if not name.startswith("_")
    }
