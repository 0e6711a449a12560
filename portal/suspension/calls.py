"""The suspends and unsuspends that went out, and what they explain: nothing in the panel says who suspended a server.

A suspension is ours if one of our calls can have made it: it was on its way some time between the last reading that
showed the server running and the first that showed it suspended. A call whose answer never came may still act later.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.suspension.models import Hold, Observed, PanelCall

LOOSE_S: Final = 900
"""So long after it was sent a call without an answer may still act: a process that was frozen, a queue in between."""
GONE: Final = "lifted in the panel"
"""Why an external hold is released by itself; every other reason is an administrator's."""
SETTLE_S: Final = 25
"""So long the panel itself may be busy with a call whose answer was lost: it gives a node 5 s and 15 s."""


def sent_in(session: Session, intent_id: int, server_uuid: str, *, suspends: bool, now: int) -> int:
    """Write down that a call goes out now; returns its id."""
    made = session.execute(
        insert(PanelCall)
        .values(intent_id=intent_id, server_uuid=server_uuid, suspends=suspends, sent_at=now, has_failed=False)
        .returning(PanelCall.id)
    )
    return int(made.scalar_one())


def ended_in(session: Session, call_id: int, now: int, *, has_failed: bool) -> None:
    """Write down that the panel has answered a call: it acts no more."""
    session.execute(update(PanelCall).where(PanelCall.id == call_id).values(ended_at=now, has_failed=has_failed))


def failed_in(session: Session, call_id: int) -> None:
    """Write down that the panel gave no answer to a call; it may still act."""
    session.execute(update(PanelCall).where(PanelCall.id == call_id).values(has_failed=True))


def settles_at_in(session: Session, server_uuid: str) -> int | None:
    """When every call for a server whose answer is missing has most likely ended; None when there is none.

    One that a wrong clock has put into the future is waited for by nobody.
    """
    query = select(func.max(PanelCall.sent_at)).where(
        PanelCall.server_uuid == server_uuid, PanelCall.ended_at.is_(None), PanelCall.sent_at <= int(clock.now())
    )
    last = session.scalar(query)
    return last + SETTLE_S if last is not None else None


def sent_since_in(session: Session, server_uuids: Collection[str], since: int) -> set[str]:
    """Those of some servers for which a call went out at an instant or later."""
    query = select(PanelCall.server_uuid).where(PanelCall.sent_at >= since, PanelCall.server_uuid.in_(server_uuids))
    return set(session.scalars(query))


def effect_seen_in(session: Session, seen: Observed) -> None:
    """The panel shows what calls without an answer were to do: they have acted, and explain nothing that comes later.

    None acts later than LOOSE_S after it was sent, so an old one does not explain what is new. And if an answered call
    did it, one of which nothing was heard at all may belong to a process that was frozen before it went out, and acts
    when that one wakes.
    """
    mine = (PanelCall.server_uuid == seen.server_uuid) & (PanelCall.suspends == seen.is_suspended)
    mine &= PanelCall.sent_at <= seen.read_at
    answered = mine & ~PanelCall.has_failed & (PanelCall.ended_at >= (seen.other_at or 0))
    open_ones = mine & PanelCall.ended_at.is_(None)
    if session.scalar(select(PanelCall.id).where(answered).limit(1)) is not None:
        open_ones &= PanelCall.has_failed
    at_most = func.min(PanelCall.sent_at + LOOSE_S, seen.read_at)
    session.execute(update(PanelCall).where(open_ones).values(ended_at=at_most))


def is_ours_in(session: Session, seen: Observed) -> bool:
    """Whether a call of ours explains that the server is shown as suspended, or as running, since it is."""
    query = select(PanelCall.id).where(
        PanelCall.server_uuid == seen.server_uuid,
        PanelCall.suspends == seen.is_suspended,
        PanelCall.sent_at <= seen.since,
        func.coalesce(PanelCall.ended_at, PanelCall.sent_at + LOOSE_S) >= (seen.other_at or 0),
    )
    return session.scalar(query.limit(1)) is not None


def may_lift_in(session: Session, seen: Observed) -> bool:
    """Whether we may lift the suspension that the panel shows: it is ours, or an administrator has given it to us."""
    if is_ours_in(session, seen):
        return True
    given = select(Hold.id).where(
        Hold.server_uuid == seen.server_uuid,
        Hold.kind == "external",
        Hold.release_reason != GONE,
        Hold.released_at.between(seen.since, int(clock.now())),
    )
    return session.scalar(given.limit(1)) is not None
