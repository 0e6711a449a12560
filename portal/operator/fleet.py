"""All servers as the host sees them: whose they are, what they cost, until when, and what holds them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account
from portal.billing.models import Price, Term
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.billing.terms import Known
from portal.paging import PER_PAGE, Page, within
from portal.servers.models import Grant, PanelServer, Snapshot
from portal.store import read
from portal.suspension.models import Hold, Observed
from portal.web.i18n import _
from portal.web.text import email_key

Show = Literal["all", "unset", "priced", "free", "overdue", "held", "gone"]
SHOWS: Final[tuple[Show, ...]] = ("all", "unset", "priced", "free", "overdue", "held", "gone")
MOST = 5000
"""The most servers that one change may take."""
AT_ONCE = 500
T = TypeVar("T")
IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z]{8}", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """One server. `owner` is None for an owner without an account; `kind` None: not yet set.

    `holds` are the kinds of its open holds; `is_suspended` is what the panel showed last.
    """

    known: Known
    owner_id: int | None
    owner: str | None
    kind: Literal["priced", "free"] | None
    amount: Money | None
    period: Period | None
    anchor: int | None
    periods: int
    expires_at: int | None
    auto_renew_by: int | None
    gone_at: int | None
    is_suspended: bool
    holds: tuple[str, ...]


@dataclass(frozen=True)
class Filter:
    """Which servers: a word of `SHOWS`, a text in name, identifier or owner, the name of a node, an owner's address."""

    show: Show = "all"
    text: str = ""
    node: str = ""
    owner: str = ""


