"""Servers whose grace is over, and what stands against suspending each of them.

Only those are read whose time has come: the index `ix_term_expiring` holds priced servers by their expiry. Free
servers, those without a price and those that the panel has no more are not in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal_column, select, union
from sqlalchemy.orm import Session, aliased

from portal import mode
from portal.billing import owners, reminding
from portal.billing.models import Renewal, Term
from portal.billing.periods import DAY_S, HOUR_S, grace_end
from portal.billing.terms import Known
from portal.panel import settings
from portal.store import read
from portal.suspension.models import Hold, Observed, RunEntry, SweepRun
from portal.web.i18n import _

State = Literal["ready", "approved", "no_notice", "unassigned", "suspended", "put_off"]
NOTICE_S = DAY_S
APPROVAL_S = 14 * DAY_S
"""For so long an approval is gone on with; then the list is an administrator's to look at again."""
PUT_OFF_S = 3 * DAY_S
"""For so long the machine leaves alone what an administrator has undone or dropped."""
EXPIRES: Final = (Term.kind == literal_column("'priced'")) & Term.gone_at.is_(None)
"""What the index is for: the kind must stand in the statement itself, else SQLite does not use it."""


@dataclass(frozen=True)
class Candidate:
    """A server whose grace is over and that no open `unpaid` hold is for.

    `state`: ready (would be suspended), approved (it stands in a list that is being carried out), no_notice (its owner
    was not reminded a day ago or earlier), unassigned (its owner has no account), suspended (already, for another
    reason), put_off (an administrator undid or dropped it). `why` is a sentence about the state. `account_id` is the
    owner's account; instants are epoch seconds.
    """

    server: Known
    expires_at: int
    grace_ended_at: int
    last_paid_at: int | None
    account_id: int | None = None
    email: str | None = None
    state: State = "ready"

    @property
    def why(self) -> str:
        """A sentence about the state."""
        return {
            "ready": _("Grace is over, and its owner was reminded."),
            "approved": _("It was approved, and follows when a day lets it."),
            "no_notice": _("Its owner was not reminded a day ago or earlier."),
            "unassigned": _("The panel names no owner who has an account here."),
            "suspended": _("It is suspended already, for another reason."),
            "put_off": _("An administrator has put it off."),
        }[self.state]


@dataclass(frozen=True)
class Found:
    """All servers whose grace is over, the longest overdue first; and how many paid servers run."""

    due: tuple[Candidate, ...] = ()
    running_paid: int = 0

    def of(self, state: State) -> list[Candidate]:
        """Those in one state."""
        return [one for one in self.due if one.state == state]

    @property
    def ready(self) -> list[Candidate]:
        """Those that would be suspended if all gates are open."""
        return self.of("ready")

    @property
    def running(self) -> list[Candidate]:
        """Those that are not suspended for another reason already."""
        return [one for one in self.due if one.state != "suspended"]


def find(now: int) -> Found:
    """Everything whose grace is over at `now`."""
    with read() as session:
        due = [one for one in map(_candidate, session.execute(_due(now))) if one[0].grace_ended_at <= now]
        put_off, approved = _put_off_in(session, now), _approved_in(session, now)
        running = _running_paid_in(session)
        owned = owners.of_in(session, [one.server.uuid for one, _ in due])
    placed = []
    for one, is_suspended in due:
        owner = owned.get(one.server.uuid)
        state: State = "ready"
        if owner is None:
            state = "unassigned"
        elif is_suspended:
            state = "suspended"
        elif (one.server.uuid, one.expires_at) in put_off:
            state = "put_off"
        if owner is not None:
            one = replace(one, account_id=owner.account_id, email=owner.email)
        placed.append(replace(one, state=state))
    noticed = _noticed(placed, now)
    return Found(tuple(_with(one, approved) for one in noticed), running)


def still_in(session: Session, candidate: Candidate) -> bool:
    """Whether, inside a write(), nothing has changed that made a server a candidate. Notice once given stays."""
    row = session.execute(
        select(Term.expires_at, Term.kind, Term.gone_at).where(Term.server_uuid == candidate.server.uuid)
    ).first()
    if row is None or row.kind != "priced" or row.gone_at is not None or row.expires_at != candidate.expires_at:
        return False
    stands = select(Hold.id).where(
        Hold.server_uuid == candidate.server.uuid,
        Hold.released_at.is_(None),
        Hold.lifted_at.is_(None) | (Hold.kind == "unpaid"),
    )
    if session.scalar(stands.limit(1)) is not None:
        return False
    owner = owners.of_in(session, [candidate.server.uuid]).get(candidate.server.uuid)
    return owner is not None and owner.account_id == candidate.account_id


