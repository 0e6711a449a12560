"""Every `HX-` name of Roost: what htmx says of a request, and how an answer tells it what to do.

A request without `HX-Request`, a boosted one and one that restores history get a full page, any other htmx request a
fragment. htmx 4 turns several defaults of htmx 2 around; this file is where that step will be made.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request

REFUSED = 422
STOP_POLLING = 286


def wants_fragment() -> bool:
    """Whether the answer to this request is swapped into a page that stands already."""
    headers = request.headers
    return "HX-Request" in headers and "HX-Boosted" not in headers and "HX-History-Restore-Request" not in headers


def page_url() -> str | None:
    """The address of the page that an htmx request came from, as htmx says it."""
    return request.headers.get("HX-Current-URL")


def page_path() -> str:
    """The path of the page that an htmx request came from; empty when it did not say."""
    try:
        return urlsplit(page_url() or "").path
    except ValueError:
        return ""


def vary(response: Response) -> Response:
    """Keep caches from mixing up page and fragment."""
    response.headers.add("Vary", "HX-Request, HX-Boosted, HX-History-Restore-Request")
    return response


def fragment(template: str, status: int = 200, **context: Any) -> Response:
    """A piece of a page."""
    return make_response(render_template(template, **context), status)


def unchanged() -> Response:
    """Nothing to swap."""
    return make_response("", 204)


def go_to(url: str, status: int = 200) -> Response:
    """Let the browser load another page, for a request that htmx made."""
    response = make_response("", status)
    response.headers["HX-Redirect"] = url
    return response


def event(response: Response, name: str, /, **detail: str) -> Response:
    """Let the page know that something happened: an event of that name rises from the element that asked."""
    response.headers["HX-Trigger"] = json.dumps({name: detail}) if detail else name
    return response


def address(response: Response, url: str) -> Response:
    """Let the page be found again as it now looks, under this address instead of its own."""
    response.headers["HX-Replace-Url"] = url
    return response


def last_notice(template: str, **context: Any) -> Response:
    """A message for `#notices` that also ends the poll which asked."""
    return notice(template, STOP_POLLING, **context)


def notice(template: str, status: int, **context: Any) -> Response:
    """A message for `#notices`, whatever the request was aimed at; the page keeps what it shows."""
    response = fragment(template, status, **context)
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
