"""Headers of every answer, and compression of what is worth it."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from typing import Literal

import brotli
from flask import Flask, Response, request

from portal.web import htmx

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self'; connect-src 'self'"
)
COMPRESSED = ("text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")
SCRIPT_OR_STYLE = ("text/css", "text/javascript")
"""What a browser never shows as a document of its own; it needs no policy."""
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LEAST = 500
LONG = 65_536
"""A static file from which on the best brotli takes a second, for a tenth of its size."""
YEAR_S = 31_536_000
Coding = Literal["br", "gzip"]


def register(app: Flask) -> None:
    """Put the headers on every answer of an app."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}")
    if response.mimetype == "image/svg+xml":  # a document when it is opened by itself, and then it may do nothing
        headers.setdefault("Content-Security-Policy", POLICY)
    elif response.mimetype not in SCRIPT_OR_STYLE:
        for name, value in PAGE_HEADERS.items():
            headers.setdefault(name, value)
    if request.endpoint == "static" and response.status_code < 400:
        if "v" in request.args:
            headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
        htmx.vary(response)
    return _compressed(response)


def _compressed(response: Response) -> Response:
    coding = _coding(request.headers.get("Accept-Encoding", ""))
    if (
        response.mimetype not in COMPRESSED
        or response.status_code not in (200, 422)
        or coding is None
        or "Content-Encoding" in response.headers
        or request.method == "HEAD"
    ):
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) < LEAST:
        return response
    is_fixed = request.endpoint == "static"
    response.set_data(_squeezed_once(plain, coding) if is_fixed else _squeezed(plain, coding, quality=5))
    response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    if etag := response.get_etag()[0]:
        response.set_etag(f"{etag}-{coding}")
        response.make_conditional(request.environ)
    return response


def _coding(accepted: str) -> Coding | None:
    """Brotli if the browser takes it (browsers offer it over TLS and to localhost), else gzip."""
    offers = (word.partition(";") for word in accepted.lower().split(","))
    words = {name.strip() for name, _, rest in offers if not re.fullmatch(r"\s*q=0(\.0*)?\s*", rest)}
    return "br" if "br" in words else "gzip" if "gzip" in words else None


@lru_cache(maxsize=256)
def _squeezed_once(plain: bytes, coding: Coding) -> bytes:
    """A static file as small as it gets in a twentieth of a second, once in each process."""
    return _squeezed(plain, coding, quality=11 if len(plain) < LONG else 9)


def _squeezed(plain: bytes, coding: Coding, *, quality: int) -> bytes:
    if coding == "br":
        return bytes(brotli.compress(plain, quality=quality))
    return gzip.compress(plain, min(quality + 1, 9), mtime=0)
