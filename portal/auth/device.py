"""The mark of a browser that has signed in before: it keeps a stranger's wrong guesses apart from its owner's."""

from __future__ import annotations

import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from portal.panel import settings

COOKIE = "roost_device"
YEAR_S = 31_536_000


def known_for(email: str) -> str | None:
    """The mark of this browser, if it has signed in to this account before."""
    try:
        mark, accounts = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(mark) if email in accounts else None


def remember(response: Response, email: str) -> Response:
    """Mark this browser as one that has signed in to an account; up to five accounts are kept."""
    try:
        mark, accounts = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        mark, accounts = secrets.token_hex(8), []
    kept = [email, *(one for one in accounts if one != email)][:5]
    response.set_cookie(
        COOKIE, str(_signer().dumps([mark, kept])), max_age=YEAR_S, httponly=True, samesite="Lax",
        secure=settings().is_https,
    )  # fmt: skip
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="device")
