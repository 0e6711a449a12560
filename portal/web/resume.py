"""Signing in again in the middle of an action: back to the same page, with what was typed.

What was typed travels in the session cookie, signed but readable, for at most half an hour and 2,000 characters, and
only what the policy of a route names: whatever else somebody typed may be a secret.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import URLSafeSerializer

from portal import clock
from portal.web import htmx

KEPT_S = 1800
KEPT_CHARACTERS = 2000
KEPT_BYTES = 3000
"""Of the finished cookie: browsers throw one away that has more than 4,096 with all that belongs to it."""


def inside(target: str | None) -> str | None:
    """A path inside this site, or None: nothing that a browser could take for another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 32 or letter == "\\" or "\ud800" <= letter <= "\udfff" for letter in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def sign_in_first() -> ResponseReturnValue:
    """To the login page; afterwards back to where the person was."""
    back = _page()
    if request.method not in ("GET", "HEAD"):
        _keep(back)
    target = url_for("auth.login", next=back)
    return htmx.go_to(target, 401) if htmx.wants_fragment() else redirect(target, 303)


def say_so() -> ResponseReturnValue:
    """The answer to a poll whose session has ended: a notice, and no more polls; the page stays."""
    return htmx.last_notice("errors/_session.html", target=url_for("auth.login", next=_page()))


def typed(page: str) -> dict[str, str]:
    """What was typed on a page before its session ended; can be taken once."""
    kept = session.get("typed")
    if not isinstance(kept, dict) or kept.get("page") != page:
        return {}
    session.pop("typed")
    if clock.now() - float(kept.get("at", 0)) > KEPT_S:
        return {}
    return {str(name): str(value) for name, value in kept.get("fields", {}).items()}


def kept(account_id: int) -> Any:
    """What `typed` would give, to carry it over into a new session of an account; None when another one typed it."""
    found = session.get("typed")
    return found if isinstance(found, dict) and found.get("account") in (None, account_id) else None


def _keep(page: str) -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    names: tuple[str, ...] = getattr(getattr(view, "policy", None), "keeps", ())
    fields = {name: value for name, value in request.form.items() if name in names} if names else {}
    if not fields or sum(len(name) + len(value) for name, value in fields.items()) > KEPT_CHARACTERS:
        return
    typed = {"page": page, "at": clock.now(), "fields": fields, "account": session.get("account")}
    if len(URLSafeSerializer(current_app.secret_key or "").dumps(typed)) <= KEPT_BYTES:
        session["typed"] = typed


def _page() -> str:
    """The page that the person looks at: the request itself, or where htmx or the form says it came from."""
    if request.method in ("GET", "HEAD") and not htmx.wants_fragment():
        return request.full_path.rstrip("?")
    source = htmx.page_url() or request.referrer or ""
    try:
        parts = urlsplit(source)
    except ValueError:
        return "/"
    if parts.netloc == request.host:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return inside(path) or "/"
    return "/"
