"""Bytes to JSON, strictly: anything odd is a ValueError, never a crash."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 32


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
    if "\\u" in text:
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
    level = [value]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    if any(isinstance(value, dict | list) for value in level):
        raise ValueError("nested too deeply")
