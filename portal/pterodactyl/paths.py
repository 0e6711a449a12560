"""Paths and query strings, built so that no value can change the route."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlencode

Query = Mapping[str, str | int]


def segment(value: str | int) -> str:
    """One percent-encoded path segment.

    Raises ValueError for what could leave its place: empty, blank, "." and "..", anything with a slash, a backslash
    or a control character, also if a web server in between decodes it once too often; text that is not valid
    Unicode; and numbers that are no ids.
    """
    text = value if isinstance(value, str) else str(number(value))
    for reading in (text, unquote(text), unquote(unquote(text))):
        if reading.strip() in ("", ".", ".."):
            raise ValueError("a path segment must name something")
        if any(character in "/\\" or unicodedata.category(character) in ("Cc", "Cs") for character in reading):
            raise ValueError("a path segment must not hold slashes or control characters")
    return quote(text, safe="")


def number(value: int) -> int:
    """A database id. Raises ValueError for anything but a whole number from 1 on; true is none."""
    if type(value) is not int or value < 1:
        raise ValueError("an id is a whole number from 1 on")
    return value


def route(*segments: str | int) -> str:
    """The path `/api/...` of the given segments, each encoded by itself."""
    return "/api/" + "/".join(segment(value) for value in segments)


def query_string(query: Query | None) -> str:
    """`?a=b` with everything percent-encoded, or nothing.

    Raises ValueError for text that is not valid Unicode.
    """
    if not query:
        return ""
    return "?" + urlencode({name: str(value) for name, value in query.items()}, quote_via=quote, safe="")
