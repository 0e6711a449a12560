"""Servers as the host sees them: list, view, suspend, unsuspend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from portal.pterodactyl.api import Caller, every_item, joined
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, list_query
from portal.pterodactyl.application.reading import read_app_server
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S
from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import AppServer, Page
from portal.pterodactyl.paths import route


class AppServerCalls:
    """`/api/application/servers`; needs `servers` READ, WRITE to suspend, `users` READ for subusers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppServer]:
        """One page of all servers by id.

        Filters match parts of `uuid`, `uuidShort`, `name`, `external_id`, ...

        Include: `subusers`. Raises KeyRefused, NotAllowed (the key lacks the permission), Refused (unknown
        filter). `GET /api/application/servers` (panel 1.11).
        """
        query = list_query(filters, include, page, per_page)
        return self._caller.read(route("application", "servers"), query).page(read_app_server)

    def iterate(self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = ()) -> Iterator[AppServer]:
        """All servers, 100 to a call; errors as for `list`, and BadAnswer for a list without end."""
        return every_item(
            route("application", "servers"),
            lambda number: self.list(filters=filters, include=include, page=number),
        )

    def view(self, server_id: int, include: Sequence[str] = ()) -> AppServer:
        """One server by its database id. Include: `subusers`.

        Raises NotFound, KeyRefused, NotAllowed. `GET /api/application/servers/{id}` (panel 1.11).
        """
        reader = self._caller.read(route("application", "servers", server_id), joined(include))
        server = read_app_server(reader)
        if server.id != server_id:
            raise BadAnswer("another server than asked for", path="attributes.id", request=reader.request)
        return server

    def suspend(self, server_id: int) -> None:
        """Stop a server and keep it from starting. Doing it twice is the same as once.

        If the node cannot be told, the panel takes the suspension back. Raises ServerStateConflict
        (transferring), NodeRefused, OutcomeUnknown (node or panel silent). `POST
        /api/application/servers/{id}/suspend` (panel 1.11).
        """
        self._act(server_id, "suspend")

    def unsuspend(self, server_id: int) -> None:
        """Let a suspended server start again; it stays off until somebody starts it.

        Errors as for `suspend`. `POST /api/application/servers/{id}/unsuspend` (panel 1.11).
        """
        self._act(server_id, "unsuspend")

    def _act(self, server_id: int, action: str) -> None:
        self._caller.write(route("application", "servers", server_id, action), None, BACKGROUND_WRITE_S)
