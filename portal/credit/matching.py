"""A bank's file against the accounts: what each row would do. Nothing is written here, and nothing is guessed.

A row is credited only when it names exactly one account, by its payment reference or by its address, and can be read in
one way. Its name in the ledger comes from the row itself, so the same row of a later file is known again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.auth.models import Account
from portal.billing import payment_reference
from portal.billing.models import Balance, LedgerEntry
from portal.billing.money import Money, Total
from portal.credit import columns, figures, table
from portal.credit.columns import Chosen, Columns
from portal.credit.figures import Unreadable
from portal.credit.service import key_of
from portal.credit.table import Line
from portal.store import read
from portal.web.text import EMAIL, email_key

State = Literal["ready", "known", "unmatched", "out"]
NEAR_S = 45 * 86_400
PREFIX = "bank "
_IN = ("h", "haben", "c", "cr", "credit", "kredit", "in", "bij", "k")
_OUT = ("s", "soll", "d", "dr", "debit", "out", "af")
_BOOKED = ("completed", "booked", "posted", "settled", "gebucht", "paid", "succeeded", "complete", "cleared")


@dataclass(frozen=True)
class Row:
    """A row of the file and what becomes of it.

    `ready` is credited, `known` was before, `out` is no payment to the host, `unmatched` is left to people with `why`.
    """

    number: int
    date: str
    amount: Money | None
    text: str
    payer: str
    state: State
    why: str = ""
    account_id: int | None = None
    email: str = ""
    reference: str = ""

    @property
    def note(self) -> str:
        """What the customer's statement says."""
        return f"Bank transfer of {self.date}"


@dataclass(frozen=True)
class Preview:
    """What a file would do. `currency` is what amounts without one are read as."""

    rows: tuple[Row, ...]
    currency: str

    def of(self, state: State) -> tuple[Row, ...]:
        """The rows of one state."""
        return tuple(one for one in self.rows if one.state == state)

    @property
    def total(self) -> Total:
        """What is credited in all. All rows that are ready have the host's currency."""
        return Total(sum(one.amount.minor for one in self.of("ready") if one.amount), self.currency)


@dataclass(frozen=True)
class _Payee:
    id: int
    email: str
    currency: str


def preview(content: bytes, chosen: Chosen | None = None) -> Preview:
    """Look through a file. Raises BadFile."""
    lines = table.rows_of(content)
    where, head = columns.find(lines, chosen or Chosen())
    body, currency = lines[head:], mode.currency()
    mark = figures.decimal_mark((_cell(line, where.amount) for line in body), currency)
    rows = _named([_read(line, where, currency, mark) for line in body], body, where)
    return Preview(tuple(_matched(rows)), currency)


def _cell(line: Line, place: int | None) -> str:
    return line.cells[place] if place is not None and place < len(line.cells) else ""


def _read(line: Line, where: Columns, currency: str, mark: str | None) -> Row:
    text = " ".join(filter(None, (_cell(line, place) for place in where.text)))
    row = Row(line.number, _cell(line, where.date)[:30], None, text, _cell(line, where.payer), "unmatched")
    figure = _cell(line, where.amount)
    if not figure:
        return replace(row, state="out", why="it has no amount")
    try:
        minor, beside = figures.minor_units(figure, currency, mark)
        row = replace(row, date=figures.day(row.date))
    except Unreadable as wrong:
        return replace(row, why=str(wrong))
    said = _cell(line, where.currency).upper() or beside or currency
    if said != currency or (beside and beside != currency):
        return replace(row, why=f"its currency is {(said if said != currency else beside or '')[:10]}")
    if minor <= 0 or _cell(line, where.direction).lower() in _OUT:
        return replace(row, state="out", why="it is no payment to you")
    row = replace(row, amount=Money(minor, currency))
    if where.direction is not None and _cell(line, where.direction).lower() not in _IN:
        return replace(row, why="whether it came in or went out cannot be told")
    if where.state is not None and _cell(line, where.state).lower() not in _BOOKED:
        return replace(row, why=f"its state is {_cell(line, where.state)[:20] or 'empty'}")
    return replace(row, state="ready")


def _named(rows: Sequence[Row], lines: Sequence[Line], where: Columns) -> list[Row]:
    """Give every row that can be read its name: by the bank's own number, else by all that it says and how often."""
    times: Counter[str] = Counter()
    named = []
    for row, line in zip(rows, lines, strict=True):
        own = _cell(line, where.id)
        said = [row.date, own] if own else [row.date, _minor_of(row), row.payer, row.text]
        content = json.dumps(said)
        times[content] += 1
        if own and times[content] > 1 and row.state == "ready":
            row = replace(row, state="unmatched", why="the bank's own number stands there twice")
        digest = hashlib.sha256(f"{content}{'' if own else times[content]}".encode()).hexdigest()[:20]
        named.append(replace(row, reference=f"{PREFIX}{row.date} {digest}"))
    return named


