"""What shows the host that the machine works: the proof of the ledger, what waits for the panel, the clock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from portal.billing import verifying
from portal.store import read
from portal.suspension import intents, panel_clock
from portal.suspension.models import Intent


@dataclass(frozen=True)
class Machinery:
    """`verified_at` and `faults` are of the last proof of the ledger, None before the first one.

    `waiting` changes are to be made in the panel, the oldest wished for at `oldest_at`. The panel's clock was
    `offset_s` seconds ahead of ours when it was seen last, None while it never named the time.
    """

    verified_at: int | None
    faults: int
    waiting: int
    oldest_at: int | None
    offset_s: int | None


def look() -> Machinery:
    """All of it from the store."""
    query = select(func.count(), func.min(Intent.made_at)).where(Intent.state.in_(intents.OPEN))
    with read() as session:
        waiting, oldest_at = session.execute(query).one()
    seen, offset = verifying.last(), panel_clock.offset()
    return Machinery(
        seen[0] if seen else None, seen[1] if seen else 0, waiting, oldest_at, offset[0] if offset else None
    )
