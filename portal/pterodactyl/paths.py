"""Paths and query strings, built so that no value can change the route."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote, urlencode

Query = Mapping[str, str | int]


def segment(value: str | int) -> str:
    """One percent-encoded path segment.

    Raises ValueError for what could leave its place: empty, "." and "..", anything with a slash, a backslash
    or a control character, and text that is not valid Unicode.
    """
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError("a path segment must name something")
    if any(character in "/\\" or unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("a path segment must not hold slashes or control characters")
    return quote(text, safe="")


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
