"""Price and expiry of servers: priced, free, or not yet set. Only a priced server expires."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.audit import changes
from portal.billing.models import Price, Renewal, Term
from portal.billing.money import Money
from portal.billing.periods import Period, end_of
from portal.store import direct, read, write

TERM_COLUMNS = ("kind", "price_id", "anchor", "periods", "expires_at", "auto_renew_by", "gone_at")
"""What a change of a term is written down with."""
_TERMS, _PRICES = direct.table(Term), direct.table(Price)
_RENEWALS = direct.table(Renewal)
_RENEWED_FROM = select(_RENEWALS.c.id).where(
    _RENEWALS.c.server_uuid == bindparam("server"), _RENEWALS.c.from_expiry == bindparam("expiry")
)
_STANDING = (
    select(_TERMS, *(column.label(f"price_{name}") for name, column in _PRICES.c.items() if name != "id"))
    .outerjoin(_PRICES, _PRICES.c.id == _TERMS.c.price_id)
    .where(_TERMS.c.server_uuid == bindparam("server"))
)


class TermError(Exception):
    """A price or an expiry that there cannot be; the message is a sentence."""


@dataclass(frozen=True)
class Known:
    """How the panel names a server: what a term keeps of it for the time when the panel has it no more."""

    uuid: str
    identifier: str
    name: str
    internal_id: int


@dataclass(frozen=True)
class PriceTag:
    """One version of a price: an amount for each period, since an instant."""

    id: int
    amount: Money
    period: Period
    since: int


@dataclass(frozen=True)
class Terms:
    """How a server stands. `price` and `expires_at` are None exactly for a free one."""

    server: Known
    kind: Literal["priced", "free"]
    price: PriceTag | None
    anchor: int | None
    periods: int
    expires_at: int | None
    auto_renew_by: int | None
    gone_at: int | None

    def end_after(self, periods: int) -> int:
        """The expiry once so many more periods are paid, counted from the anchor. Raises PeriodError, TermError."""
        if self.price is None or self.anchor is None:
            raise TermError("A free server never expires.")
        return end_of(self.anchor, self.price.period, self.periods + periods, mode.zone())


def of(server_uuid: str) -> Terms | None:
    """How a server stands; None: not yet set."""
    with read() as session:
        return get_in(session, server_uuid)


def get_in(session: Session, server_uuid: str) -> Terms | None:
    """The same inside somebody's transaction."""
    row = direct.execute(session, _STANDING, {"server": server_uuid}).first()
    if row is None:
        return None
    price = _tag(
        row.price_id, row.price_amount_minor, row.price_currency, row.price_period_count, row.price_period_unit,
        row.price_since,
    ) if row.price_id is not None else None  # fmt: skip
    return _standing(row, price)


def many(server_uuids: Collection[str]) -> dict[str, Terms]:
    """How several servers stand, by uuid; those that are not yet set are missing."""
    query = select(Term, Price).outerjoin(Price, Price.id == Term.price_id).where(Term.server_uuid.in_(server_uuids))
    with read() as session:
        return {row[0].server_uuid: _terms(row[0], row[1]) for row in session.execute(query)}


def is_renewed_from_in(session: Session, server_uuid: str, expires_at: int) -> bool:
    """Whether somebody renewed a server from this expiry."""
    asked = {"server": server_uuid, "expiry": expires_at}
    return direct.execute(session, _RENEWED_FROM, asked).first() is not None


def unused_in(session: Session, server_uuid: str, expires_at: int) -> int:
    """The expiry, or the next second from which nobody renewed: UNIQUE(server, from_expiry) would refuse for ever."""
    while is_renewed_from_in(session, server_uuid, expires_at):
        expires_at += 1
    return expires_at


def refresh_names(servers: Collection[Known]) -> int:
    """Keep the names that the panel gives servers now; returns how many were other ones. Nothing else is touched."""
    named = {one.uuid: one for one in servers}
    mine = select(Term).where(Term.server_uuid.in_(list(named)))
    with read() as session:
        rows = session.scalars(mine).all()
        stale = [one.server_uuid for one in rows if (one.name, one.identifier) != _names(named[one.server_uuid])]
    if not stale:
        return 0
    with write() as session:
        for row in session.scalars(mine.where(Term.server_uuid.in_(stale))):
            row.name, row.identifier = _names(named[row.server_uuid])
    return len(stale)


def set_price_in(session: Session, server: Known, amount: Money, period: Period, *, by: int | None, why: str) -> Terms:
    """Let a server cost something from now on. Time that is paid stays: the expiry does not move.

    A server that had no price expires after one period from now, unless `set_expiry_in` follows. Another length of
    period is counted from the expiry that stands.
    """
    if amount.minor <= 0:
        raise TermError("A price is more than zero; a server that costs nothing is free.")
    row, before = _row_in(session, server)
    now = int(clock.now())
    price = Price(
        server_uuid=server.uuid, amount_minor=amount.minor, currency=amount.currency, period_count=period.count,
        period_unit=period.unit, since=now, set_by=by,
    )  # fmt: skip
    session.add(price)
    session.flush()
    old = session.get(Price, row.price_id) if row.price_id else None
    row.price_id = price.id
    if row.kind != "priced" or row.anchor is None or row.expires_at is None:
        expires_at = unused_in(session, server.uuid, end_of(now, period, 1, mode.zone()))
        row.kind, row.anchor, row.periods, row.expires_at = "priced", now, 1, expires_at
    elif old is None or (old.period_count, old.period_unit) != (period.count, period.unit):
        row.anchor, row.periods = row.expires_at, 0
    return _changed_in(session, row, before, by=by, why=why)


