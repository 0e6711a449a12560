"""Checks of the panel's signed tokens on a node (`router/tokens/parser.go`): the signature and the end, no more."""
from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import threading
from typing import Any

REMEMBERED_SECONDS = 3600.0

_BASE64 = re.compile(r"[A-Za-z0-9_-]*")
_TEXTS = ("iss", "sub", "jti", "server_uuid", "user_uuid", "unique_id", "file_path", "backup_uuid")
_TIMES = ("iat", "nbf", "exp")


class BadToken(Exception):
    """Not signed with this node's key, or nothing that could be read."""


class ExpiredToken(BadToken):
    """Signed well, but its time is over; a token that names no end is over from the start."""

    def __init__(self) -> None:
        super().__init__("jwt: exp claim is invalid")


class SpentTokens:
    """The `unique_id`s of links that somebody has opened, for an hour (`router/tokens/token_store.go`)."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def spend(self, unique_id: str, now: float) -> bool:
        """Whether this is the first time."""
        with self._lock:
            self._until = {other: until for other, until in self._until.items() if until > now}
            is_first = unique_id not in self._until
            self._until.setdefault(unique_id, now + REMEMBERED_SECONDS)
            return is_first


def verify(token: str, key: str, now: float) -> dict[str, Any]:
    """The claims; `now` in unix seconds.  Raises BadToken or ExpiredToken.

    Nothing else is looked at: not the issuer, not `nbf`, not what the token was made for.
    """
    header, _, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    expected = hmac.digest(key.encode(), f"{header}.{payload}".encode("utf-8", "replace"), "sha256")
    if not hmac.compare_digest(_decode(signature), expected):
        raise BadToken("jwt: HMAC verification error")
    _object(header)
    claims = _object(payload)
    if not _is_well_typed(claims):
        raise BadToken("jwt: wrong types")
    if claims.get("exp") is None or int(now) > claims["exp"]:
        raise ExpiredToken
    return claims


def _is_well_typed(claims: dict[str, Any]) -> bool:
    texts = all(isinstance(claims.get(name), str | None) for name in _TEXTS)
    times = all(isinstance(claims.get(name), int | float | None) for name in _TIMES)
    permissions = claims.get("permissions") or []
    return texts and times and isinstance(permissions, list) and all(isinstance(one, str) for one in permissions)


def _object(part: str) -> dict[str, Any]:
    try:
        document = json.loads(_decode(part))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise BadToken("jwt: malformed token")
    return document


def _decode(part: str) -> bytes:
    """Base64 for URLs, without padding."""
    if not _BASE64.fullmatch(part):
        raise BadToken("jwt: malformed token")
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise BadToken("jwt: malformed token") from None
