"""What the groups of the client API share."""

from __future__ import annotations

from collections.abc import Iterable

from portal.pterodactyl.api import Group
from portal.pterodactyl.paths import route
from portal.pterodactyl.text import several

__all__ = ["Group", "distinct", "server_route"]


def server_route(server: str, *segments: str | int) -> str:
    """The path of something below a server, which is named by its 8 characters or its full UUID."""
    return route("client", "servers", server, *segments)


def distinct(texts: Iterable[str]) -> list[str]:
    """Each text once, in their order. Raises ValueError for one text instead of several."""
    return list(dict.fromkeys(several(texts)))
