"""Bytes to JSON, strictly: anything odd is a ValueError, never a crash."""

from __future__ import annotations

import json
import re
from typing import Any, Final

DEEPEST: Final = 32
_SURROGATES = re.compile(r"\\u[dD](?:[89abAB]..\\u[dD][c-fC-F]..|[89a-fA-F]..)")
"""Two that belong together, else one."""
_PAIR: Final = 12
_ESCAPED: Final = "\\\\u"
"""A backslash that is text: what follows is no escape, and may be taken for one."""


def parse(body: bytes) -> Any:
    """The JSON document in `body`.

    Refuses with ValueError: invalid UTF-8, NaN and infinities, repeated keys, numbers with thousands of
    digits, lone surrogates, nesting deeper than 32. A byte order mark in front is dropped.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _check_depth(value)
    if _ESCAPED in text or any(len(found[0]) != _PAIR for found in _SURROGATES.finditer(text)):
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # UnicodeEncodeError, a ValueError: a lone surrogate
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_depth(value: Any) -> None:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        if not level:
            return
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
    if level:
        raise ValueError("nested too deeply")
