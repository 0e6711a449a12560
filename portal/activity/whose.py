"""Whose the service key is: asked with that key, and remembered for an hour."""

from __future__ import annotations

from typing import Final

from flask import current_app

from portal import clock
from portal.credentials import service as credentials
from portal.panel import client
from portal.pterodactyl import errors

KNOWN_S: Final = 3600.0
AGAIN_S: Final = 60.0
_MEMO = "roost_activity_service_account"
Memo = tuple[str, tuple[str, str] | None, float]
"""The service key's identifier, the name and mail address of whom it belongs to, and until when that is believed."""


def owner() -> tuple[str, str] | None:
    """User name and mail address of the account that the service key belongs to; None while that is not known."""
    return _memo()[1]


def ask(who: str) -> bool:
    """Find it out unless it is known; whether the panel was asked for it (one call). `who`: the account that waits."""
    credential, memo = credentials.service(), _memo()
    if credential is None or (memo[0] == credential.key.identifier and memo[2] > clock.now()):
        return False
    found, lasts_s = None, AGAIN_S
    try:
        with credentials.noticing(credential):
            seen = client(credential.key, who=who).account.view()
        found, lasts_s = (seen.username, seen.email), KNOWN_S
    except errors.PanelError:
        found = memo[1] if memo[0] == credential.key.identifier else None
    current_app.extensions[_MEMO] = (credential.key.identifier, found, clock.now() + lasts_s)
    return True


def _memo() -> Memo:
    memo: Memo = current_app.extensions.get(_MEMO, ("", None, 0.0))
    return memo
