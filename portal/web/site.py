"""What belongs to no feature: the host's logo and colour."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, send_from_directory
from flask.typing import ResponseReturnValue

from portal.panel import settings
from portal.web.access import public

bp = Blueprint("site", __name__)
DAY_S = 86_400


@bp.get("/theme.css")
@public
def theme() -> ResponseReturnValue:
    """The host's accent colour as custom properties, with a text colour that can be read on it."""
    accent = settings().accent
    if accent is None:
        abort(404)
    light = _luminance(accent)
    text = "#000" if light > 0.18 else "#fff"
    on_light = accent if light < 0.165 else "var(--text)"
    on_dark = accent if light > 0.24 else "var(--text)"
    style = (
        f":root{{--accent:{accent};--on-accent:{text};--link:{on_light}}}"
        f"@media(prefers-color-scheme:dark){{:root{{--link:{on_dark}}}}}"
    )
    return _cached(make_response(style, 200, {"Content-Type": "text/css; charset=utf-8"}))


@bp.get("/logo")
@public
def logo() -> ResponseReturnValue:
    """The host's logo, a file in the instance folder."""
    name = settings().logo
    if name is None:
        abort(404)
    return _cached(send_from_directory(settings().instance, name))


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={DAY_S}"
    return response
