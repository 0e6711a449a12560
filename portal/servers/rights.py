"""What a panel user may do with a server, and how a server looks to somebody with those rights.

With the shared service key Roost is the only guard between customers, so the rules of the panel stand here: the
owner may everything, a subuser what the panel's list says, anybody else sees nothing. What the panel
withholds from a viewer is withheld by `masked` (docs/panel.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from portal.pterodactyl.models import Allocation, Server, ServerView

FRESH_S = 60.0
"""Older rights never allow a change."""


@dataclass(frozen=True)
class Rights:
    """The panel's word about one person and one server, and when it was read."""

    is_owner: bool
    permissions: tuple[str, ...]
    read_at: float

    def allow(self, permission: str | None) -> bool:
        """Whether a permission is held; None stands for any access at all."""
        return permission is None or self.is_owner or permission in self.permissions

    def is_fresh(self, now: float) -> bool:
        """Whether the rights are young enough to allow a change."""
        return abs(now - self.read_at) <= FRESH_S


@dataclass(frozen=True)
class Startup:
    """How the startup command of a server is written, and the names of all its egg variables, hidden ones too."""

    command: str
    variable_names: tuple[str, ...]


def masked(view: ServerView, rights: Rights, startup: Startup | None) -> ServerView:
    """A server that the service key read, as the panel would have shown it to the viewer (panel 1.11)."""
    server = view.server
    return ServerView(
        server=replace(
            server,
            server_owner=rights.is_owner,
            allocations=visible_allocations(server.allocations, rights),
            variables=server.variables if rights.allow("startup.read") else None,
            invocation=_invocation(server, rights, startup),
            subusers=server.subusers if rights.allow("user.read") else None,
        ),
        is_server_owner=rights.is_owner,
        user_permissions=("*",) if rights.is_owner else rights.permissions,
    )


def visible_allocations(allocations: tuple[Allocation, ...], rights: Rights) -> tuple[Allocation, ...]:
    """All allocations with `allocation.read`, else the primary one without its notes."""
    if rights.allow("allocation.read"):
        return allocations
    return tuple(replace(one, notes=None) for one in allocations if one.is_default)


def _invocation(server: Server, rights: Rights, startup: Startup | None) -> str:
    if rights.allow("startup.read"):
        return server.invocation
    if startup is None:
        return ""
    primary = server.primary_allocation
    filled = {
        "SERVER_MEMORY": str(server.limits.memory_mib),
        "SERVER_IP": primary.ip if primary else "",
        "SERVER_PORT": str(primary.port) if primary else "",
        **dict.fromkeys(startup.variable_names, "[hidden]"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled.get(found[1], found[0]), startup.command)
