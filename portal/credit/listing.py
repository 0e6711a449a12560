"""Movements of money for whoever administers: the newest first, of all accounts or of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from portal.auth.models import Account
from portal.billing.models import LedgerEntry
from portal.billing.money import Money
from portal.credit.service import left_in
from portal.store import read

PER_PAGE = 50


@dataclass(frozen=True)
class Movement:
    """One row of the ledger; `at` is an instant, `by` the address of the account that did it, if a person did."""

    id: int
    account_id: int
    email: str
    at: int
    kind: str
    amount: Money
    balance: Money
    reference: str
    note: str
    by: str | None
    server_uuid: str | None
    corrects: int | None


@dataclass(frozen=True)
class Whole:
    """A movement with its corrections. `left` is what none of them has taken back, without a sign."""

    movement: Movement
    corrections: tuple[Movement, ...]
    left: Money


@dataclass(frozen=True)
class Found:
    """A page of movements; `older` is where the next one begins, None at the end."""

    movements: tuple[Movement, ...]
    older: int | None


_BY = Account.__table__.alias("by_account")
_ROWS = (
    select(LedgerEntry, Account.email, _BY.c.email.label("by_email"))
    .join(Account, Account.id == LedgerEntry.account_id)
    .outerjoin(_BY, _BY.c.id == LedgerEntry.by_account)
)


def newest(account_id: int | None = None, before: int | None = None, limit: int = PER_PAGE) -> Found:
    """Movements with a number below `before`, the newest first."""
    query = _ROWS.order_by(LedgerEntry.id.desc()).limit(limit + 1)
    if account_id is not None:
        query = _ROWS.where(LedgerEntry.account_id == account_id).order_by(LedgerEntry.number.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(LedgerEntry.id < before)
    with read() as session:
        rows = [_movement(row) for row in session.execute(query)]
    return Found(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def whole(entry_id: int) -> Whole | None:
    """One movement; None when there is none of that number."""
    with read() as session:
        row = session.execute(_ROWS.where(LedgerEntry.id == entry_id)).first()
        if row is None:
            return None
        against = (LedgerEntry.account_id == row[0].account_id, LedgerEntry.corrects == entry_id)
        corrections = [_movement(one) for one in session.execute(_ROWS.where(*against).order_by(LedgerEntry.id))]
        left, _ = left_in(session, row[0])
        return Whole(_movement(row), tuple(corrections), Money(abs(left.minor), left.currency))


def _movement(row: Row[Any]) -> Movement:
    entry: LedgerEntry = row.LedgerEntry
    return Movement(
        entry.id, entry.account_id, row.email, entry.at, entry.kind, Money(entry.amount_minor, entry.currency),
        Money(entry.balance_after, entry.currency), entry.reference, entry.note, row.by_email, entry.server_uuid,
        entry.corrects,
    )  # fmt: skip
