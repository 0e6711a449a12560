"""Wishes to change the panel: made in the transaction of their cause, sent by the dispatcher and by nobody else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.suspension.models import Hold, Intent

WAITING: Final = ("pending", "unknown", "parked")
"""States of an intent that nobody is sending."""
OPEN = ("pending", "sending", "unknown", "parked")
"""States of an intent that is not over."""


def is_wanted_suspended(session: Session, server_uuid: str) -> bool:
    """Whether a server should be suspended: a hold of it is open, and nobody lifted what it asked for by hand."""
    mine = select(Hold.id).where(Hold.server_uuid == server_uuid, Hold.released_at.is_(None), Hold.lifted_at.is_(None))
    return session.scalar(mine.limit(1)) is not None


def wish_in(
    session: Session,
    server_uuid: str,
    *,
    wants_suspended: bool,
    cause: str,
    run_id: int | None = None,
    start_as: int | None = None,
) -> int:
    """Let the dispatcher bring the panel to what the holds want; returns the intent's id.

    What waited for this server is superseded; one that is being sent goes on, and this one comes after it.
    """
    now = int(clock.now())
    session.execute(
        update(Intent)
        .where(Intent.server_uuid == server_uuid, Intent.state.in_(WAITING))
        .values(state="superseded", ended_at=now)
    )
    last = session.scalar(select(func.max(Intent.number)).where(Intent.server_uuid == server_uuid)) or 0
    made = session.execute(
        insert(Intent)
        .values(
            server_uuid=server_uuid, number=last + 1, wants_suspended=wants_suspended, cause=cause[:200],
            run_id=run_id, state="pending", attempts=0, made_at=now, next_at=now, start_as=start_as,
        )
        .returning(Intent.id)
    )  # fmt: skip
    return int(made.scalar_one())


def set_aside_in(session: Session, server_uuid: str, why: str) -> None:
    """Nothing more is sent for a server that is not there. If it comes back, reconciling wishes anew."""
    session.execute(
        update(Intent)
        .where(Intent.server_uuid == server_uuid, Intent.state.in_(WAITING))
        .values(state="superseded", ended_at=int(clock.now()), error=why)
    )


def open_for(session: Session, server_uuids: Collection[str]) -> dict[str, Intent]:
    """The newest intent that is not over of each of some servers."""
    query = select(Intent).where(Intent.server_uuid.in_(server_uuids), Intent.state.in_(OPEN)).order_by(Intent.number)
    return {one.server_uuid: one for one in session.scalars(query)}
