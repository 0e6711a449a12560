"""Databases of a server as the host sees them."""

from __future__ import annotations

from collections.abc import Sequence

from portal.pterodactyl.application.group import Group, the_same
from portal.pterodactyl.application.listing import included
from portal.pterodactyl.application.reading import read_app_database
from portal.pterodactyl.errors import NotFound
from portal.pterodactyl.models import AppDatabase
from portal.pterodactyl.paths import number, route


class AppDatabaseCalls(Group):
    """`/api/application/servers/{server}/databases`; needs `server_databases` READ, WRITE to change them.

    All also raise KeyRefused and NotAllowed (the key lacks the permission). The panel does not ask whether a database
    belongs to the server in the path: here one of another server is NotFound, before anything is done to it.
    """

    def list(self, server_id: int, *, include: Sequence[str] = ()) -> tuple[AppDatabase, ...]:
        """All databases of a server. Includes: `password`, `host` (needs `database_hosts` READ).

        Raises NotFound, KeyRefused, NotAllowed (the key lacks the permission).
        `GET /api/application/servers/{id}/databases` (panel 1.11).
        """
        return self._caller.read(_path(server_id), included("database", include)).each(read_app_database)

    def view(self, server_id: int, database_id: int, include: Sequence[str] = ()) -> AppDatabase:
        """One database; includes as for `list`. Raises NotFound, KeyRefused, NotAllowed.

        `GET /api/application/servers/{id}/databases/{database}` (panel 1.11).
        """
        reader = self._caller.read(_path(server_id, number(database_id)), included("database", include))
        found = read_app_database(reader)
        the_same(found, found.id, database_id, reader)
        if found.server != server_id:
            raise NotFound("this database belongs to another server", request=reader.request)
        return found

    def create(self, server_id: int, *, database: str, remote: str, host: int) -> AppDatabase:
        """A new database with a user of its own; its password comes with `view(..., include=("password",))`.

        `database` is up to 48 letters, digits, dashes, underscores; the panel puts `s<id>_` in front and cuts at 48.
        `remote` is an IPv4 address or a part of one with `%`. `host` is a database host's id: no list of them exists,
        `included_host` of another database tells it. Raises Invalid, Refused (name taken, limit reached),
        OutcomeUnknown (also if the panel has databases switched off).
        `POST /api/application/servers/{id}/databases` (panel 1.11).
        """
        body = {"database": database, "remote": remote, "host": number(host)}
        return self._caller.change(_path(server_id), read_app_database, body, status=201)

    def reset_password(self, server_id: int, database_id: int) -> None:
        """Give the database's user a new password at once; `view` with `password` tells it.

        Looks first whose database it is. Raises NotFound, OutcomeUnknown.
        `GET /api/application/servers/{id}/databases/{database}`, then
        `POST /api/application/servers/{id}/databases/{database}/reset-password` (panel 1.11).
        """
        self.view(server_id, database_id)
        self._caller.write(_path(server_id, number(database_id), "reset-password"))

    def delete(self, server_id: int, database_id: int) -> None:
        """Drop a database and its user, with all that is in it.

        Looks first whose it is. Raises NotFound, OutcomeUnknown.
        `GET /api/application/servers/{id}/databases/{database}`, then
        `DELETE /api/application/servers/{id}/databases/{database}` (panel 1.11).
        """
        self.view(server_id, database_id)
        self._caller.write(_path(server_id, number(database_id)), method="DELETE")


def _path(server_id: int, *segments: str | int) -> str:
    return route("application", "servers", number(server_id), "databases", *segments)