def _minor_of(row: Row) -> str:
    return f"{row.amount.minor} {row.amount.currency}" if row.amount else ""


def _matched(rows: Sequence[Row]) -> list[Row]:
    wanted = [row for row in rows if row.state == "ready"]
    payees = _payees(wanted)
    with read() as session:
        keys = [key_of(row.reference) for row in wanted]
        query = select(LedgerEntry.idempotency_key, LedgerEntry.account_id, LedgerEntry.amount_minor)
        rows_there = session.execute(query.where(LedgerEntry.idempotency_key.in_(keys)))
        there = {one[0]: (one[1], one[2]) for one in rows_there}
        recent = select(LedgerEntry.account_id, LedgerEntry.amount_minor).where(
            LedgerEntry.kind == "credit", LedgerEntry.at > int(clock.now()) - NEAR_S,
            LedgerEntry.account_id.in_([one.id for one in payees.values()]),
            ~LedgerEntry.reference.startswith(PREFIX, autoescape=True),
        )  # fmt: skip
        by_hand = {(one[0], one[1]) for one in session.execute(recent)}
        otherwise = _otherwise_in(session, payees.values(), {key_of(row.reference) for row in rows})
    return [_decided(row, payees, there, by_hand, otherwise) if row.state == "ready" else row for row in rows]


def _otherwise_in(session: Session, payees: Iterable[_Payee], keys: set[str]) -> set[tuple[int, int, str]]:
    """Account, amount and day of rows of a bank that were credited under a name that no row of this file has.

    That is so when the same row was read with another choice of columns, or stands in another kind of export.
    """
    query = select(
        LedgerEntry.account_id, LedgerEntry.amount_minor, LedgerEntry.reference, LedgerEntry.idempotency_key
    ).where(
        LedgerEntry.kind == "credit", LedgerEntry.account_id.in_([one.id for one in payees]),
        LedgerEntry.reference.startswith(PREFIX, autoescape=True),
    )  # fmt: skip
    others = (one for one in session.execute(query) if one.idempotency_key not in keys)
    return {(one.account_id, one.amount_minor, _day_of(one.reference)) for one in others}


def _day_of(reference: str) -> str:
    """The day in the name of a bank's row: `bank 2026-06-01 <digest>`."""
    return reference.removeprefix(PREFIX).rpartition(" ")[0]


def _decided(
    row: Row, payees: dict[str, _Payee], there: dict[str, tuple[int, int]], by_hand: set[tuple[int, int]],
    otherwise: set[tuple[int, int, str]],
) -> Row:  # fmt: skip
    amount, known = row.amount, there.get(key_of(row.reference))
    found = {payees[name].id: payees[name] for name in _names(row) if name in payees}
    if amount is None or len(found) != 1:
        return replace(row, state="unmatched", why=f"it names {'more than one' if found else 'no'} account")
    (one,) = found.values()
    row = replace(row, account_id=one.id, email=one.email)
    if known:
        if known == (one.id, amount.minor):
            return replace(row, state="known")
        return replace(row, state="unmatched", why="it was credited before with another amount or account")
    if one.currency != amount.currency:
        return replace(row, state="unmatched", why=f"the account is kept in {one.currency}")
    if (one.id, amount.minor, row.date) in otherwise:
        why = (
            "the same amount of that day was credited there from a bank's file before, of another kind or read with "
            "other columns; if this is another payment, credit it by hand"
        )
        return replace(row, state="unmatched", why=why)
    if (one.id, amount.minor) in by_hand:
        why = "the same amount was credited there without a bank's file; if this is another one, credit it by hand"
        return replace(row, state="unmatched", why=why)
    return row


def _names(row: Row) -> set[str]:
    """Every name of an account in the row's text: `#12` for a payment reference, or an address."""
    numbers = {f"#{number}" for number in payment_reference.accounts_named(row.text)}
    return numbers | {email_key(one).strip(".") for one in re.findall(EMAIL, row.text)}


def _payees(rows: Sequence[Row]) -> dict[str, _Payee]:
    names = set().union(*(_names(row) for row in rows)) if rows else set()
    numbers = [int(name[1:]) for name in names if name.startswith("#")]
    query = select(Account.id, Account.email, Balance.currency).outerjoin(Balance, Balance.account_id == Account.id)
    with read() as session:
        found = session.execute(query.where(Account.id.in_(numbers) | Account.email.in_(names))).all()
    payees = [_Payee(one[0], one[1], one[2] or mode.currency()) for one in found]
    return {name: one for one in payees for name in (f"#{one.id}", one.email)}
