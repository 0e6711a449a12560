"""An account's statement: its movements of money, the newest first, filtered and in pages, on paper and as CSV.

Every question is answered from an index that ends with the time: a page costs the same with ten thousand rows and with
a million. Where the next page begins is said by the last row of this one, so rows that come meanwhile move nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Select, select, text, tuple_
from sqlalchemy.orm import Session

from portal.billing.models import LedgerEntry, Term
from portal.billing.money import Money
from portal.store import read

PER_PAGE = 50
MOST_ON_PAPER = 1000
AT_ONCE = 1000
MOST_SERVERS = 200
KINDS: Final = ("credit", "charge", "refund", "correction")
COLUMNS = (
    "number", "time", "kind", "amount", "currency", "balance_after", "server", "server_identifier", "reference", "note",
)  # fmt: skip
_SERVERS = text(
    """
    WITH RECURSIVE one(uuid) AS (
      SELECT min(server_uuid) FROM ledger_entry WHERE account_id = :account
      UNION ALL
      SELECT (SELECT min(server_uuid) FROM ledger_entry WHERE account_id = :account AND server_uuid > one.uuid)
      FROM one WHERE one.uuid IS NOT NULL
    )
    SELECT uuid FROM one WHERE uuid IS NOT NULL LIMIT :most
    """
)
"""Each server once, by one look into the index for each, however many rows there are."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Asked:
    """What a statement is asked for; empty and None ask for everything. `until` is the last day, with all of it."""

    kind: str = ""
    since: date | None = None
    until: date | None = None
    server_uuid: str = ""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self == Asked()


@dataclass(frozen=True)
class Line:
    """One movement. `server` is the name that the server had last, None for one that is about no server."""

    id: int
    number: int
    at: int
    kind: str
    amount: Money
    balance: Money
    reference: str
    note: str
    server: str | None
    identifier: str | None


@dataclass(frozen=True)
class Cursor:
    """The row after which a page goes on."""

    at: int
    id: int

    def __str__(self) -> str:
        return f"{self.at}-{self.id}"


@dataclass(frozen=True)
class Page:
    """A piece of a statement; `older` is where the next one begins."""

    lines: tuple[Line, ...]
    older: Cursor | None


def cursor(said: str) -> Cursor | None:
    """The place that an address names; None for anything else."""
    at, dash, number = said.partition("-")
    is_one = dash and at.isascii() and number.isascii() and at.isdigit() and number.isdigit()
    return Cursor(int(at), int(number)) if is_one and len(said) < 40 and max(len(at), len(number)) < 19 else None


def page(
    account_id: int, asked: Asked, zone: tzinfo, *, after: Cursor | None = None, limit: int = PER_PAGE
) -> Page:  # fmt: skip
    """Movements of an account, the newest first. Days are those of `zone`."""
    query = _query(account_id, asked, zone)
    if after is not None:
        query = query.where(tuple_(LedgerEntry.at, LedgerEntry.id) < (after.at, after.id))
    with read() as session:
        rows: Sequence[LedgerEntry] = session.scalars(query.limit(limit + 1)).all()
        names = _names_in(session, {row.server_uuid for row in rows if row.server_uuid})
    lines = tuple(_line(row, names) for row in rows[:limit])
    return Page(lines, Cursor(lines[-1].at, lines[-1].id) if len(rows) > limit else None)


def each(account_id: int, asked: Asked, zone: tzinfo) -> Iterator[Line]:
    """All movements that fit, the newest first, read in short transactions."""
    after: Cursor | None = None
    while True:
        found = page(account_id, asked, zone, after=after, limit=AT_ONCE)
        yield from found.lines
        after = found.older
        if after is None:
            return


def servers(account_id: int) -> dict[str, str]:
    """The servers that an account's movements are about, uuid: name, in the order of their names."""
    with read() as session:
        found = session.scalars(_SERVERS, {"account": account_id, "most": MOST_SERVERS}).all()
        names = _names_in(session, set(found))
    named = {uuid: names[uuid][0] if uuid in names else uuid[:8] for uuid in found}
    return dict(sorted(named.items(), key=lambda one: (one[1].casefold(), one[0])))


def as_csv(lines: Iterator[Line]) -> Iterator[str]:
    """The lines as CSV, a piece of text for each; times are UTC. Begins with the mark by which Excel knows UTF-8."""
    yield "\ufeff" + _row(COLUMNS)
    for one in lines:
        at = datetime.fromtimestamp(one.at, UTC).isoformat()
        yield _row(
            (
                one.number, at, one.kind, one.amount.decimal, one.amount.currency, one.balance.decimal,
                _text(one.server), one.identifier or "", _text(one.reference), _text(one.note),
            )
        )  # fmt: skip


def _row(values: tuple[object, ...]) -> str:
    piece = io.StringIO()
    csv.writer(piece, lineterminator="\r\n").writerow(values)
    return piece.getvalue()


def _text(value: str | None) -> str:
    """A text that no spreadsheet takes for a formula."""
    said = value or ""
    return f"'{said}" if said.startswith(_FORMULA) else said


def _query(account_id: int, asked: Asked, zone: tzinfo) -> Select[Any]:
    query = select(LedgerEntry).where(LedgerEntry.account_id == account_id)
    if asked.kind:
        query = query.where(LedgerEntry.kind == asked.kind)
    if asked.server_uuid:
        query = query.where(LedgerEntry.server_uuid == asked.server_uuid)
    if asked.since is not None:
        query = query.where(LedgerEntry.at >= _begin(asked.since, zone))
    if asked.until is not None and asked.until < date.max:
        query = query.where(LedgerEntry.at < _begin(asked.until + timedelta(days=1), zone))
    return query.order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())


def _begin(day: date, zone: tzinfo) -> int:
    """When a day begins. The first and last days that there are have no epoch in every zone: then UTC's."""
    try:
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    except (OverflowError, ValueError):
        return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _names_in(session: Session, uuids: set[str]) -> Mapping[str, tuple[str, str]]:
    query = select(Term.server_uuid, Term.name, Term.identifier).where(Term.server_uuid.in_(uuids))
    return {row.server_uuid: (row.name, row.identifier) for row in session.execute(query)} if uuids else {}


def _line(row: LedgerEntry, names: Mapping[str, tuple[str, str]]) -> Line:
    name, identifier = names.get(row.server_uuid, (None, None)) if row.server_uuid else (None, None)
    return Line(
        row.id, row.number, row.at, row.kind, Money(row.amount_minor, row.currency),
        Money(row.balance_after, row.currency), row.reference, row.note, name, identifier,
    )  # fmt: skip
