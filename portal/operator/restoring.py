"""Taking changes of price and expiry back by their rows in the trail: what was before is written as new rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import changes
from portal.audit.models import AuditChange
from portal.billing import terms
from portal.billing.models import Price, Term
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.billing.terms import TERM_COLUMNS
from portal.operator import releasing

Value = str | int | bool | None


@dataclass
class _Moved:
    """What rows of the trail did to one server: the columns before the first and after the last of them."""

    before: dict[str, Value] = field(default_factory=dict)
    after: dict[str, Value] = field(default_factory=dict)


def take_back_in(session: Session, first: int, last: int, *, by: int | None, why: str) -> tuple[int, int]:
    """Put back what rows `first` to `last` of the trail changed; returns how many servers, and how many were left
    alone because something else has changed them since."""
    rows = select(AuditChange).where(AuditChange.id.between(first, last), AuditChange.what == "term")
    moved: dict[str, _Moved] = {}
    for row in session.scalars(rows.order_by(AuditChange.id)):
        one = moved.setdefault(row.server_uuid or "", _Moved())
        one.before = json.loads(row.before) | one.before
        one.after |= json.loads(row.after)
    done = [uuid for uuid, one in moved.items() if _put_back_in(session, uuid, one, by=by, why=why)]
    for uuid in done:
        releasing.release_in(session, uuid, by=by, why=why)
    return len(done), len(moved) - len(done)


def _put_back_in(session: Session, uuid: str, moved: _Moved, *, by: int | None, why: str) -> bool:
    row = session.get(Term, uuid)
    if row is None or any(getattr(row, name) != value for name, value in moved.after.items()):
        return False
    wanted: dict[str, Value] = {name: getattr(row, name) for name in TERM_COLUMNS} | moved.before
    if wanted["kind"] is None:
        _forget_in(session, row, by=by, why=why)
        return True
    server = terms.Known(row.server_uuid, row.identifier, row.name, row.internal_id)
    if wanted["kind"] == "free":
        terms.set_free_in(session, server, by=by, why=why)
        return True
    if wanted["price_id"] != row.price_id:
        old = session.get_one(Price, wanted["price_id"])
        period = Period(old.period_count, "months" if old.period_unit == "months" else "days")
        terms.set_price_in(session, server, Money(old.amount_minor, old.currency), period, by=by, why=why)
    expires_at, anchor, periods = (_number(wanted[name]) for name in ("expires_at", "anchor", "periods"))
    if (row.expires_at, row.anchor, row.periods) != (expires_at, anchor, periods):
        terms.set_expiry_in(session, uuid, expires_at, by=by, why=why, anchor=anchor, periods=periods)
    if wanted["auto_renew_by"] != row.auto_renew_by:
        payer = wanted["auto_renew_by"]
        terms.set_auto_renew_in(session, uuid, _number(payer) if payer is not None else None, by=by, why=why)
    return True


def _forget_in(session: Session, row: Term, *, by: int | None, why: str) -> None:
    """Make a server one that is not yet set again."""
    before = {name: getattr(row, name) for name in TERM_COLUMNS}
    after: dict[str, Value] = dict.fromkeys(TERM_COLUMNS)
    uuid = row.server_uuid
    session.delete(row)
    session.flush()
    changes.note_in(session, "term", by=by, server_uuid=uuid, before=before, after=after, why=why)


def _number(value: Value) -> int:
    assert isinstance(value, int)
    return value
