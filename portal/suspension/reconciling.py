"""What the panel shows against what holds want, for every server that has either; surprises become holds or alerts.

Level, not edge: each look decides from the holds, the last reading and the calls that went out, so that nothing that
was missed in between matters. While a call may still be on its way for a server, nothing is concluded about it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.store import read, restored, write
from portal.store.state import StoreState
from portal.suspension import observing, righting, telling
from portal.suspension.findings import Kind, Look, look_in
from portal.suspension.models import Hold, Observed

log = logging.getLogger("roost.worker")
FRESH_S: Final = 600
"""What was read longer ago says nothing of now."""
DRIFT: Final = "suspension_drift"


@dataclass(frozen=True)
class Drift:
    """Of how many servers the panel shows otherwise than they should be, of those looked at; when that was."""

    at: int
    looked: int
    count: int


def reconcile() -> Drift | None:
    """Look at every server with a hold or a suspension.

    None when nothing can be concluded: billing is off, the store is in quarantine, or the last list is doubted.
    """
    telling.end()
    if not mode.is_shown() or restored.since() is not None or observing.doubt() is not None:
        return None
    looks = _looks()
    done = [one for look in looks if look.finding is not None and (one := _apply(look.server_uuid)) is not None]
    _tell(done)
    drift = Drift(int(clock.now()), len(looks), sum(look.is_adrift for look in looks))
    with write() as session:
        session.merge(StoreState(name=DRIFT, value=json.dumps(asdict(drift))))
    return drift


def last_drift() -> Drift | None:
    """What the last reconciliation counted."""
    with read() as session:
        row = session.get(StoreState, DRIFT)
    return Drift(**json.loads(row.value)) if row else None


def _looks() -> list[Look]:
    """Every server that is or should be suspended, as long as the reading of it is fresh."""
    held = select(Hold.server_uuid).where(Hold.released_at.is_(None))
    mine = select(Observed.server_uuid).where(Observed.is_suspended | Observed.server_uuid.in_(held))
    with read() as session:
        uuids = session.scalars(mine).all()
    looks = []
    for uuid in uuids:
        with read() as session:
            look = _look_in(session, uuid)
        if look is not None:
            looks.append(look)
    return looks


def _look_in(session: Session, server_uuid: str) -> Look | None:
    now = int(clock.now())
    seen = session.get(Observed, server_uuid)
    if seen is None or seen.read_at < now - FRESH_S:
        return None
    return look_in(session, seen, now)


def _tell(done: Sequence[tuple[Kind, str]]) -> None:
    """Tell administrators what they have to know, all servers of a cause at once."""
    kinds = {kind for kind, _ in done}
    if "foreign" in kinds:
        telling.external()
    if kinds & {"lifted", "spent"}:
        telling.lifted()
    telling.too_many([name for kind, name in done if kind == "too_many"])


def _apply(server_uuid: str) -> tuple[Kind, str] | None:
    """Decide again with the lock held, and do it; returns what was found, and the server's name.

    What goes wrong with one server does not keep the others waiting.
    """
    try:
        with write() as session:
            look = _look_in(session, server_uuid)
            if look is None or look.finding is None:
                return None
            seen = session.get_one(Observed, server_uuid)
            righting.apply_in(session, seen, look.finding)
            return look.finding, seen.name
    except Exception:
        log.exception("a server could not be reconciled")
        return None
