"""What a server has cost until now, as customers are shown it: one line for each day on which it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from portal.audit.models import AuditChange
from portal.billing.models import Price
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.store import read
from portal.web.formatting import day

MOST_PRICES = 12
_READ = 200
"""So many changes are read for them; several of one day are one line."""


@dataclass(frozen=True)
class PriceLine:
    """One version of a price, since when; without an amount it was free."""

    since: int
    amount: Money | None = None
    period: Period | None = None


def of(server_uuid: str) -> list[PriceLine]:
    """The newest versions, the latest first. Of several on one day only the last one stood for longer."""
    prices = select(Price).where(Price.server_uuid == server_uuid).order_by(Price.id.desc()).limit(_READ)
    freed = (
        select(AuditChange.at)
        .where(
            AuditChange.server_uuid == server_uuid, AuditChange.what == "term",
            AuditChange.after.contains('"kind": "free"', autoescape=True),
        )
        .order_by(AuditChange.id.desc())
        .limit(_READ)
    )  # fmt: skip
    with read() as session:
        lines = [_line(row) for row in session.scalars(prices)] + [PriceLine(at) for at in session.scalars(freed)]
    lines.sort(key=lambda one: one.since, reverse=True)
    last: dict[str, PriceLine] = {}
    for one in lines:
        last.setdefault(day(one.since), one)
    return _changes(list(last.values()))[:MOST_PRICES]


def _changes(lines: list[PriceLine]) -> list[PriceLine]:
    """Without those that say the same as the one before them in time."""
    older = [*lines[1:], None]
    return [
        one for one, before in zip(lines, older, strict=True)
        if before is None or (one.amount, one.period) != (before.amount, before.period)
    ]  # fmt: skip


def _line(row: Price) -> PriceLine:
    unit: Literal["days", "months"] = "months" if row.period_unit == "months" else "days"
    return PriceLine(row.since, Money(row.amount_minor, row.currency), Period(row.period_count, unit))
