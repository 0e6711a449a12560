"""The signed tokens that the panel issues for its nodes (`NodeJWTService`)."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from portal.demo.seed import Chance
from portal.demo.world import Node, Server, User

NOT_BEFORE_SECONDS = -300
WEBSOCKET_SECONDS = 600
SIGNED_URL_SECONDS = 900


def jti_of(user: User, server: Server) -> str:
    """All tokens of one user and server share it."""
    return hashlib.md5(f"{user.id}{server.uuid}".encode(), usedforsecurity=False).hexdigest()


def token_for(user: User, server: Server, claims: dict[str, Any], *, issuer: str, now: float, lifetime: int,
              chance: Chance) -> str:
    """A token for the server's node, signed with the node's secret."""
    node = server.node
    jti = jti_of(user, server)
    issued = int(now)
    return sign({"typ": "JWT", "alg": "HS256", "jti": jti}, {
        "iss": issuer,
        "aud": [node.connection_address],
        "jti": jti,
        "iat": issued,
        "nbf": issued + NOT_BEFORE_SECONDS,
        "exp": issued + lifetime,
        **claims,
        "user_uuid": user.uuid,
        "user_id": user.id,
        "unique_id": chance.text(16),
    }, node)


def sign(header: dict[str, Any], claims: dict[str, Any], node: Node) -> str:
    """HS256 with the node's secret."""
    signed = ".".join(_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{_encode(hmac.digest(node.daemon_token.encode(), signed.encode(), 'sha256'))}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
