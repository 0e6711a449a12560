"""Whether a page of this portal asks: browsers say a page's origin where its script opens a socket, and never lie."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """An address as browsers write its origin: small letters, no port that goes without saying, no path."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme.lower()}://{host}{port}"


def is_ours(request: Request, portal_url: str) -> bool:
    """Whether the request's `Origin` is the portal's own; without one it is not.

    The origin that the request itself was sent to counts as well (a portal may have two names): another site's page
    can ask that address, but never with that origin, and under a name of its own it has no session of ours.
    """
    said = request.headers.get("Origin")
    try:
        return said is not None and said in (origin_of(portal_url), origin_of(request.host_url))
    except ValueError:  # a host that is none
        return False
