"""Databases of a server."""

from __future__ import annotations

from portal.pterodactyl.api import joined
from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.databases import read_database
from portal.pterodactyl.models import Database


class DatabaseCalls(Group):
    """`/api/client/servers/{server}/databases`; a database is named by `Database.id`.

    All also raise ServerStateConflict and NotFound.
    """

    def list(self, server: str, *, include_password: bool = False) -> tuple[Database, ...]:
        """All databases of a server.

        `include_password` gives those that the key's owner may see (`database.view_password`). Raises NotAllowed (no
        `database.read`). `GET /api/client/servers/{server}/databases` (panel 1.11).
        """
        query = joined(("password",) if include_password else ())
        return self._caller.read(server_route(server, "databases"), query).each(read_database)

    def create(self, server: str, *, database: str, remote: str) -> Database:
        """A new database with a user of its own, and the password if the key's owner may see it.

        `database` is 3 to 48 letters, digits, dashes, underscores; the panel puts `s<id>_` in front and cuts at 48.
        `remote` is from where it may be used, "%" for everywhere. Raises Invalid, Refused (name taken, limit reached,
        no host for it), NotAllowed (no `database.create`), OutcomeUnknown (also if the panel has databases switched
        off). `POST /api/client/servers/{server}/databases` (panel 1.11).
        """
        body = {"database": database, "remote": remote}
        return self._caller.change(server_route(server, "databases"), read_database, body)

    def rotate_password(self, server: str, database: str) -> Database:
        """Give the database's user a new password at once; whoever uses the old one is locked out.

        Raises NotAllowed (no `database.update`), OutcomeUnknown.
        `POST /api/client/servers/{server}/databases/{database}/rotate-password` (panel 1.11).
        """
        return self._caller.change(server_route(server, "databases", database, "rotate-password"), read_database)

    def delete(self, server: str, database: str) -> None:
        """Drop a database and its user, with all that is in it.

        Raises NotAllowed (no `database.delete`), OutcomeUnknown (its host did not answer).
        `DELETE /api/client/servers/{server}/databases/{database}` (panel 1.11).
        """
        self._caller.write(server_route(server, "databases", database), method="DELETE")