def listing(wanted: Filter, page: int) -> Page[Server, Show]:
    """The servers of a filter, by name."""
    query = _query().where(*_conditions(wanted))
    with read() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = within(page, total)
        found = session.execute(query.order_by(*_ORDER).offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
        rows = _servers(session, found)
        counts = {one: _count(session, Filter(one, wanted.text, wanted.node)) for one in SHOWS}
    return Page(rows, total, page, counts)


def fitting(wanted: Filter) -> list[Server]:
    """Every server of a filter, by name, however many there are."""
    with read() as session:
        query = _query().where(*_conditions(wanted)).order_by(*_ORDER)
        return list(_servers(session, session.execute(query).all()))


def cut(found: Sequence[T]) -> tuple[list[T], str]:
    """As many as one change may take, and a sentence about those that are left, if any are."""
    if len(found) <= MOST:
        return list(found), ""
    return list(found[:MOST]), _(
        "%(all)s servers fit. These are the first %(most)s of them by name: choose the others by themselves, by owner, "
        "node or egg.", all=len(found), most=MOST,
    )  # fmt: skip


def named(identifiers: Collection[str]) -> list[Server]:
    """The servers of identifiers or uuids, by name; those that nobody knows are missing."""
    wanted = sorted({one[:8].lower() for one in identifiers})
    found: list[Row[Any]] = []
    with read() as session:
        for first in range(0, len(wanted), AT_ONCE):
            part = wanted[first : first + AT_ONCE]
            found += session.execute(_query().where(_ID.in_(part)).order_by(*_ORDER)).all()
        rows = _servers(session, found)
    return sorted(rows, key=lambda one: (one.known.name.casefold(), one.known.uuid))


def one(identifier: str) -> Server | None:
    """A server by its identifier or uuid."""
    found = named([identifier])
    return found[0] if found else None


def pasted(text: str) -> list[str]:
    """The identifiers in a text that somebody pasted: first eight letters of each, each once, in order."""
    return list(dict.fromkeys(found[:8].lower() for found in IDENTIFIER.findall(text)))


def counts() -> dict[Show, int]:
    """How many servers each word of `SHOWS` would show."""
    with read() as session:
        return {one: _count(session, Filter(one)) for one in SHOWS}


def nodes() -> list[str]:
    """The names of nodes that are known: of servers that some client key has seen."""
    name = func.json_extract(Snapshot.facts, "$.node")
    with read() as session:
        return sorted({str(found) for found in session.scalars(select(name).distinct()) if found})


_NAME = func.coalesce(Observed.name, Term.name, PanelServer.identifier)
_ID = func.coalesce(PanelServer.identifier, Term.identifier)
_ALL = union(select(PanelServer.uuid), select(Term.server_uuid)).subquery()
_UUID = _ALL.c.uuid
_ORDER = (func.lower(_NAME), _UUID)


def _query() -> Select[Any]:
    """Servers of the panel, and those that it has no more but that have a price here."""
    owns = and_(Grant.server_uuid == _UUID, Grant.is_owner, ~Grant.is_revoked)
    return (
        select(
            _UUID, _ID.label("identifier"), _NAME.label("name"),
            func.coalesce(PanelServer.internal_id, Term.internal_id).label("internal_id"),
            Account.id.label("owner_id"), Account.email, Term.kind, Term.anchor, Term.periods, Term.expires_at,
            Term.auto_renew_by, Term.gone_at, Price.amount_minor, Price.currency, Price.period_count,
            Price.period_unit, Observed.is_suspended,
        )
        .select_from(_ALL)
        .outerjoin(PanelServer, PanelServer.uuid == _UUID)
        .outerjoin(Term, Term.server_uuid == _UUID)
        .outerjoin(Price, Price.id == Term.price_id)
        .outerjoin(Observed, Observed.server_uuid == _UUID)
        .outerjoin(Grant, owns)
        .outerjoin(Account, Account.panel_user_id == Grant.panel_user_id)
        .group_by(_UUID)
    )  # fmt: skip


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = list(_shown(wanted.show))
    if wanted.text:
        columns = (func.lower(one) for one in (_NAME, _UUID, Account.email, Account.panel_username))
        conditions.append(or_(*(one.contains(wanted.text.casefold(), autoescape=True) for one in columns)))
    if wanted.node:
        there = select(Snapshot.server_uuid).where(func.json_extract(Snapshot.facts, "$.node") == wanted.node)
        conditions.append(_UUID.in_(there))
    if wanted.owner:
        conditions.append(Account.email == email_key(wanted.owner))
    return conditions


def _shown(show: Show) -> Iterable[ColumnElement[bool]]:
    is_there = Term.gone_at.is_(None)
    match show:
        case "unset":
            return (Term.kind.is_(None),)
        case "priced":
            return (Term.kind == "priced", is_there)
        case "free":
            return (Term.kind == "free", is_there)
        case "overdue":
            return (Term.kind == "priced", is_there, Term.expires_at <= int(clock.now()))
        case "held":
            return (_UUID.in_(select(Hold.server_uuid).where(Hold.released_at.is_(None))),)
        case "gone":
            return (Term.gone_at.is_not(None),)
        case _:
            return (is_there,)


def _count(session: Session, wanted: Filter) -> int:
    return session.scalar(select(func.count()).select_from(_query().where(*_conditions(wanted)).subquery())) or 0


def _servers(session: Session, found: Sequence[Row[Any]]) -> tuple[Server, ...]:
    held: dict[str, list[str]] = {}
    uuids = [row.uuid for row in found]
    for first in range(0, len(uuids), AT_ONCE):
        part = uuids[first : first + AT_ONCE]
        query = select(Hold.server_uuid, Hold.kind).where(Hold.server_uuid.in_(part), Hold.released_at.is_(None))
        for uuid, kind in session.execute(query.order_by(Hold.id)):
            held.setdefault(uuid, []).append(kind)
    return tuple(_server(row, tuple(held.get(row.uuid, ()))) for row in found)


def _server(row: Row[Any], holds: tuple[str, ...]) -> Server:
    has_price = row.amount_minor is not None
    return Server(
        Known(row.uuid, row.identifier, row.name, row.internal_id), row.owner_id, row.email, row.kind,
        Money(row.amount_minor, row.currency) if has_price else None,
        Period(row.period_count, row.period_unit) if has_price else None,
        row.anchor, row.periods or 0, row.expires_at, row.auto_renew_by, row.gone_at, bool(row.is_suspended), holds,
    )  # fmt: skip
