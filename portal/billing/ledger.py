"""The ledger: every movement of money of every account, in rows that are never changed, and their sums.

One door writes to it (`post_in`). A row is named by its `key`: the same key with the same content is the row that is
there already, with another content it is refused. The balance is the sum of the rows and, by a CHECK of the database,
never below what the account may owe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import changes
from portal.billing.models import Balance, LedgerEntry
from portal.billing.money import Money
from portal.store import chain, direct, read
from portal.store.state import StoreState

Kind = Literal["credit", "charge", "refund", "correction"]
AT_ONCE = 2000
STOPPED = "money_stopped"
"""The value in the store that is there while the ledger is known to be broken (`verifying`)."""
_HASHED = (
    "account_id", "number", "at", "kind", "amount_minor", "currency", "idempotency_key", "reference", "note",
    "by_account", "server_uuid", "corrects", "balance_after",
)  # fmt: skip
_ROWS, _SUMS = direct.table(LedgerEntry), direct.table(Balance)
_ROW_OF_KEY = select(_ROWS).where(_ROWS.c.idempotency_key == bindparam("key"))
_OWNER_OF_ROW = select(_ROWS.c.account_id).where(_ROWS.c.id == bindparam("number"))
_ADD_ROW = insert(_ROWS).returning(_ROWS.c.id)
_STOPPED = select(direct.table(StoreState).c.value).where(direct.table(StoreState).c.name == STOPPED)
_SUM = select(_SUMS).where(_SUMS.c.account_id == bindparam("account"))
_ADD_SUM = insert(_SUMS)
_MOVE_SUM = (
    update(_SUMS)
    .where(_SUMS.c.account_id == bindparam("account"))
    .values(balance_minor=bindparam("after"), entries=bindparam("count"), head=bindparam("digest"))
)


class LedgerError(Exception):
    """A movement that there cannot be; the message is a sentence."""


class Conflict(LedgerError):
    """The key, or the reference, is there already with another content."""


class Stopped(LedgerError):
    """The ledger was found broken: no money is moved until it is whole again."""

    def __init__(self) -> None:
        super().__init__("The books do not add up, so no money is moved until your host has looked at them.")


class NotEnough(LedgerError):
    """The balance does not do; `missing` is by how much."""

    def __init__(self, missing: Money) -> None:
        super().__init__(f"The balance is short of {missing}.")
        self.missing = missing


@dataclass(frozen=True)
class Posting:
    """A movement to be written: positive amounts come in, negative ones go out. `by` is the account that did it."""

    account_id: int
    kind: Kind
    amount: Money
    key: str
    reference: str = ""
    note: str = ""
    by: int | None = None
    server_uuid: str | None = None
    corrects: int | None = None


@dataclass(frozen=True)
class Posted:
    """A row of the ledger. `is_new` is False when its key was there already."""

    id: int
    number: int
    at: int
    balance: Money
    is_new: bool


@dataclass(frozen=True)
class Fault:
    """Something about an account's ledger that cannot be: for `flask ledger verify`."""

    account_id: int
    number: int | None
    reason: str


def balance(account_id: int) -> Money | None:
    """What an account has; None as long as it never had anything."""
    with read() as session:
        return balance_in(session, account_id)


def balance_in(session: Session, account_id: int) -> Money | None:
    """The same inside somebody's transaction."""
    row = direct.execute(session, _SUM, {"account": account_id}).first()
    return Money(row.balance_minor, row.currency) if row else None


def is_stopped() -> bool:
    """Whether no money is moved, because the ledger was found broken."""
    with read() as session:
        return direct.execute(session, _STOPPED).first() is not None


