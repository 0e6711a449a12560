"""Wings' HTTP surface as the panel uses it (Wings 1.11, `router/router_server.go`), as a WSGI application."""
from __future__ import annotations

import hmac
import json
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo.wings.process import SIGNALS, Process
from portal.demo.wings.usage import memory_limit_bytes
from portal.demo.world import Node, Server, World

_SERVER_PATH = re.compile(r"/api/servers/(?P<uuid>[^/]+)(?P<action>/[a-z/]+)?")


class Daemon:
    """One node's Wings; `processes` are keyed by server uuid.  It reads its configuration from the panel's rows."""

    def __init__(self, node: Node, world: World, processes: dict[str, Process]) -> None:
        self.node = node
        self.processes = processes
        self._world = world
        self._actions: dict[tuple[str, str], Callable[[Server, Process, Request], Response]] = {
            ("GET", ""): self._details,
            ("POST", "/power"): self._power,
            ("POST", "/commands"): self._commands,
            ("POST", "/sync"): self._sync,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = self._answer(Request(environ))
        response.headers["X-Request-Id"] = str(uuid.uuid4())
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            response = _error(401, "The required authorization heads were not present in the request.")
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        if not hmac.compare_digest(token.encode(), self.node.daemon_token.encode()):
            return _error(403, "You are not authorized to access this endpoint.")
        path = _SERVER_PATH.fullmatch(request.path)
        act = self._actions.get((request.method, path["action"] or "")) if path else None
        if path is None or act is None:
            return Response("404 page not found", 404)
        server = next((server for server in self._world.servers_of(self.node) if server.uuid == path["uuid"]), None)
        if server is None:
            return _error(404, "The requested resource does not exist on this instance.")
        return act(server, self.processes[server.uuid], request)

    def _details(self, server: Server, process: Process, _request: Request) -> Response:
        usage = process.usage
        return _json({
            "state": process.state,
            "is_suspended": process.is_suspended,
            "utilization": {
                "memory_bytes": usage.memory_bytes,
                "memory_limit_bytes": memory_limit_bytes(server.limits.memory),
                "cpu_absolute": usage.cpu_absolute,
                "network": {"rx_bytes": usage.rx_bytes, "tx_bytes": usage.tx_bytes},
                "uptime": usage.uptime_ms,
                "state": process.state,
                "disk_bytes": process.disk_bytes,
            },
            "configuration": {
                "uuid": server.uuid,
                "meta": {"name": server.name, "description": server.description},
                "suspended": process.is_suspended,
            },
        })

    def _power(self, _server: Server, process: Process, request: Request) -> Response:
        action = request.get_json().get("action")
        if action not in SIGNALS:
            return _error(422, 'The power action provided was not valid, should be one of "stop", "start", '
                               '"restart", "kill"')
        if action in ("start", "restart") and process.is_suspended:
            return _error(400, "Cannot start or restart a server that is suspended.")
        process.power(action)
        return Response(status=202)

    def _commands(self, _server: Server, process: Process, request: Request) -> Response:
        if process.state == "offline":
            return _error(502, "Cannot send commands to a stopped server instance.")
        process.commands += request.get_json().get("commands", [])
        return Response(status=204)

    def _sync(self, server: Server, process: Process, _request: Request) -> Response:
        process.sync(is_suspended=server.is_suspended)
        return Response(status=204)


def _json(document: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(document), status, content_type="application/json; charset=utf-8")


def _error(status: int, text: str) -> Response:
    return _json({"error": text}, status)
