"""`filter[...]` and `sort` as the panel's query builder reads them."""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from portal.demo import php
from portal.demo.errors import PanelError
from portal.demo.http import Request

Row = TypeVar("Row")
Column = Callable[[Any], Any]
Filter = Callable[[Any], Callable[[Any], bool]]
"""From the value that was asked for to what says of a row whether it passes."""


def partial(column: Column) -> Filter:
    """Substring of a column, whatever the case; several values mean any of them."""
    def filtered(value: Any) -> Callable[[Any], bool]:
        wanted = [php.to_string(part) for part in php.items(value)]
        if isinstance(value, (list, dict)):
            wanted = [text for text in wanted if text]
            if not wanted:
                return lambda _row: True
        return lambda row: any(like(column(row), f"%{text}%") for text in wanted)
    return filtered


def exact(is_same: Callable[[Any, str], bool]) -> Filter:
    """A column compared as the database does; several values mean any of them."""
    def filtered(value: Any) -> Callable[[Any], bool]:
        wanted = [php.to_string(part) for part in php.items(value)]
        return lambda row: any(is_same(row, text) for text in wanted)
    return filtered


def like(value: Any, pattern: str) -> bool:
    """SQL's LIKE without regard to case; the panel leaves `%` and `_` of its callers in force."""
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(wildcards.get(character) or re.escape(character) for character in pattern)
    return value is not None and re.fullmatch(expression, str(value), re.IGNORECASE | re.DOTALL) is not None


def apply_filters(rows: Sequence[Row], request: Request, allowed: dict[str, Filter]) -> list[Row]:
    """Keeps the rows that pass every filter; a filter outside `allowed` is refused."""
    asked = request.query.get("filter")
    if not isinstance(asked, dict):
        return list(rows)
    unknown = [name for name in asked if name not in allowed]
    if unknown:
        raise PanelError(400, "InvalidFilterQuery",
                         f"Requested filter(s) `{', '.join(unknown)}` are not allowed. "
                         f"Allowed filter(s) are `{', '.join(allowed)}`.")
    filters = [allowed[name](_value(value)) for name, value in asked.items() if value is not None]
    return [row for row in rows if all(passes(row) for passes in filters)]


def apply_sorts(rows: Sequence[Row], request: Request, allowed: dict[str, Column]) -> list[Row]:
    """Sorts stably: rows that compare equal keep their order, in a descending sort too."""
    asked = request.query.get("sort")
    if asked is None:
        return list(rows)
    sorts = [str(name) for name in (php.items(asked) if isinstance(asked, dict) else asked.split(",")) if name]
    unknown = [name.lstrip("-") for name in sorts if name.lstrip("-") not in allowed]
    if unknown:
        raise PanelError(400, "InvalidSortQuery",
                         f"Requested sort(s) `{', '.join(unknown)}` is not allowed. "
                         f"Allowed sort(s) are `{', '.join(allowed)}`.")
    result = list(rows)
    for name in reversed(sorts):
        result.sort(key=allowed[name.lstrip("-")], reverse=name.startswith("-"))
    return result


def _value(asked: Any) -> Any:
    """A comma makes alternatives, the words true and false become booleans."""
    if isinstance(asked, dict):
        return {key: _value(part) for key, part in asked.items()}
    if isinstance(asked, str) and "," in asked:
        return asked.split(",")
    return {"true": True, "false": False}.get(asked, asked)
