"""Which pages' scripts may read a node's answers (`router/middleware`, `SetAccessControlHeaders`)."""
from __future__ import annotations

from werkzeug.wrappers import Request, Response

from portal.demo.wings.node import WingsNode

_HEADERS = ("Accept", "Accept-Encoding", "Authorization", "Cache-Control", "Content-Type", "Content-Length", "Origin",
            "X-Real-IP", "X-CSRF-Token")


def add_cors(response: Response, request: Request, node: WingsNode) -> None:
    """On every answer, whoever asks; an origin that is not listed hears of the panel's."""
    origin = request.headers.get("Origin", "")
    allowed = next((listed for listed in node.config.allowed_origins if listed in ("*", origin)), node.panel_url())
    response.headers["Access-Control-Allow-Origin"] = allowed
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, PUT, DELETE, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = ", ".join(_HEADERS)
    response.headers["Access-Control-Max-Age"] = "7200"
