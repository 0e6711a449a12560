"""Who expires when, and whether their balance will do: the priced servers in the order of their expiry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.auth.models import Account
from portal.billing.models import Balance, Price, Term
from portal.billing.money import Money
from portal.billing.periods import DAY_S, grace_end
from portal.operator import fleet
from portal.operator.fleet import Server
from portal.panel import settings
from portal.servers.models import Grant
from portal.store import read
from portal.suspension.models import Hold

When = Literal["overdue", "7", "30", "all"]
WHENS: Final[tuple[When, ...]] = ("overdue", "7", "30", "all")
PER_PAGE = 100


@dataclass(frozen=True)
class Due:
    """A server that expires. `missing` is what its owner's balance lacks for one period of it once the servers of the
    same owner that expire before it are paid, None when it will do; `has_balance` is False for an owner without an
    account."""

    server: Server
    amount: Money
    expires_at: int
    grace_ends_at: int
    missing: Money | None
    has_balance: bool
    renews_itself: bool


@dataclass(frozen=True)
class Listed:
    """Servers by expiry; `further` is where the next page begins, None at the end."""

    rows: tuple[Due, ...]
    further: str | None


@dataclass(frozen=True)
class Figures:
    """How many servers there are of each sort; `overdue` are past their expiry, `unpaid` suspended for it."""

    priced: int
    free: int
    unset: int
    week: int
    overdue: int
    unpaid: int
    gone: int


def listing(when: When = "all", after: str = "") -> Listed:
    """The priced servers whose expiry is near enough; `after` is `further` of the page before."""
    now = int(clock.now())
    query = select(Term.expires_at, Term.server_uuid).where(Term.kind == "priced", Term.gone_at.is_(None))
    if when == "overdue":
        query = query.where(Term.expires_at <= now)
    elif when != "all":
        query = query.where(Term.expires_at <= now + int(when) * DAY_S)
    place = after.partition("-")
    if place[2] and place[0].isascii() and place[0].isdigit() and len(place[0]) < 13:
        query = query.where(tuple_(Term.expires_at, Term.server_uuid) > (int(place[0]), place[2][:36]))
    with read() as session:
        found = session.execute(query.order_by(Term.expires_at, Term.server_uuid).limit(PER_PAGE + 1)).all()
    shown = found[:PER_PAGE]
    further = f"{shown[-1].expires_at}-{shown[-1].server_uuid}" if len(found) > PER_PAGE else None
    return Listed(_rows([row.server_uuid for row in shown]), further)


def figures() -> Figures:
    """How many there are of each sort, for the overview."""
    counts = fleet.counts()
    now = int(clock.now())
    week = select(func.count()).where(
        Term.kind == "priced", Term.gone_at.is_(None), Term.expires_at > now, Term.expires_at <= now + 7 * DAY_S
    )
    unpaid = select(func.count()).where(Hold.kind == "unpaid", Hold.released_at.is_(None))
    with read() as session:
        in_week, held = session.scalar(week) or 0, session.scalar(unpaid) or 0
    return Figures(counts["priced"], counts["free"], counts["unset"], in_week, counts["overdue"], held, counts["gone"])


def _rows(uuids: list[str]) -> tuple[Due, ...]:
    servers = fleet.named(uuids)
    with read() as session:
        left = _left_in(session, {one.owner_id for one in servers if one.owner_id is not None})
    rows = [_due(one, left) for one in servers]
    return tuple(sorted(rows, key=lambda one: (one.expires_at, one.server.known.uuid)))


def _left_in(session: Session, payers: Collection[int]) -> dict[str, Money]:
    """By server what its owner has once every server of theirs is paid for a period that expires before it."""
    left = {
        row.account_id: Money(row.balance_minor + row.credit_limit_minor, row.currency)
        for row in session.scalars(select(Balance).where(Balance.account_id.in_(payers)))
    }
    theirs = (
        select(Account.id, Term.server_uuid, Price.amount_minor, Price.currency)
        .join(Grant, Grant.panel_user_id == Account.panel_user_id)
        .join(Term, Term.server_uuid == Grant.server_uuid)
        .join(Price, Price.id == Term.price_id)
        .where(Grant.is_owner, ~Grant.is_revoked, Term.kind == "priced", Term.gone_at.is_(None))
        .where(Account.id.in_(payers))
        .order_by(Term.expires_at, Term.server_uuid)
    )
    before: dict[str, Money] = {}
    for payer, uuid, amount_minor, currency in session.execute(theirs):
        before[uuid] = has = left.get(payer, Money(0, currency))
        if has.currency == currency:
            left[payer] = Money(max(0, has.minor - amount_minor), currency)
    return before


def _due(server: Server, left: dict[str, Money]) -> Due:
    assert server.amount is not None
    assert server.expires_at is not None
    chosen = settings()
    grace = grace_end(server.expires_at, chosen.grace_hours, chosen.grace_ends_hour, mode.zone())
    has = left.get(server.known.uuid, Money(0, server.amount.currency))
    missing: Money | None = server.amount
    if has.currency == server.amount.currency:
        lacks = server.amount.minor - has.minor
        missing = Money(lacks, has.currency) if lacks > 0 else None
    return Due(
        server, server.amount, server.expires_at, grace, missing, server.owner_id is not None,
        server.auto_renew_by is not None,
    )  # fmt: skip
