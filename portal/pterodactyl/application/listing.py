"""What the lists of the application API share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from portal.pterodactyl.api import joined

NO_FILTERS: Final[Mapping[str, str]] = MappingProxyType({})
PER_PAGE: Final = 100


def list_query(filters: Mapping[str, str], include: Sequence[str], page: int, per_page: int) -> dict[str, str | int]:
    """The query of a list, always in the order of ids: without `sort` the panel promises none."""
    query: dict[str, str | int] = {"sort": "id", "page": page, "per_page": per_page, **joined(include)}
    return query | {f"filter[{name}]": value for name, value in filters.items()}
