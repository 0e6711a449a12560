"""One page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `total_pages` is at least 1, `current_page` counts from 1."""

    items: tuple[T, ...]
    total: int
    count: int
    per_page: int
    current_page: int
    total_pages: int
