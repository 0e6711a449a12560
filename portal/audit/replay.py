"""Balances, expiry and holds as the trail of changes tells them: what the store holds must be the same.

A row of the trail says which columns changed and what they are since; the last word on each column counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditChange
from portal.store import direct, read

Value = str | int | bool | None
AT_ONCE = 2000
_TRAIL = direct.table(AuditChange)
_COLUMNS = (_TRAIL.c.id, _TRAIL.c.what, _TRAIL.c.server_uuid, _TRAIL.c.about_account, _TRAIL.c.after)


@dataclass
class Rebuilt:
    """What the trail tells. A term without a kind was taken away again; holds are known by their ids."""

    balances: dict[int, dict[str, Value]] = field(default_factory=dict)
    terms: dict[str, dict[str, Value]] = field(default_factory=dict)
    holds: dict[int, dict[str, Value]] = field(default_factory=dict)
    movements: int = 0
    changes: int = 0
    last: int = 0
    unreadable: list[int] = field(default_factory=list)

    def go_on_in(self, session: Session, limit: int | None = AT_ONCE) -> bool:
        """Take in the next rows of the trail; returns whether there were as many as asked for."""
        query = select(*_COLUMNS).where(_TRAIL.c.id > self.last).order_by(_TRAIL.c.id).limit(limit)
        rows = session.execute(query).all()
        for row in rows:
            self.last, self.changes = row.id, self.changes + 1
            try:
                self._take(row)
            except (ValueError, KeyError, TypeError, AttributeError):
                self.unreadable.append(row.id)
        return limit is not None and len(rows) == limit

    def _take(self, row: Any) -> None:
        after: dict[str, Value] = dict(json.loads(row.after).items())
        if row.what == "ledger":
            kept = self.balances.setdefault(row.about_account, {"balance_minor": 0, "currency": None, "sum": 0})
            total = _whole(kept["sum"]) + _whole(after["amount_minor"])
            kept |= {name: after[name] for name in ("balance_minor", "currency")} | {"sum": total}
            self.movements += 1
        elif row.what == "term":
            self.terms.setdefault(row.server_uuid, {}).update(after)
        elif row.what == "hold":
            self.holds.setdefault(_whole(after["id"]), {"server_uuid": row.server_uuid}).update(after)


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def rebuilt() -> Rebuilt:
    """Everything that the trail tells up to about now, read in short transactions."""
    found = Rebuilt()
    is_more = True
    while is_more:
        with read() as session:
            is_more = found.go_on_in(session)
    return found
