"""What the tests of allocations share: a server with some, shares of it, and asking for its page."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from portal.demo.world import Allocation
from tests.conftest import World
from tests.databases.support import look, share
from tests.servers.support import HTMX, row_of, said

PLAYED = "Survival SMP"
EVERY = ("allocation.read", "allocation.create", "allocation.update", "allocation.delete")

__all__ = ["EVERY", "PLAYED", "call", "get", "give", "head", "here", "look", "only", "path", "post", "share", "shown"]


def only(world: World, *notes: str | None, limit: int | None = 5, server: str = PLAYED) -> list[Allocation]:
    """Let a server have its primary allocation and one more for each note, and this limit; everybody has looked."""
    row = row_of(world, server)
    for one in world.demo.world.allocations:
        if one.server is row and one is not row.allocation:
            one.server, one.notes = None, None
    row.allocation.notes = None
    row.feature_limits.allocations = limit
    made = [give(world, note, server=server) for note in notes]
    look(world, server)
    return [row.allocation, *made]


def give(world: World, notes: str | None = None, *, server: str = PLAYED) -> Allocation:
    """One more allocation of a server, straight into the panel's rows."""
    row = row_of(world, server)
    number = world.demo.world.next_id("allocations")
    made = Allocation(number, row.node, row.allocation.ip, 40000 + number, notes=notes, server=row)
    world.demo.world.allocations.append(made)
    return made


def here(world: World, *, server: str = PLAYED) -> list[Allocation]:
    """The panel's allocations of a server."""
    return world.demo.world.allocations_of(row_of(world, server))


def path(world: World, allocation: Allocation | None = None, act: str = "", *, server: str = PLAYED) -> str:
    """The address of the page, or of an act of one allocation."""
    root = f"/servers/{world.server(server)}/network"
    return f"{root}/{allocation.id}/{act}" if allocation else root


def get(world: World, where: str, who: str = "owner", *, is_page: bool = False) -> TestResponse:
    """A part of the page, or all of it."""
    return world.browser(who).get(where, headers={} if is_page else HTMX)


def post(world: World, where: str, who: str = "owner", *, is_page: bool = False, **values: str) -> TestResponse:
    """Send a form."""
    return world.browser(who).post(where, data=values, headers={} if is_page else HTMX)


def call(world: World, allocation: Allocation | None = None, rest: str = "", method: str = "GET") -> str:
    """A call of the panel as `world.calls()` gives it."""
    one = f"/{allocation.id}{rest}" if allocation else ""
    return f"{method} /api/client/servers/{world.server(PLAYED)}/network/allocations{one}"


def shown(allocation: Allocation) -> str:
    """An allocation as a page shows it."""
    return f"{allocation.ip_alias or allocation.ip}:{allocation.port}"


def head(page: str) -> str:
    """The address in the head of a page."""
    found = re.search(r'<p class="where">(.*?)</p>', page, re.DOTALL)
    assert found
    return said(found[1])