def post_in(session: Session, posting: Posting) -> Posted:
    """Write one movement inside somebody's write(), or find the one that has its key.

    Raises Conflict (the key has another content), Stopped (the ledger was found broken; what is there already is found
    all the same), NotEnough, LedgerError (another currency than the account's, a row to correct that is not the
    account's).
    """
    known = direct.execute(session, _ROW_OF_KEY, {"key": posting.key}).first()
    if known is not None:
        return _same(known, posting)
    if direct.execute(session, _STOPPED).first() is not None:
        raise Stopped
    head = _head_in(session, posting)
    after = head.balance_minor + posting.amount.minor
    if after < -head.credit_limit_minor and posting.amount.minor < 0:
        raise NotEnough(Money(-head.credit_limit_minor - after, head.currency))
    row: dict[str, Any] = {
        "account_id": posting.account_id,
        "number": head.entries + 1,
        "at": int(clock.now()),
        "kind": posting.kind,
        "amount_minor": posting.amount.minor,
        "currency": posting.amount.currency,
        "idempotency_key": posting.key,
        "reference": posting.reference,
        "note": posting.note,
        "by_account": posting.by,
        "server_uuid": posting.server_uuid,
        "corrects": posting.corrects,
        "balance_after": Money(after, head.currency).minor,
    }
    digest = chain.link(head.head, row)
    number = int(direct.execute(session, _ADD_ROW, {**row, "previous": head.head, "hash": digest}).scalar_one())
    moved = {"account": posting.account_id, "after": after, "count": head.entries + 1, "digest": digest}
    direct.execute(session, _MOVE_SUM, moved)
    changes.note_in(
        session, "ledger", by=posting.by, server_uuid=posting.server_uuid, about_account=posting.account_id,
        why=posting.note, before={"balance_minor": head.balance_minor},
        after={"balance_minor": after, "amount_minor": posting.amount.minor, "currency": head.currency,
               "ledger_id": number, "key": posting.key},
    )  # fmt: skip
    return Posted(number, head.entries + 1, row["at"], Money(after, head.currency), True)


def verify() -> Iterator[Fault]:
    """Walk every account's rows: chain, numbers, sums and balance. Yields what is wrong, nothing when all is well."""
    with read() as session:
        heads = session.execute(select(Balance)).scalars().all()
        strays = select(LedgerEntry.account_id).where(LedgerEntry.account_id.not_in(select(Balance.account_id)))
        for account_id in session.scalars(strays.distinct()):
            yield Fault(account_id, None, "it has rows and no balance")
    for head in heads:
        yield from _verify_account(head)


def _verify_account(head: Balance) -> Iterator[Fault]:
    previous, number, total = chain.FIRST, 0, 0
    while True:
        with read() as session:
            rows = session.execute(
                select(_ROWS)
                .where(_ROWS.c.account_id == head.account_id, _ROWS.c.number > number)
                .order_by(_ROWS.c.number)
                .limit(AT_ONCE)
            ).all()
        for row in rows[: max(0, head.entries - number)]:  # what was written since `head` was read is not looked at
            total += row.amount_minor
            if row.number != number + 1:
                yield Fault(head.account_id, row.number, f"row {number + 1} is missing")
            if row.previous != previous:
                yield Fault(head.account_id, row.number, "it does not follow from the row before")
            if row.hash != chain.link(row.previous, {name: getattr(row, name) for name in _HASHED}):
                yield Fault(head.account_id, row.number, "it was changed")
            if row.balance_after != total:
                yield Fault(head.account_id, row.number, "the balance after it is not the sum of the rows")
            if row.currency != head.currency:
                yield Fault(head.account_id, row.number, "it is of another currency")
            previous, number = row.hash, row.number
        if len(rows) < AT_ONCE or number >= head.entries:
            break
    if total != head.balance_minor:
        yield Fault(head.account_id, None, "the balance is not the sum of the rows")
    if number != head.entries or previous != head.head:
        yield Fault(head.account_id, None, "rows are missing at the end")


def _same(known: Row[Any], posting: Posting) -> Posted:
    there = (known.account_id, known.kind, known.amount_minor, known.currency, known.reference, known.corrects)
    asked = (
        posting.account_id, posting.kind, posting.amount.minor, posting.amount.currency, posting.reference,
        posting.corrects,
    )  # fmt: skip
    if there != asked:
        raise Conflict("That was written down before with another content.")
    return Posted(known.id, known.number, known.at, Money(known.balance_after, known.currency), False)


def _head_in(session: Session, posting: Posting) -> Row[Any]:
    """The account's balance, made with the currency of its first movement. Raises LedgerError for another one."""
    mine = {"account": posting.account_id}
    head = direct.execute(session, _SUM, mine).first()
    if head is None:
        empty = {"currency": posting.amount.currency, "balance_minor": 0, "credit_limit_minor": 0, "entries": 0}
        direct.execute(session, _ADD_SUM, {"account_id": posting.account_id, **empty, "head": chain.FIRST})
        head = direct.execute(session, _SUM, mine).one()
    if head.currency != posting.amount.currency:
        raise LedgerError(f"The account is kept in {head.currency}, not in {posting.amount.currency}.")
    if posting.corrects is None:
        return head
    if direct.execute(session, _OWNER_OF_ROW, {"number": posting.corrects}).scalar() != posting.account_id:
        raise LedgerError("There is no such movement of this account to correct.")
    return head
