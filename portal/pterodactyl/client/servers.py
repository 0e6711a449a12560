"""Servers as a customer sees them: list, view, usage, power, command, socket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from portal.pterodactyl.api import every_item, joined
from portal.pterodactyl.client.group import Group
from portal.pterodactyl.client.reading.servers import read_server, read_stats, read_view, read_websocket
from portal.pterodactyl.deadlines import NODE_READ_S
from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import (
    Page,
    PowerSignal,
    Server,
    ServerFilter,
    ServerInclude,
    ServerType,
    ServerView,
    Stats,
    WebsocketCredentials,
)
from portal.pterodactyl.paths import route

NO_FILTERS: Final[Mapping[ServerFilter, str]] = MappingProxyType({})


class ServerCalls(Group):
    """`/api/client` and `/api/client/servers`. A server is named by its 8 characters or its full UUID."""

    def list(
        self,
        *,
        type: ServerType | None = None,
        filters: Mapping[ServerFilter, str] = NO_FILTERS,
        include: Sequence[ServerInclude] = (),
        page: int = 1,
        per_page: int = 100,
    ) -> Page[Server]:
        """One page of servers, oldest first; the panel caps `per_page` at 100.

        Without `type`: those the account owns or is a subuser of. "owner": its own; "admin": all others;
        "admin-all": every one (the last two are empty for anyone but an admin). Filters: `uuid`, `name`,
        `description`, `external_id`, `*`; includes: `egg`, `subusers`. Servers in any state are listed.
        A comma in a filter means "or". `*` searches names, ids and addresses (`192.0.2.1`, `:25565`). Raises
        KeyRefused, ValueError (a comma in `*`, over which the panel breaks). `GET /api/client` (panel 1.11).
        """
        if "," in filters.get("*", ""):
            raise ValueError("a comma cannot be searched for")
        query: dict[str, str | int] = {"page": page, "per_page": per_page, **joined(include)}
        query |= {f"filter[{name}]": value for name, value in filters.items()}
        if type is not None:
            query["type"] = type
        return self._caller.read(route("client"), query).page(read_server)

    def iterate(
        self,
        *,
        type: ServerType | None = None,
        filters: Mapping[ServerFilter, str] = NO_FILTERS,
        include: Sequence[ServerInclude] = (),
    ) -> Iterator[Server]:
        """All servers, 100 to a call, as for `list`; also raises BadAnswer for a list without end."""
        return every_item(
            route("client"),
            lambda number: self.list(type=type, filters=filters, include=include, page=number),
        )

    def view(self, identifier: str, include: Sequence[ServerInclude] = ()) -> ServerView:
        """One server and the permissions that the key's owner has on it; works in every state of the server.

        Includes: `egg`, `subusers`. Raises NotFound (unknown, or not for this account), KeyRefused.
        `GET /api/client/servers/{identifier}` (panel 1.11).
        """
        reader = self._caller.read(route("client", "servers", identifier), joined(include))
        view = read_view(reader)
        if identifier not in (view.server.identifier, view.server.uuid):
            raise BadAnswer("another server than asked for", path="attributes.identifier", request=reader.request)
        return view

    def resources(self, identifier: str) -> Stats:
        """Usage of one server as the panel last saw it; the panel caches it for 20 s.

        Memory, disk and traffic in bytes, cpu in percent of one core (above 100 is normal), uptime in
        milliseconds. Raises NodeUnreachable (Wings silent), ServerStateConflict (suspended, installing,
        restoring, transferring). `GET /api/client/servers/{identifier}/resources` (panel 1.11).
        """
        path = route("client", "servers", identifier, "resources")
        return read_stats(self._caller.read(path, deadline_s=NODE_READ_S).attributes("stats"))

    def send_power(self, identifier: str, signal: PowerSignal) -> None:
        """Ask for start, stop, restart or kill. Success means accepted, not done: watch the state afterwards.

        "start" needs `control.start`, "restart" `control.restart`, "stop" and "kill" `control.stop`. Raises NotAllowed,
        ServerStateConflict, NodeRefused, OutcomeUnknown (node or panel silent).
        `POST /api/client/servers/{identifier}/power` (panel 1.11).
        """
        self._act(identifier, "power", {"signal": signal})

    def send_command(self, identifier: str, command: str) -> None:
        """Type one line into the server's console; the panel trims it and keeps it in the activity log.

        Needs `control.console`. Raises ServerOffline, NotAllowed, Invalid (empty), ServerStateConflict, NodeRefused,
        OutcomeUnknown.
        `POST /api/client/servers/{identifier}/command` (panel 1.11).
        """
        self._act(identifier, "command", {"command": command})

    def websocket(self, identifier: str) -> WebsocketCredentials:
        """Address of the node's socket and a token for it, good for 10 minutes; the node itself is not asked.

        The token fixes the permissions at this moment. Raises NotAllowed (no `websocket.connect`),
        ServerStateConflict (suspended; installing and the like for all but admins), NotFound.
        `GET /api/client/servers/{identifier}/websocket` (panel 1.11).
        """
        return read_websocket(self._caller.read(route("client", "servers", identifier, "websocket")))

    def _act(self, identifier: str, action: str, body: Mapping[str, str]) -> None:
        self._caller.write(route("client", "servers", identifier, action), body)
