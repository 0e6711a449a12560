"""What the lists of the application API share: filters, includes, pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from portal.pterodactyl.api import joined
from portal.pterodactyl.paths import Query

NO_FILTERS: Final[Mapping[str, str]] = MappingProxyType({})
PER_PAGE: Final = 100

_INCLUDES: Final[Mapping[str, Mapping[str, str]]] = {
    "user": {"servers": "server"},
    "server": {
        "allocations": "allocation",
        "user": "user",
        "subusers": "subuser",
        "nest": "nest",
        "egg": "egg",
        "variables": "variable",
        "location": "location",
        "node": "node",
        "databases": "database",
    },
    "subuser": {"user": "user", "server": "server"},
    "node": {"allocations": "allocation", "location": "location", "servers": "server"},
    "allocation": {"node": "node", "server": "server"},
    "location": {"nodes": "node", "servers": "server"},
    "nest": {"eggs": "egg", "servers": "server"},
    "egg": {"nest": "nest", "servers": "server", "variables": "variable", "config": "", "script": ""},
    "database": {"password": "", "host": "host"},
    "host": {"databases": "database"},
}
"""From a kind of thing to what can be included with it, and which kind that is."""


def included(kind: str, include: Sequence[str]) -> dict[str, str]:
    """The `include` part of a query about this kind of thing.

    Raises ValueError for one text instead of several, for a name that would be ignored without a word or that the panel
    breaks over (`transfer`, `variables.parent`), and for more than two levels.
    """
    query = joined(include)
    for path in include:
        names, here = path.split("."), kind
        for name in names:
            if len(names) > 2 or name not in _INCLUDES.get(here, {}):
                raise ValueError(f"{path!r} cannot be included with a {kind}")
            here = _INCLUDES[here][name]
    return query


def list_query(
    kind: str, filters: Mapping[str, str], include: Sequence[str], page: int, per_page: int, *, sort: bool = True
) -> Query:
    """The query of a list, in the order of ids where it can be sorted: without `sort` the panel promises none.

    Raises ValueError for an empty filter, which the panel passes over, and for a page or a size below 1.
    """
    if empty := [name for name, value in filters.items() if not value.strip()]:
        raise ValueError(f"an empty filter would find everything: {', '.join(empty)}")
    if page < 1 or per_page < 1:
        raise ValueError("pages and their sizes begin with 1")
    query: dict[str, str | int] = {"page": page, "per_page": per_page, **included(kind, include)}
    if sort:
        query["sort"] = "id"
    return query | {f"filter[{name}]": value for name, value in filters.items()}
