"""Rows by what a path calls them; what is not there is the panel's usual 404."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from portal.demo.collation import same_number, same_text
from portal.demo.errors import not_found


class Numbered(Protocol):
    id: int


Row = TypeVar("Row")
NumberedRow = TypeVar("NumberedRow", bound=Numbered)


def by_number(rows: Iterable[NumberedRow], text: str) -> NumberedRow:
    """As MariaDB compares a number with a text: `1abc` is 1."""
    for row in rows:
        if same_number(row.id, text):
            return row
    raise not_found()


def by_text(rows: Iterable[Row], column: Callable[[Row], str | None], text: str) -> Row:
    for row in rows:
        value = column(row)
        if value is not None and same_text(value, text):
            return row
    raise not_found()
