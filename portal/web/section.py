"""The part of a page that asks for itself again: alone for htmx, within its page for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Response, make_response, render_template

from portal.web import htmx


class Troubled(Protocol):
    """Why something could not be read (`portal/servers/trouble.py`)."""

    @property
    def status(self) -> int:
        """Of a whole page."""

    @property
    def wait_s(self) -> int:
        """How long not to ask again; 0 when nothing says so."""


def section(
    part: str, whole: str, trouble: Troubled | None, page: Callable[[], object], /, *, status: int = 200, **context: Any
) -> Response:
    """The template `part`, or `whole`, which is told `page` too and has the status of the trouble, if there is one."""
    if htmx.wants_fragment():
        return htmx.fragment(part, **context)
    shown = render_template(whole, page=page(), **context)
    return waiting(make_response(shown, trouble.status if trouble else status), trouble.wait_s if trouble else 0)


def waiting(response: Response, seconds: int) -> Response:
    """Say how long not to ask again; 0 says nothing."""
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response
