"""Who gets a websocket (`router/router_server_ws.go`), and what the others are told."""
from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response
from wsproto.utilities import generate_accept_token

from portal.demo.wings.cors import add_cors
from portal.demo.wings.http import UNEXPECTED, json_answer
from portal.demo.wings.node import WingsNode

_PATH = re.compile(r"/api/servers/([^/]+)/ws")
_NONCE_BYTES = 16


def server_in(environ: Mapping[str, Any]) -> str:
    """The uuid that the path names; empty when it names none."""
    found = _PATH.fullmatch(environ.get("PATH_INFO", ""))
    return found[1] if found else ""


def refusal(node: WingsNode, environ: dict[str, Any]) -> bytes | None:
    """The whole answer, when no socket is opened."""
    request_id = node.chance.uuid()
    if node.find(server_in(environ)) is None:
        response = json_answer({"error": "The requested resource does not exist on this instance."}, 404)
    elif (status := _status(node, environ)) is None:
        return None
    else:
        error = json.dumps({"error": UNEXPECTED, "request_id": request_id}, separators=(",", ":"))
        response = Response(f"{HTTPStatus(status).phrase}\n{error}", status, content_type="text/plain; charset=utf-8")
        response.headers.extend({"Sec-WebSocket-Version": "13", "X-Content-Type-Options": "nosniff"})
    response.headers.extend({"X-Request-Id": request_id, "Connection": "close"})
    add_cors(response, Request(environ), node)
    head = [f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in response.headers)]
    return "\r\n".join([*head, "", ""]).encode() + response.get_data()


def acceptance(environ: Mapping[str, Any]) -> bytes:
    token = generate_accept_token(environ["HTTP_SEC_WEBSOCKET_KEY"].encode()).decode()
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {token}\r\n\r\n").encode()


def _status(node: WingsNode, environ: Mapping[str, Any]) -> int | None:
    is_upgrade = (_holds(environ, "HTTP_CONNECTION", "upgrade") and _holds(environ, "HTTP_UPGRADE", "websocket")
                  and _holds(environ, "HTTP_SEC_WEBSOCKET_VERSION", "13"))
    if not is_upgrade:
        return 400
    if not _is_known_origin(node, environ.get("HTTP_ORIGIN", "")):
        return 403
    most = node.socket_faults.most
    if most is not None and len(node.sockets.list(server_in(environ))) >= most:
        return 400
    return None if _is_nonce(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")) else 400


def _is_known_origin(node: WingsNode, origin: str) -> bool:
    """Compared as plain text; a missing header is the empty one."""
    if node.socket_faults.refuse_origin:
        return False
    return origin == node.panel_url() or any(known in ("*", origin) for known in node.config.allowed_origins)


def _holds(environ: Mapping[str, Any], name: str, token: str) -> bool:
    return token in (one.strip().lower() for one in environ.get(name, "").split(","))


def _is_nonce(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == _NONCE_BYTES
    except (ValueError, binascii.Error):
        return False
