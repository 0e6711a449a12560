"""Who sends an intent: a lease for one server at a time, taken by a condition in the store and good for 90 seconds.

Whoever was stopped in the middle loses the lease. What it may have sent stays written down (`calls`), its intent is put
aside and a new one takes its place.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, CursorResult, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal import clock
from portal.store import write
from portal.suspension import intents
from portal.suspension.intents import WAITING
from portal.suspension.models import Intent

LEASE_S: Final = 90
RETRY_S: Final = 10
LONGEST_WAIT_S: Final = 7200


@dataclass(frozen=True)
class Taken:
    """An intent that is ours to send for now."""

    id: int
    server_uuid: str
    lease: str


def is_due(now: int) -> ColumnElement[bool]:
    """Intents whose time has come. None waits longer than an hour, so what is to was written by a wrong clock."""
    return or_(Intent.next_at <= now, Intent.next_at > now + LONGEST_WAIT_S)


def has_ended(now: int) -> ColumnElement[bool]:
    """Intents whose lease is over, or was taken while the clock was ahead."""
    return or_(Intent.lease_until < now, Intent.lease_until > now + LEASE_S)


def take(intent_id: int) -> Taken | None:
    """Take the lease of an intent; None when it is not there to be had."""
    now, lease = int(clock.now()), secrets.token_hex(8)
    with write() as session:
        row = session.get(Intent, intent_id)
        if row is None:
            return None
        if row.state == "sending":
            _take_over_in(session, row, now)
            return None
        other = aliased(Intent)
        is_sending = select(other.id).where(other.server_uuid == row.server_uuid, other.state == "sending").exists()
        mine = update(Intent).where(
            Intent.id == intent_id,
            Intent.state.in_(WAITING),
            is_due(now),
            or_(Intent.lease_until.is_(None), has_ended(now)),
            ~is_sending,
        )
        values = {"state": "sending", "lease": lease, "lease_until": now + LEASE_S}
        done = session.execute(mine.values(values), execution_options={"synchronize_session": False})
        if not isinstance(done, CursorResult) or done.rowcount != 1:
            return None
        return Taken(intent_id, row.server_uuid, lease)


def mine_in(session: Session, taken: Taken) -> Intent | None:
    """The intent if its lease still is ours; else nothing may be written of what we found."""
    mine = Intent.id == taken.id, Intent.state == "sending", Intent.lease == taken.lease
    return session.scalar(select(Intent).where(*mine, Intent.lease_until >= int(clock.now())))


def give_back(taken: Taken, why: str) -> None:
    """Let the next one take it, in a while: nothing was sent, or what was is written down."""
    now = int(clock.now())
    with write() as session:
        intent = mine_in(session, taken)
        if intent is not None:
            intent.state, intent.next_at, intent.lease, intent.lease_until = "unknown", now + RETRY_S, None, None
            intent.error = why[:500]


def newer_in(session: Session, intent: Intent) -> Intent | None:
    """A wish for the same server that came after this one and waits for it."""
    later = Intent.server_uuid == intent.server_uuid, Intent.number > intent.number, Intent.state.in_(WAITING)
    return session.scalar(select(Intent).where(*later).order_by(Intent.number.desc()).limit(1))


def _take_over_in(session: Session, row: Intent, now: int) -> None:
    if row.lease_until is not None and now <= row.lease_until <= now + LEASE_S:
        return
    row.state, row.ended_at, row.error = "superseded", now, "whoever sent it was stopped"
    session.flush()
    if newer_in(session, row) is None:
        intents.wish_in(
            session, row.server_uuid, wants_suspended=intents.is_wanted_suspended(session, row.server_uuid),
            cause=row.cause, run_id=row.run_id, start_as=row.start_as,
        )  # fmt: skip