def set_expiry_in(
    session: Session,
    server_uuid: str,
    expires_at: int,
    *,
    by: int | None,
    why: str,
    anchor: int | None = None,
    periods: int = 0,
) -> Terms:
    """Move a priced server's expiry. Later periods are counted from it, unless it is `periods` periods after `anchor`.

    An expiry from which somebody renewed once already moves on by a second, so that it can be renewed from again.
    Raises TermError for a server without a price.
    """
    row = session.get(Term, server_uuid)
    if row is None or row.kind != "priced":
        raise TermError("Only a server with a price has an expiry.")
    before = _values(row)
    row.expires_at = unused_in(session, server_uuid, expires_at)
    row.anchor, row.periods = (anchor, periods) if anchor is not None and periods else (row.expires_at, 0)
    return _changed_in(session, row, before, by=by, why=why)


def set_free_in(session: Session, server: Known, *, by: int | None, why: str) -> Terms:
    """Let a server cost nothing: it never expires."""
    row, before = _row_in(session, server)
    row.kind, row.price_id, row.anchor, row.periods, row.expires_at = "free", None, None, 0, None
    row.auto_renew_by = None
    return _changed_in(session, row, before, by=by, why=why)


def set_auto_renew_in(session: Session, server_uuid: str, account_id: int | None, *, by: int | None, why: str) -> Terms:
    """Renew a server by itself from an account's balance, or with None no longer."""
    row = session.get(Term, server_uuid)
    if row is None or row.kind != "priced":
        raise TermError("Only a server with a price can be renewed.")
    before = _values(row)
    row.auto_renew_by, row.auto_tried_at = account_id, None
    return _changed_in(session, row, before, by=by, why=why)


def known_in(session: Session, server_uuid: str) -> Known | None:
    """How the panel named a server last, from what was read of it; None when it never was."""
    from portal.servers.models import PanelServer
    from portal.suspension.models import Observed

    seen = session.get(Observed, server_uuid)
    row = session.get(PanelServer, server_uuid)
    if row is not None:
        return Known(row.uuid, row.identifier, seen.name if seen else row.identifier, row.internal_id)
    term = session.get(Term, server_uuid)
    return Known(term.server_uuid, term.identifier, term.name, term.internal_id) if term else None


def _names(server: Known) -> tuple[str, str]:
    return server.name, server.identifier


def _row_in(session: Session, server: Known) -> tuple[Term, dict[str, str | int | bool | None]]:
    row = session.get(Term, server.uuid)
    if row is not None:
        row.identifier, row.name, row.internal_id = server.identifier, server.name, server.internal_id
        return row, _values(row)
    row = Term(
        server_uuid=server.uuid, identifier=server.identifier, name=server.name, internal_id=server.internal_id,
        kind="free", periods=0,
    )  # fmt: skip
    session.add(row)
    return row, dict.fromkeys(TERM_COLUMNS)


def _changed_in(
    session: Session, row: Term, before: dict[str, str | int | bool | None], *, by: int | None, why: str
) -> Terms:
    session.flush()
    after = _values(row)
    moved = {name for name in after if before[name] != after[name]}
    changes.note_in(
        session, "term", by=by, server_uuid=row.server_uuid, why=why,
        before={name: before[name] for name in sorted(moved)},
        after={name: after[name] for name in sorted(moved)},
    )  # fmt: skip
    price = session.get(Price, row.price_id) if row.price_id else None
    return _terms(row, price)


def _values(row: Term) -> dict[str, str | int | bool | None]:
    return {name: getattr(row, name) for name in TERM_COLUMNS}


def _terms(row: Term, price: Price | None) -> Terms:
    if price is None:
        return _standing(row, None)
    tag = _tag(price.id, price.amount_minor, price.currency, price.period_count, price.period_unit, price.since)
    return _standing(row, tag)


def _tag(number: int, minor: int, currency: str, count: int, unit: str, since: int) -> PriceTag:
    return PriceTag(number, Money(minor, currency), Period(count, "months" if unit == "months" else "days"), since)


def _standing(row: Term | Row[Any], price: PriceTag | None) -> Terms:
    return Terms(
        Known(row.server_uuid, row.identifier, row.name, row.internal_id), "priced" if row.kind == "priced" else "free",
        price, row.anchor, row.periods, row.expires_at, row.auto_renew_by, row.gone_at,
    )  # fmt: skip
