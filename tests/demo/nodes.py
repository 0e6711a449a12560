"""A node that writes down what it is asked and answers as it is told."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo import Demo


class ScriptedNode:
    """Takes the place of every node of the demo; `calls` holds method, path and JSON body."""

    def __init__(self, demo: Demo, status: int = 204, document: str = "") -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.status = status
        self.document = document
        demo.link.nodes = dict.fromkeys(demo.link.nodes, self)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.calls.append((request.method, request.path, request.get_json(silent=True)))
        return Response(self.document, self.status, {"X-Request-Id": "r1"})(environ, start_response)
