"""What a subuser can be given."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group
from portal.pterodactyl.client.reading.permissions import read_permissions
from portal.pterodactyl.models import PermissionGroup
from portal.pterodactyl.paths import route


class PermissionCalls(Group):
    """`/api/client/permissions`."""

    def catalogue(self) -> tuple[PermissionGroup, ...]:
        """All permissions that a subuser can be given, with the panel's texts, in its order; the same for everybody.

        Raises KeyRefused. `GET /api/client/permissions` (panel 1.11).
        """
        return read_permissions(self._caller.read(route("client", "permissions")))
