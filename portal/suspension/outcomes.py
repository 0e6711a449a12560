"""How an intent goes on after a try: confirmed, waiting, to be read back, tried again, parked. Never dropped."""

from __future__ import annotations

import secrets
from typing import Final, Literal

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from portal import clock
from portal.suspension import calls
from portal.suspension.leases import newer_in
from portal.suspension.models import Hold, Intent, Observed

State = Literal["pending", "unknown", "parked"]
TRIES: Final = 10
LONGEST_S: Final = 300
MINUTE_S: Final = 60
HOURLY_S: Final = 3600
BUSY_LOOK_S: Final = 30
BUSY_AT_MOST_S: Final = 86_400


def confirmed_in(session: Session, intent: Intent, seen: Observed, now: int) -> None:
    """The panel shows what is wanted. If we have just lifted it, its `start_as` stays, for `starting.start_owed`."""
    _end(intent, "confirmed" if intent.wants_suspended == seen.is_suspended else "superseded", now)
    intent.error = None
    calls.effect_seen_in(session, seen)
    agrees_in(session, seen)
    newer = newer_in(session, intent)
    is_wanted_off = seen.is_suspended or (newer is not None and newer.wants_suspended)
    if is_wanted_off or not calls.is_ours_in(session, seen):
        intent.start_as = None


def agrees_in(session: Session, seen: Observed) -> None:
    """The panel shows the suspension that open holds ask for."""
    if seen.is_suspended:
        session.execute(
            update(Hold)
            .where(
                Hold.server_uuid == seen.server_uuid,
                Hold.released_at.is_(None),
                Hold.lifted_at.is_(None),
                Hold.confirmed_at.is_(None),
                or_(Hold.placed_at <= seen.read_at, Hold.placed_at > int(clock.now())),
            )
            .values(confirmed_at=seen.read_at)
        )


def wait_in(
    session: Session, intent: Intent, next_at: int, why: str, now: int, *, state: State = "pending"
) -> str | None:
    """It cannot be now. A newer wish takes the place of this one. Returns why, if only a person can help."""
    newer = newer_in(session, intent)
    if newer is None:
        intent.state, intent.next_at, intent.error = state, max(next_at, now + 1), why[:500]
        intent.lease = intent.lease_until = None
        return why if state == "parked" else None
    _end(intent, "superseded", now)
    if not newer.wants_suspended and newer.start_as is None:
        newer.start_as = intent.start_as
    return None


def busy_in(session: Session, intent: Intent, status: str, now: int) -> str | None:
    """The panel shows it installing, restoring or moving: wait for the end, and after a day ask a person."""
    if intent.made_at > now - BUSY_AT_MOST_S:
        return wait_in(session, intent, now + BUSY_LOOK_S, f"waits for the end of {status}", now)
    return park_in(session, intent, f"the panel has shown {status} for a day", now)


def failed_in(
    session: Session,
    intent: Intent,
    why: str,
    now: int,
    *,
    state: State = "pending",
    after_s: int = 1,
    parks: bool = True,
) -> str | None:
    """A try failed: later again, more and more slowly; after ten tries hourly. Returns why, if it is parked now.

    `parks` off: it may well be the panel's fault as a whole, so it is tried each minute.
    """
    intent.attempts += 1
    if parks and intent.attempts >= TRIES:
        return park_in(session, intent, why, now)
    most = min(LONGEST_S if parks else MINUTE_S, 2 ** min(intent.attempts, TRIES))
    return wait_in(session, intent, now + after_s + secrets.randbelow(most), why, now, state=state)


def park_in(session: Session, intent: Intent, why: str, now: int) -> str | None:
    """Only a person can help; it is looked at again each hour."""
    return wait_in(session, intent, now + HOURLY_S, why, now, state="parked")


def put_aside(intent: Intent, now: int) -> None:
    """The panel has the server no more. If it comes back, reconciling wishes anew."""
    _end(intent, "superseded", now)
    intent.error = "the panel has the server no more"


def _end(intent: Intent, state: str, now: int) -> None:
    intent.state, intent.ended_at = state, now
    intent.lease = intent.lease_until = None
