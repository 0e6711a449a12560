"""Addresses and ports of a node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application.group import Group
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, list_query
from portal.pterodactyl.application.reading import read_app_allocation
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S
from portal.pterodactyl.models import AppAllocation, Page
from portal.pterodactyl.paths import number, route


class AllocationCalls(Group):
    """`/api/application/nodes/{node}/allocations`; needs `allocations` READ, WRITE to change them.

    All also raise KeyRefused and NotAllowed (the key lacks the permission).
    """

    def list(
        self,
        node_id: int,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppAllocation]:
        """One page of a node's allocations, in no promised order.

        Filters: `ip`, `port` (exactly), `ip_alias` (a part of it), `server_id` (that server's, `0`: free ones).
        Includes: `node`, `server`. Raises NotFound, KeyRefused, NotAllowed (the key lacks the permission), Refused
        (unknown filter). `GET /api/application/nodes/{id}/allocations` (panel 1.11).
        """
        query = list_query("allocation", filters, include, page, per_page, sort=False)
        return self._caller.read(_path(node_id), query).page(read_app_allocation)

    def iterate(
        self,
        node_id: int,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        per_page: int = PER_PAGE,
    ) -> Iterator[AppAllocation]:
        """All allocations of a node, `per_page` to a call; errors as for `list`, BadAnswer for a list without end."""

        def ask(page: int) -> Page[AppAllocation]:
            return self.list(node_id, filters=filters, include=include, page=page, per_page=per_page)

        return every_item(_path(node_id), ask)

    def find(self, node_id: int, *, ip: str, port: int, include: Sequence[str] = ()) -> AppAllocation | None:
        """The allocation of this address and port, or None: the way to learn the ids of what was made.

        Errors as for `iterate`, and ValueError for what is no address: of a name the panel keeps what it meant.
        """
        address = str(ip_address(ip))
        found = self.iterate(node_id, filters={"ip": address, "port": str(port)}, include=include)
        return next((one for one in found if (one.ip, one.port) == (address, port)), None)

    def create(self, node_id: int, *, ip: str, ports: Sequence[int | str], alias: str | None = None) -> None:
        """Make allocations on an address. The panel tells no ids: see `find`, or `list` by `port`.

        `ip` is an address, a name that the panel looks up, or up to 32 addresses (`192.0.2.0/27`). `ports` are ports
        and ranges (`25565`, `"25570-25600"`, at most 1,000 in one), all above 1024. What is there already stays as it
        is. Raises NotFound, Invalid, Refused (address or port is none), OutcomeUnknown. `POST
        /api/application/nodes/{id}/allocations` (panel 1.11).
        """
        if isinstance(ports, str):
            raise ValueError("ports are several, not one text")
        body = {"ip": ip, "ports": [str(port) for port in ports], "alias": alias}
        self._caller.write(_path(node_id), body, BACKGROUND_WRITE_S)

    def delete(self, node_id: int, allocation_id: int) -> None:
        """Delete an allocation. Raises NotFound (also on another node), Refused (a server has it), OutcomeUnknown.

        `DELETE /api/application/nodes/{id}/allocations/{allocation}` (panel 1.11).
        """
        self._caller.write(_path(node_id, number(allocation_id)), method="DELETE")


def _path(node_id: int, *segments: int) -> str:
    return route("application", "nodes", number(node_id), "allocations", *segments)
