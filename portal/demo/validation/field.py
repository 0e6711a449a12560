"""One field under validation: where it is, what was sent, and which rules it has."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

_NUMBER_RULES = frozenset({"numeric", "integer", "decimal"})
_MISSING = object()


@dataclass(frozen=True)
class Field:
    """`rules` are the names of all its rules, `values` everything that was sent; a field that is missing is None."""

    path: str
    label: str
    value: Any
    is_present: bool
    rules: frozenset[str]
    values: dict[str, Any]

    @property
    def kind(self) -> Literal["numeric", "array", "string"]:
        """What sizes mean; the rules say so and not the value."""
        if self.means_number:
            return "numeric"
        return "array" if "array" in self.rules else "string"

    @property
    def means_number(self) -> bool:
        return bool(self.rules & _NUMBER_RULES)

    def other(self, path: str) -> Any:
        """What was sent in another field, None if nothing was."""
        return found if (found := look_up(self.values, path)) is not _MISSING else None

    def has_other(self, path: str) -> bool:
        return look_up(self.values, path) is not _MISSING


def fields_of(values: dict[str, Any], pattern: str, rules: frozenset[str]) -> list[Field]:
    """One for each path that the pattern stands for; a `*` means every item that is there."""
    return [
        Field(path, label(path, is_item="*" in pattern), None if value is _MISSING else value, value is not _MISSING,
              rules, values)
        for path, value in _expand(values, pattern.split("."), "")
    ]


def label(path: str, *, is_item: bool = False) -> str:
    """What texts call a field: words, but the bare path for an item of a list."""
    return path if is_item else re.sub(r"(.)(?=[A-Z])", r"\1_", path).lower().replace("_", " ")


def look_up(values: Any, path: str) -> Any:
    """`Arr::get`."""
    for part in path.split("."):
        values = _child(values, part)
    return values


def _child(values: Any, name: str) -> Any:
    if isinstance(values, dict):
        return values.get(name, _MISSING)
    if isinstance(values, list) and name.isdecimal() and int(name) < len(values):
        return values[int(name)]
    return _MISSING


def _expand(values: Any, path: list[str], walked: str) -> list[tuple[str, Any]]:
    if not path:
        return [(walked, values)]
    head, *rest = path
    if head != "*":
        return _expand(_child(values, head), rest, f"{walked}.{head}".lstrip("."))
    if isinstance(values, dict):
        children = [(str(key), item) for key, item in values.items()]
    else:
        children = [(str(index), item) for index, item in enumerate(values)] if isinstance(values, list) else []
    return [found for key, item in children for found in _expand(item, rest, f"{walked}.{key}")]
