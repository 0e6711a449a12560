"""Addresses and ports of a server."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.network import read_allocation
from portal.pterodactyl.models import Allocation
from portal.pterodactyl.paths import number


class NetworkCalls(Group):
    """`/api/client/servers/{server}/network/allocations`; an allocation is named by its number.

    The node learns of changes when it next syncs the server. All also raise ServerStateConflict and NotFound.
    """

    def list(self, server: str) -> tuple[Allocation, ...]:
        """All allocations of a server. Raises NotAllowed (no `allocation.read`).

        `GET /api/client/servers/{server}/network/allocations` (panel 1.11).
        """
        return self._caller.read(_path(server)).each(read_allocation)

    def create(self, server: str) -> Allocation:
        """One more allocation, which the panel chooses.

        Raises Refused (limit reached, switched off, none left), NotAllowed (no `allocation.create`).
        `POST /api/client/servers/{server}/network/allocations` (panel 1.11).
        """
        return self._caller.change(_path(server), read_allocation)

    def update_notes(self, server: str, allocation: int, *, notes: str | None) -> Allocation:
        """Write or (None) clear the note of an allocation, at most 256 characters, of which a panel may keep 191.

        Raises Invalid, NotAllowed (no `allocation.update`).
        `POST /api/client/servers/{server}/network/allocations/{allocation}` (panel 1.11).
        """
        return self._caller.change(_path(server, allocation), read_allocation, {"notes": notes})

    def make_primary(self, server: str, allocation: int) -> Allocation:
        """Make this the allocation that players connect to, from the next start on.

        Raises NotAllowed (no `allocation.update`).
        `POST /api/client/servers/{server}/network/allocations/{allocation}/primary` (panel 1.11).
        """
        path = server_route(server, "network", "allocations", number(allocation), "primary")
        return self._caller.change(path, read_allocation)

    def delete(self, server: str, allocation: int) -> None:
        """Take an allocation away from the server.

        Raises Refused (the primary one, or the server has no limit set), NotAllowed (no `allocation.delete`).
        `DELETE /api/client/servers/{server}/network/allocations/{allocation}` (panel 1.11).
        """
        self._caller.write(_path(server, allocation), method="DELETE")


def _path(server: str, *allocation: int) -> str:
    return server_route(server, "network", "allocations", *(number(one) for one in allocation))