def running_paid() -> int:
    """How many priced servers there are that are not suspended: what the guard's shares are of."""
    with read() as session:
        return _running_paid_in(session)


def grace_over_at(expires_at: int) -> int:
    """When grace after an expiry is over, by the host's settings."""
    chosen = settings()
    return grace_end(expires_at, chosen.grace_hours, chosen.grace_ends_hour, mode.zone())


def _due(now: int) -> Select[Any]:
    unpaid, other = aliased(Hold), aliased(Hold)
    paid = select(func.max(Renewal.at)).where(Renewal.server_uuid == Term.server_uuid).scalar_subquery()
    is_held = exists().where(
        other.server_uuid == Term.server_uuid, other.released_at.is_(None), other.lifted_at.is_(None)
    )
    is_unpaid = exists().where(
        unpaid.server_uuid == Term.server_uuid, unpaid.kind == "unpaid", unpaid.released_at.is_(None)
    )
    return (
        select(
            Term.server_uuid, Term.identifier, Term.name, Term.internal_id, Term.expires_at,
            (is_held | func.coalesce(Observed.is_suspended, False)).label("is_suspended"), paid.label("last_paid_at"),
        )
        .outerjoin(Observed, Observed.server_uuid == Term.server_uuid)
        .where(EXPIRES, Term.expires_at <= now - settings().grace_hours * HOUR_S, ~is_unpaid)
        .order_by(Term.expires_at, Term.server_uuid)
    )  # fmt: skip


def _candidate(row: Row[Any]) -> tuple[Candidate, bool]:
    server = Known(row.server_uuid, row.identifier, row.name, row.internal_id)
    found = Candidate(server, row.expires_at, grace_over_at(row.expires_at), row.last_paid_at)
    return found, bool(row.is_suspended)


def _noticed(placed: Collection[Candidate], now: int) -> Iterable[Candidate]:
    """G5 for each server: without notice of this expiry to this owner, a day ago or earlier, it is not suspended."""
    asked = {
        one.server.uuid: (one.expires_at, one.account_id)
        for one in placed
        if one.state == "ready" and one.account_id is not None
    }
    told = reminding.noticed(asked, now - NOTICE_S) if asked else set()
    return [
        replace(one, state="no_notice") if one.state == "ready" and one.server.uuid not in told else one
        for one in placed
    ]


def _with(one: Candidate, approved: set[tuple[str, int]]) -> Candidate:
    is_approved = one.state == "ready" and (one.server.uuid, one.expires_at) in approved
    return replace(one, state="approved") if is_approved else one


def _approved_in(session: Session, now: int) -> set[tuple[str, int]]:
    """What is left of lists that an administrator approved: uuid and expiry."""
    query = (
        select(RunEntry.server_uuid, RunEntry.expires_at)
        .join(SweepRun, SweepRun.id == RunEntry.run_id)
        .where(RunEntry.state == "candidate", SweepRun.state == "approved", SweepRun.decided_at > now - APPROVAL_S)
    )
    return {(row.server_uuid, row.expires_at) for row in session.execute(query)}


def _put_off_in(session: Session, now: int) -> set[tuple[str, int]]:
    """What an administrator undid or dropped lately: uuid and expiry. A list that a newer one replaced has no time."""
    query = (
        select(RunEntry.server_uuid, RunEntry.expires_at)
        .join(SweepRun, SweepRun.id == RunEntry.run_id)
        .where(SweepRun.state.in_(("undone", "dropped")), SweepRun.decided_at > now - PUT_OFF_S)
    )
    return {(row.server_uuid, row.expires_at) for row in session.execute(query)}


def _running_paid_in(session: Session) -> int:
    suspended = union(
        select(Hold.server_uuid).where(Hold.released_at.is_(None), Hold.lifted_at.is_(None)),
        select(Observed.server_uuid).where(Observed.is_suspended),
    )
    is_suspended: ColumnElement[bool] = Term.server_uuid.in_(suspended)
    all_of_them = session.scalar(select(func.count()).select_from(Term).where(EXPIRES)) or 0
    return all_of_them - (session.scalar(select(func.count()).select_from(Term).where(EXPIRES, is_suspended)) or 0)
