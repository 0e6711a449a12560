"""A node that writes down what the panel asks it and answers whatever a test wants."""
from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo import Demo
from portal.demo.world import Server


class StubNode:
    """`asked` holds method, path after the server's, query and body (decoded where it is JSON)."""

    def __init__(self, demo: Demo, server: Server) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.status = 200
        self.answer: Any = {}
        self.headers: dict[str, str] = {}
        self._prefix = f"/api/servers/{server.uuid}"
        demo.fronts[server.node.uuid] = self  # type: ignore[assignment]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        content = json.loads(body) if request.is_json and body else body
        self.asked.append((request.method, request.path.removeprefix(self._prefix), dict(request.args), content))
        data = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return Response(data, self.status, headers=self.headers)(environ, start_response)


def server_called(demo: Demo, name: str) -> Server:
    return next(server for server in demo.world.servers if server.name == name)
