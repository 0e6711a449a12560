"""Dataclasses as JSON text in a column, and back."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dump(value: Any) -> str:
    """A dataclass as JSON text; `load` with the same class gives it back."""
    return json.dumps(dataclasses.asdict(value), separators=(",", ":"))


def load(kind: type[T], text: str) -> T:
    """The dataclass that `dump` wrote; a field that came later has its default.

    Raises TypeError or KeyError when the text is of another shape.
    """
    return cast(T, _build(kind, json.loads(text)))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _optional(kind: Any) -> frozenset[str]:
    return frozenset(one.name for one in dataclasses.fields(kind) if one.default is not dataclasses.MISSING)


def _build(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        known = {name: hint for name, hint in _hints(kind).items() if name in value or name not in _optional(kind)}
        return kind(**{name: _build(hint, value[name]) for name, hint in known.items()})
    if get_origin(kind) is tuple:
        return tuple(_build(get_args(kind)[0], item) for item in value)
    return value
