"""Gate G7: how fast servers are suspended, and when that stops because something is wrong.

At most ten in a minute. The third failure in a row stops suspending for ten minutes; two suspensions within ten minutes
that people took back by hand stop it until an administrator says go on. Lifting has no pace.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.alerts import service as alerts
from portal.audit import changes
from portal.store import read, write
from portal.store.state import StoreState
from portal.suspension.models import Hold, PanelCall
from portal.web.i18n import _

PER_MINUTE: Final = 10
FAILURES: Final = 3
REVERSALS: Final = 2
WINDOW_S: Final = 600
STOPPED: Final = "pace_stopped"
GONE_ON: Final = "pace_gone_on"


@dataclass(frozen=True)
class Pace:
    """Whether a server may be suspended now; if not, from when on (None: not before a person says so) and why."""

    is_open: bool
    again_at: int | None
    sentence: str


def look() -> Pace:
    """How the gate stands. A stop because of reversals is remembered, and told."""
    now = int(clock.now())
    with read() as session:
        if session.get(StoreState, STOPPED) is not None:
            return Pace(False, None, _("Stopped: suspensions were taken back by hand."))
        is_reversed = _reversals_in(session, now) >= REVERSALS
        found = _pace_in(session, now)
    if not is_reversed:
        return found
    with write() as session:
        session.merge(StoreState(name=STOPPED, value=json.dumps({"at": now})))
    alerts.alert(
        STOPPED,
        _("Nothing is suspended any more"),
        _("Two suspensions within ten minutes were taken back by hand."),
        _("Look at the last run; then let suspending go on under Billing, or undo the run."),
    )
    return Pace(False, None, _("Stopped: suspensions were taken back by hand."))


def allows_in(session: Session, now: int) -> bool:
    """Whether one more may go out now, inside the write() that writes it down."""
    return session.get(StoreState, STOPPED) is None and _pace_in(session, now).is_open


def go_on(by: int | None) -> None:
    """An administrator has looked: suspend again."""
    with write() as session:
        row = session.get(StoreState, STOPPED)
        if row is not None:
            session.delete(row)
        session.merge(StoreState(name=GONE_ON, value=str(int(clock.now()))))
        changes.note_in(session, "confirm", by=by, before={STOPPED: row is not None}, after={STOPPED: False})
    alerts.over(STOPPED)


def _pace_in(session: Session, now: int) -> Pace:
    suspends = PanelCall.suspends.is_(True)
    minute = select(func.count(), func.min(PanelCall.sent_at)).where(suspends, PanelCall.sent_at > now - 60)
    count, first = session.execute(minute).one()
    if count >= PER_MINUTE:
        return Pace(False, first + 60, _("Ten servers were suspended in the last minute."))
    last = select(PanelCall).where(suspends).order_by(PanelCall.id.desc()).limit(FAILURES)
    calls = session.scalars(last).all()
    if len(calls) == FAILURES and all(one.has_failed for one in calls) and calls[0].sent_at > now - WINDOW_S:
        return Pace(False, calls[0].sent_at + WINDOW_S, _("The last three tries to suspend a server failed."))
    return Pace(True, None, "")


def _reversals_in(session: Session, now: int) -> int:
    row = session.get(StoreState, GONE_ON)
    gone_on = int(row.value) if row else 0
    since = max(now - WINDOW_S, gone_on if gone_on <= now else 0)
    by_hand = (Hold.released_at > since) & (Hold.release_reason != "paid")
    mine = select(func.count()).where(
        Hold.kind == "unpaid", Hold.confirmed_at > since - WINDOW_S, or_(Hold.lifted_at > since, by_hand)
    )
    return session.scalar(mine) or 0
