"""What a websocket token lets its holder do, and whether it still counts (`router/tokens/websocket.go`)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.demo.wings import tokens
from portal.demo.wings.node import WingsNode

CONNECT = "websocket.connect"
ERRORS = "admin.websocket.errors"
CONSOLE = "control.console"
POWER = {"start": "control.start", "stop": "control.stop", "restart": "control.restart", "kill": "control.stop"}
NEEDED_TO_SEE = {
    "install output": "admin.websocket.install",
    "transfer logs": "admin.websocket.transfer",
    "backup completed": "backup.read",
}

NOT_PRESENT = "jwt: no jwt present"
NOT_CONNECT = "jwt: missing connect permission"
MISMATCH = "jwt: server uuid mismatch"
DENIED = "jwt: created too far in past (denylist)"
EXPIRED = "jwt: exp claim is invalid"


class JwtError(Exception):
    """`text` is what the peer reads, whatever its permissions."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Grant:
    """A token that was accepted once."""

    node: WingsNode
    claims: Mapping[str, Any]

    @property
    def user_uuid(self) -> str:
        return self.claims.get("user_uuid") or ""

    @property
    def is_denied(self) -> bool:
        """Issued before the node began, or before somebody denied its `jti`: whole seconds against an instant."""
        issued = self.claims.get("iat")
        if issued is None or issued < self.node.booted_at:
            return True
        return bool(issued < self.node.denied.get(self.claims.get("jti") or "", float("-inf")))

    @property
    def seconds_left(self) -> int:
        return int(self.claims["exp"]) - int(self.node.clock.now())

    def may(self, permission: str) -> bool:
        if self.is_denied:
            return False
        held = self.claims.get("permissions") or []
        return permission in held or ("*" in held and not permission.startswith("admin"))

    def require(self, server_uuid: str) -> None:
        """Raises JwtError when no event may go out, or come in, with it now."""
        if self.seconds_left < 0:
            raise JwtError(EXPIRED)
        self.require_use()
        if self.claims.get("server_uuid") != server_uuid:
            raise JwtError(MISMATCH)

    def require_use(self) -> None:
        """Raises JwtError when it was denied, or lets nobody connect."""
        if self.is_denied:
            raise JwtError(DENIED)
        if not self.may(CONNECT):
            raise JwtError(NOT_CONNECT)


def grant_of(node: WingsNode, token: str) -> Grant:
    """Raises JwtError, or BadToken for what was not signed here; which server it is for is not looked at."""
    try:
        claims = tokens.verify(token, node.key, node.clock.now())
    except tokens.ExpiredToken:
        raise JwtError(EXPIRED) from None
    grant = Grant(node, claims)
    if node.socket_faults.refuse_tokens:
        raise JwtError(DENIED)
    grant.require_use()
    return grant
