"""What pages know of a server's allocations, set right as soon as anybody has read or changed them.

The panel's server object is read again only when somebody opens the overview or the list; until then the head of every
page would show the old address. Nobody is told more by this than the panel would show them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from portal.pterodactyl.models import Allocation
from portal.servers import records
from portal.servers.facts import Facts

Allocations = tuple[Allocation, ...]


def save_allocations(scope: int, server_uuid: str, allocations: Allocations, read_at: float) -> None:
    """Remember the whole list as a scope just read it; other scopes lose what is gone and learn the primary one."""
    kept = {one.id for one in allocations}
    primary = next((one for one in allocations if one.is_default), None)

    def now(its: int, known: Allocations) -> Allocations:
        if its == scope:
            return allocations
        left = tuple(one for one in known if one.id in kept)
        return _with_primary(left, primary) if primary else left

    _change(server_uuid, read_at, now)


def save_primary(server_uuid: str, primary: Allocation, at: float) -> None:
    """Remember for everybody which allocation is the primary one from now on."""
    _change(server_uuid, at, lambda _scope, known: _with_primary(known, primary))


def _with_primary(known: Allocations, primary: Allocation) -> Allocations:
    """Everybody who sees a server sees its primary allocation, its note only who may read allocations."""
    marked = tuple(replace(one, is_default=one.id == primary.id) for one in known)
    is_known = any(one.id == primary.id for one in known)
    return marked if is_known else (*marked, replace(primary, notes=None, is_default=True))


def _change(server_uuid: str, at: float, change: Callable[[int, Allocations], Allocations]) -> None:
    def revised(scope: int, facts: Facts) -> Facts:
        return replace(facts, allocations=change(scope, facts.allocations))

    records.revise(server_uuid, at, revised)
