"""What was written while the clock was ahead, put right once it is not: it would count as newer than all that comes.

Such instants become the last one before the reading at hand. Their order among each other is kept, as far as it still
can be: which call explains what the panel shows is told from it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal import clock
from portal.suspension.intents import WAITING
from portal.suspension.models import Hold, Intent, Observed, PanelCall


def put_right_in(session: Session, read_at: int, server_uuid: str | None = None) -> None:
    """Nothing is later than now, for one server or for all; inside the write() that stores a reading from `read_at` on.

    What waits for a time of the wrong clock is tried at once.
    """
    now = int(clock.now())
    latest = min(read_at, now) - 1
    was_ahead = _set(
        session, Observed, Observed.read_at > now, server_uuid, latest,
        Observed.since, Observed.other_at, Observed.read_at, Observed.busy_at,
    )  # fmt: skip
    is_late = or_(PanelCall.sent_at > now, PanelCall.ended_at > now)
    was_ahead |= _set(session, PanelCall, is_late, server_uuid, latest, PanelCall.sent_at, PanelCall.ended_at)
    was_ahead |= _set(session, Hold, Hold.confirmed_at > now, server_uuid, latest, Hold.confirmed_at)
    if was_ahead:
        waits = Intent.state.in_(WAITING) & (Intent.next_at > now)
        _set(session, Intent, waits, server_uuid, now, Intent.next_at)


def _set(
    session: Session,
    table: type[Observed] | type[PanelCall] | type[Hold] | type[Intent],
    those: ColumnElement[bool],
    server_uuid: str | None,
    latest: int,
    *columns: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> bool:
    """Let some columns be `latest` at most; what is empty stays so. Says whether anything was later."""
    values: dict[Any, Any] = {one: func.min(one, latest) for one in columns}
    mine = those if server_uuid is None else those & (table.server_uuid == server_uuid)
    done = session.execute(update(table).where(mine).values(values))
    return isinstance(done, CursorResult) and done.rowcount > 0
