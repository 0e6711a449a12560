"""People with access to a server that is not theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portal.pterodactyl.client.group import Group, distinct, server_route
from portal.pterodactyl.client.reading.people import read_subuser
from portal.pterodactyl.models import Subuser

ALWAYS_GIVEN: Final = "websocket.connect"
"""The panel gives it to every subuser, asked or not."""


class SubuserCalls(Group):
    """`/api/client/servers/{server}/users`; a subuser is named by `Subuser.uuid`.

    Nobody can view, change or remove themselves: NotAllowed. All also raise ServerStateConflict and NotFound.
    """

    def list(self, server: str) -> tuple[Subuser, ...]:
        """All subusers of a server, its owner not among them. Raises NotAllowed (no `user.read`).

        `GET /api/client/servers/{server}/users` (panel 1.11).
        """
        return self._caller.read(server_route(server, "users")).each(read_subuser)

    def create(self, server: str, *, email: str, permissions: Sequence[str]) -> Subuser:
        """Give somebody access; an address without an account gets one, and a mail.

        Unknown permissions are dropped without a word. Raises NotAllowed (no `user.create`, or more than the key's
        owner has), Invalid, Refused (the owner, or a subuser already).
        `POST /api/client/servers/{server}/users` (panel 1.11).
        """
        body = {"email": email, "permissions": distinct(permissions)}
        return self._caller.change(server_route(server, "users"), read_subuser, body)

    def view(self, server: str, user: str) -> Subuser:
        """One subuser. Raises NotAllowed (no `user.read`, or oneself).

        `GET /api/client/servers/{server}/users/{user}` (panel 1.11).
        """
        return read_subuser(self._caller.read(server_route(server, "users", user)))

    def replace_permissions(self, server: str, user: str, *, permissions: Sequence[str]) -> Subuser:
        """Give a subuser these permissions and no others; see `update_permissions` for less than all.

        Raises NotAllowed (no `user.update`, oneself, or more than the key's owner has), Invalid (none).
        `POST /api/client/servers/{server}/users/{user}` (panel 1.11).
        """
        body = {"permissions": distinct(permissions)}
        return self._caller.change(server_route(server, "users", user), read_subuser, body)

    def update_permissions(
        self, server: str, user: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Subuser:
        """Read a subuser's permissions, add and remove these, and write them if that changes anything.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace_permissions`.
        """
        adding, removing = distinct(add), set(distinct(remove))
        before = self.view(server, user)
        wanted = [one for one in distinct((*before.permissions, *adding)) if one not in removing] or [ALWAYS_GIVEN]
        if set(wanted) | {ALWAYS_GIVEN} == set(before.permissions) | {ALWAYS_GIVEN}:
            return before
        return self.replace_permissions(server, user, permissions=wanted)

    def delete(self, server: str, user: str) -> None:
        """Take somebody's access away; open sockets end when the node hears of it.

        Raises NotAllowed (no `user.delete`, or oneself). `DELETE /api/client/servers/{server}/users/{user}`
        (panel 1.11).
        """
        self._caller.write(server_route(server, "users", user), method="DELETE")
