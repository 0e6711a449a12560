"""A lease in the store: of several background processes only one works, and another takes over when it dies."""

from __future__ import annotations

from sqlalchemy import CursorResult, delete
from sqlalchemy.dialects.sqlite import insert

from portal import clock
from portal.background.models import Lease
from portal.store import write

LEASE_S = 30.0


def take(name: str, owner: str) -> bool:
    """Take or prolong a lease; False while somebody else holds it. One from a clock that was ahead holds nothing."""
    now = clock.now()
    statement = insert(Lease).values(name=name, owner=owner, until=now + LEASE_S)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        where=(Lease.until < now) | (Lease.until > now + LEASE_S) | (Lease.owner == statement.excluded.owner),
    )
    with write() as session:
        result = session.execute(statement)
        return isinstance(result, CursorResult) and result.rowcount == 1


def give_back(name: str, owner: str) -> None:
    """Let the next one take it at once."""
    with write() as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
