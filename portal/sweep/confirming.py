"""Gate G6: after a restore, a bulk import or a change of what expiry depends on, an administrator confirms once."""

from __future__ import annotations

import json

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import changes
from portal.panel import settings
from portal.store import read, restored, write
from portal.store.state import StoreState
from portal.store.upsert import upsert
from portal.sweep import clock_gate
from portal.web.i18n import _

CONFIRMED = "billing_confirmed"
UNCONFIRMED = "billing_unconfirmed"
LOOKED_AT = ("billing", "grace_hours", "grace_ends_hour", "time_zone", "currency", "late_renewal")
"""The settings that decide who is overdue, and when."""


def fingerprint() -> str:
    """The settings that decide who is overdue, as one text."""
    chosen = settings()
    return json.dumps({name: getattr(chosen, name) for name in LOOKED_AT}, sort_keys=True)


def demand_in(session: Session, why: str) -> None:
    """Let nothing be suspended until an administrator confirms, inside the write() of the cause; `why` says why."""
    rows = [{"name": UNCONFIRMED, "value": json.dumps({"why": why[:300], "since": int(clock.now())})}]
    upsert(session, StoreState, rows)


def open_questions() -> list[str]:
    """Why an administrator has to confirm, in sentences; nothing when it is confirmed."""
    with read() as session:
        seen = session.get(StoreState, CONFIRMED)
        asked = session.get(StoreState, UNCONFIRMED)
    found = []
    if restored.since() is not None:
        found.append(_("The store was restored from a backup, and nobody has confirmed it."))
    if asked is not None:
        found.append(str(json.loads(asked.value)["why"]))
    if seen is None:
        found.append(_("Nobody has confirmed prices and expiry yet."))
    elif seen.value != fingerprint():
        named = ", ".join(_changed(seen.value))
        found.append(_("These settings were changed since prices and expiry were confirmed: %(named)s.", named=named))
    return found


def confirm(by: int | None) -> None:
    """An administrator has looked at who is overdue, and at the clock. A restored store has its own confirmation."""
    value = fingerprint()
    with write() as session:
        before = session.get(StoreState, CONFIRMED)
        asked = session.get(StoreState, UNCONFIRMED)
        changes.note_in(
            session, "confirm", by=by,
            before={"settings": before.value if before else None, "asked": asked.value if asked else None},
            after={"settings": value, "asked": None},
        )  # fmt: skip
        session.execute(delete(StoreState).where(StoreState.name == UNCONFIRMED))
        upsert(session, StoreState, [{"name": CONFIRMED, "value": value}])
        clock_gate.trust_in(session)


def _changed(before: str) -> list[str]:
    old, new = json.loads(before), json.loads(fingerprint())
    return [name for name in LOOKED_AT if old.get(name) != new[name]] or ["billing"]
