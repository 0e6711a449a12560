"""Servers as the host sees them: list, view, change, suspend, reinstall, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from portal.pterodactyl.api import every_item
from portal.pterodactyl.application import server_bodies as bodies
from portal.pterodactyl.application.creating import Creating
from portal.pterodactyl.application.group import body_of, flag, known, the_same
from portal.pterodactyl.application.listing import NO_FILTERS, PER_PAGE, included, list_query
from portal.pterodactyl.application.reading import read_app_server
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S
from portal.pterodactyl.models import (
    AppServer,
    BuildChanges,
    DetailChanges,
    Page,
    ServerBuild,
    ServerDetails,
    ServerStartup,
    StartupChanges,
)
from portal.pterodactyl.paths import number, route


class AppServerCalls(Creating):
    """`/api/application/servers`; needs `servers` READ, WRITE to change them, and READ on what is included.

    All also raise KeyRefused and NotAllowed (the key lacks the permission). Suspension forbids nothing here. No call of
    this API leaves a trace in the panel's activity log.
    """

    def list(
        self,
        *,
        filters: Mapping[str, str] = NO_FILTERS,
        include: Sequence[str] = (),
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> Page[AppServer]:
        """One page of all servers by id.

        Filters match parts of `uuid`, `uuidShort`, `name`, `description`, `image`, `external_id`; there is none by
        owner (`users.view` with `servers`), node or state. Includes: `allocations`, `user`, `subusers`, `nest`, `egg`,
        `variables`, `location`, `node`, `databases`, and below them, with a dot, theirs. Raises KeyRefused, NotAllowed
        (the key lacks the permission), Refused (unknown filter). `GET /api/application/servers` (panel 1.11).
        """
        query = list_query("server", filters, include, page, per_page)
        return self._caller.read(_path(), query).page(read_app_server)

    def iterate(
        self, *, filters: Mapping[str, str] = NO_FILTERS, include: Sequence[str] = (), per_page: int = PER_PAGE
    ) -> Iterator[AppServer]:
        """All servers, `per_page` to a call; errors as for `list`, and BadAnswer for a list without end."""
        ask = lambda page: self.list(filters=filters, include=include, page=page, per_page=per_page)  # noqa: E731
        return every_item(_path(), ask)

    def view(self, server_id: int, include: Sequence[str] = ()) -> AppServer:
        """One server by its database id; includes as for `list`.

        Raises NotFound, KeyRefused, NotAllowed. `GET /api/application/servers/{id}` (panel 1.11).
        """
        reader = self._caller.read(_path(number(server_id)), included("server", include))
        found = read_app_server(reader)
        return the_same(found, found.internal_id, server_id, reader)

    def replace_details(self, server_id: int, body: ServerDetails) -> AppServer:
        """Write all of a server's details; see `update_details` for less than all.

        A new owner takes the old one's place at once; subusers stay. Raises NotFound, Invalid, OutcomeUnknown.
        `PATCH /api/application/servers/{id}/details` (panel 1.11).
        """
        json = bodies.details_json(body)
        return self._caller.change(_path(number(server_id), "details"), read_app_server, json, method="PATCH")

    def update_details(self, server_id: int, **changes: Unpack[DetailChanges]) -> AppServer:
        """Read a server, put in what is given, and write its details whole; what is not named stays.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace_details`.
        """
        known(changes, ServerDetails)
        return self.replace_details(server_id, replace(body_of(self.view(server_id), ServerDetails), **changes))

    def replace_build(
        self,
        server_id: int,
        body: ServerBuild,
        *,
        add_allocations: Sequence[int] = (),
        remove_allocations: Sequence[int] = (),
    ) -> AppServer:
        """Write all of what a server may use; see `update_build` for less than all.

        Of the ids to add, those that are not free on its node are passed over without a word. A node that cannot be
        told applies it at the server's next start, also without a word. Raises NotFound, Invalid, Refused (the primary
        allocation is not the server's, or goes without another in its place), OutcomeUnknown. `PATCH
        /api/application/servers/{id}/build` (panel 1.11).
        """
        json = bodies.build_json(body, add_allocations, remove_allocations)
        return self._caller.change(
            _path(number(server_id), "build"), read_app_server, json, BACKGROUND_WRITE_S, method="PATCH"
        )

    def update_build(
        self,
        server_id: int,
        *,
        add_allocations: Sequence[int] = (),
        remove_allocations: Sequence[int] = (),
        **changes: Unpack[BuildChanges],
    ) -> AppServer:
        """Read a server, put in what is given, and write its build whole; what is not named stays.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace_build`.
        """
        known(changes, ServerBuild)
        body = replace(bodies.build_of(self.view(server_id)), **changes)
        return self.replace_build(
            server_id, body, add_allocations=add_allocations, remove_allocations=remove_allocations
        )

    def replace_startup(self, server_id: int, body: ServerStartup) -> AppServer:
        """Write all of how a server is started; see `update_startup` for less than all.

        It counts from the next start on. An environment with anything in it rewrites every variable of the egg: what is
        missing becomes empty. Raises NotFound, Invalid (source_field `environment.NAME`), OutcomeUnknown.
        `PATCH /api/application/servers/{id}/startup` (panel 1.11).
        """
        json = bodies.startup_json(body)
        return self._caller.change(_path(number(server_id), "startup"), read_app_server, json, method="PATCH")

    def update_startup(
        self, server_id: int, *, skip_scripts: bool, **changes: Unpack[StartupChanges]
    ) -> AppServer:
        """Read a server, put in what is given, and write its startup whole; what is not named stays.

        `skip_scripts` cannot be read, so it must be said. Where no variable is named, none is touched; where one is,
        each that the server had no value for gets the egg's default stored. Variables that the egg does not have are
        dropped, and so are blanks around a value. With another egg, its variables begin with their defaults, but keep
        what the server has under the same name; command and image stay unless given, and nothing is reinstalled. What
        somebody else changes between the calls is lost. Errors as for `view` and `replace_startup`, and for another egg
        as for `eggs.find`: NotFound if it is not there (needs `eggs` and `nests` READ; `GET /api/application/nests`).
        """
        known(changes, ServerStartup)
        flag(skip_scripts, "skip_scripts")
        bodies.texts(changes.get("environment", {}))
        wanted = number(changes["egg"]) if "egg" in changes else None
        server = self.view(server_id, ("variables",))
        egg = None if wanted in (None, server.egg) else self._egg_with_variables(wanted)
        return self.replace_startup(server_id, bodies.startup_of(server, egg, skip_scripts, changes))

    def suspend(self, server_id: int) -> None:
        """Stop a server and keep it from starting. Doing it twice is the same as once.

        If the node cannot be told, the panel takes the suspension back. Raises NotFound, ServerStateConflict
        (transferring), NodeRefused, OutcomeUnknown (node or panel silent). `POST
        /api/application/servers/{id}/suspend` (panel 1.11).
        """
        self._act(server_id, "suspend")

    def unsuspend(self, server_id: int) -> None:
        """Let a suspended server start again; it stays off until somebody starts it.

        Errors as for `suspend`. `POST /api/application/servers/{id}/unsuspend` (panel 1.11).
        """
        self._act(server_id, "unsuspend")

    def reinstall(self, server_id: int) -> None:
        """Stop a server and run its egg's installation again, over the files that are there.

        It also lifts a suspension, without a word. Raises NotFound, NodeRefused, OutcomeUnknown (node or panel silent).
        `POST /api/application/servers/{id}/reinstall` (panel 1.11).
        """
        self._act(server_id, "reinstall")

    def delete(self, server_id: int, *, force: bool = False) -> None:
        """Delete a server with its files and databases; files of its backups stay where they are.

        `force` goes on when the node or a database host does not, and leaves there what it cannot reach. Raises
        NotFound, NodeRefused (nothing is changed), OutcomeUnknown. `DELETE /api/application/servers/{id}`, with
        `force` `DELETE /api/application/servers/{id}/force` (panel 1.11).
        """
        path = _path(number(server_id), "force") if flag(force, "force") else _path(number(server_id))
        self._caller.write(path, None, BACKGROUND_WRITE_S, method="DELETE")

    def _act(self, server_id: int, action: str) -> None:
        self._caller.write(_path(number(server_id), action), None, BACKGROUND_WRITE_S)


def _path(*segments: str | int) -> str:
    return route("application", "servers", *segments)
