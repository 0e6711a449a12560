"""The node's own configuration as the panel sends it (`POST /api/update`, `router/router_system.go`)."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo.wings.http import UNEXPECTED, WingsError, document_of, json_answer
from portal.demo.wings.node import WingsNode

_SHAPE: dict[str, type | dict[str, Any]] = {
    "debug": bool, "uuid": str, "token_id": str, "token": str, "remote": str,
    "api": {"host": str, "port": int, "upload_limit": int, "ssl": {"enabled": bool, "cert": str, "key": str}},
    "system": {"data": str, "sftp": {"bind_port": int}},
    "allowed_mounts": list,
}


def update_configuration(node: WingsNode, request: Request) -> Response:
    """What is absent stays.  Only the token counts from now on: a port is opened when Wings starts."""
    if node.config.ignores_updates:
        return json_answer({"applied": False})
    document = document_of(request)
    if not _has_shape(document, _SHAPE):
        raise WingsError(400, UNEXPECTED, is_common=True)
    if document.get("token"):
        node.row.configured_token = document["token"]
    return json_answer({"applied": True})


def _has_shape(document: dict[str, Any], shape: dict[str, Any]) -> bool:
    """Null is as good as absent."""
    for name, kind in shape.items():
        value = document.get(name)
        if value is None:
            continue
        if isinstance(kind, dict):
            if not (isinstance(value, dict) and _has_shape(value, kind)):
                return False
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            return False
    return True
