"""Lists of the store in pages of fifty rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

PER_PAGE: Final = 50
R = TypeVar("R")
W = TypeVar("W", bound=str)


@dataclass(frozen=True)
class Page(Generic[R, W]):
    """One page; `page` counts from 1, and `counts` is how many rows each word of the list's filter would show."""

    rows: tuple[R, ...]
    total: int
    page: int
    counts: dict[W, int]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return pages_of(self.total)


def pages_of(total: int, per_page: int = PER_PAGE) -> int:
    """How many pages so many rows take, at least one."""
    return max(1, -(-total // per_page))


def within(page: int, total: int) -> int:
    """The page that was asked for, or the nearest that there is."""
    return min(max(1, page), pages_of(total))
