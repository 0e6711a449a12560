"""Nodes as the host sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.pterodactyl.api import Caller, every_item
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, list_query
from portal.pterodactyl.application.reading import read_node
from portal.pterodactyl.models import AppNode, Page
from portal.pterodactyl.paths import route


class AppNodeCalls:
    """`/api/application/nodes`; needs `nodes` READ, which also gives the tokens of nodes away."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self, *, filters: Mapping[str, str] = NO_FILTERS, page: int = 1, per_page: int = PER_PAGE
    ) -> Page[AppNode]:
        """One page of nodes by id. Filters match parts of `uuid`, `name`, `fqdn`.

        Raises KeyRefused, NotAllowed (the key lacks the permission), Refused (unknown filter).
        `GET /api/application/nodes` (panel 1.11).
        """
        query = list_query(filters, (), page, per_page)
        return self._caller.read(route("application", "nodes"), query).page(read_node)

    def iterate(self, *, filters: Mapping[str, str] = NO_FILTERS) -> Iterator[AppNode]:
        """All nodes, 100 to a call; errors as for `list`, and BadAnswer for a list without end."""
        return every_item(route("application", "nodes"), lambda number: self.list(filters=filters, page=number))
