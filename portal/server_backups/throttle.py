"""How often the panel lets a backup be made: what can be seen of it before it says no.

The panel counts what was started on a server in the last ten minutes and did not fail, deleted ones as well. Roost sees
those that are in the list and those that it started itself; a host may have set other numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEntry
from portal.pterodactyl.models import Backup
from portal.store import read

MOST: Final = 2
PERIOD_S: Final = 600.0
SAME_S: Final = 30.0
"""The panel's clock may be off by so much from ours."""


@dataclass(frozen=True)
class Throttle:
    """How many backups were started lately; `free_at` is when the next one fits again (epoch seconds), None: now."""

    started: int
    free_at: float | None


def throttle(server_uuid: str, backups: Iterable[Backup]) -> Throttle:
    """How it stands with a server, of whose backups these are all."""
    now = clock.now()
    listed = [one for one in backups if one.created_at.timestamp() > now - PERIOD_S]
    times = [one.created_at.timestamp() for one in listed if one.state != "failed"]
    unmatched = [one.created_at.timestamp() for one in listed]
    for at in _started_here(server_uuid, now):
        same = [one for one in unmatched if abs(one - at) <= SAME_S]
        if same:
            unmatched.remove(min(same, key=lambda one: abs(one - at)))
        else:
            times.append(at)  # it was deleted meanwhile, and counts all the same
    times.sort(reverse=True)
    return Throttle(len(times), times[MOST - 1] + PERIOD_S + 1 if len(times) >= MOST else None)


def _started_here(server_uuid: str, now: float) -> list[float]:
    query = select(AuditEntry.at).where(
        AuditEntry.server_uuid == server_uuid,
        AuditEntry.action == "backup.create",
        AuditEntry.outcome == "done",
        AuditEntry.at > now - PERIOD_S,
    )
    with read() as session:
        return sorted(session.scalars(query))
