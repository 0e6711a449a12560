"""Wings' HTTP surface (Wings 1.11, `router/router.go`) as a WSGI application: who is let in, where each call goes."""
from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo.jobs import PATIENCE_SECONDS
from portal.demo.wings import backups_http, files_http, installs, pulls_http, servers, signed_http, update
from portal.demo.wings.cors import add_cors
from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, json_answer, nothing
from portal.demo.wings.node import WingsNode

_ROUTES: tuple[NodeRoute, ...] = (
    *servers.ROUTES, *installs.ROUTES, *files_http.ROUTES, *pulls_http.ROUTES, *backups_http.ROUTES,
)
_PATTERNS = tuple(
    (route, re.compile(r"/api/servers/(?P<uuid>[^/]+)" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)))
    for route in _ROUTES
)
_PUBLIC: dict[tuple[str, str], Callable[[WingsNode, Request], Response]] = {**signed_http.PUBLIC}
"""What a browser may call without the node's key: each request carries a signed token of its own."""
_OF_THE_NODE: dict[tuple[str, str], Callable[[WingsNode, Request], Response]] = {
    ("POST", "/api/servers"): servers.create,
    ("POST", "/api/update"): update.update_configuration,
}


class Daemon:
    """One node's Wings.  It reads its configuration from the panel's rows."""

    def __init__(self, node: WingsNode) -> None:
        self.node = node

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.node.jobs.run_due(PATIENCE_SECONDS)
        request_id = self.node.chance.uuid()
        request = Request(environ)
        try:
            response = self._answer(request)
        except WingsError as error:
            more = {"request_id": request_id} if error.is_common else {}
            response = json_answer({"error": error.text, **more}, error.status)
            response.headers.extend(error.headers)
        response.headers["X-Request-Id"] = request_id
        response.call_on_close(request.close)
        add_cors(response, request, self.node)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return nothing()
        public = _PUBLIC.get((request.method, request.path))
        if public is not None:
            return public(self.node, request)
        self._require_key(request)
        of_the_node = _OF_THE_NODE.get((request.method, request.path))
        if of_the_node is not None:
            return of_the_node(self.node, request)
        route, parameters = _match(request)
        found = self.node.find(parameters.pop("uuid"))
        if found is None:
            raise WingsError(404, "The requested resource does not exist on this instance.")
        server, process = found
        return route.handler(NodeCall(self.node, request, server, process, parameters))

    def _require_key(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise WingsError(401, "The required authorization heads were not present in the request.",
                             headers={"WWW-Authenticate": "Bearer"})
        if not hmac.compare_digest(token.encode(), self.node.key.encode()):
            raise WingsError(403, "You are not authorized to access this endpoint.")


def _match(request: Request) -> tuple[NodeRoute, dict[str, str]]:
    for route, pattern in _PATTERNS:
        found = pattern.fullmatch(request.path)
        if found and request.method == route.method:
            return route, found.groupdict()
    raise WingsError(404, "404 page not found")
