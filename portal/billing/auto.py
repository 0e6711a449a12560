"""Renewing servers by themselves from their owner's balance, from a day before they expire.

What fails is tried again after six hours, or once money came in. Somebody whose balance does not do is told once for
each expiry. A machine pays as many periods as it takes to be paid beyond now, but never more than three at once, and
never several for a server that is suspended already: that is for a person to decide, who sees what it costs.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.auth.mails import can_mail
from portal.auth.models import Account
from portal.billing import owners, reminding, renewing, terms
from portal.billing.ledger import LedgerError, NotEnough
from portal.billing.models import LedgerEntry, Term
from portal.billing.periods import DAY_S, HOUR_S
from portal.billing.renewing import RenewalError, Renewed
from portal.billing.terms import Terms
from portal.mail import queue
from portal.store import read, restored, write
from portal.suspension import holds

log = logging.getLogger("roost.billing")
AHEAD_S = DAY_S
AGAIN_S = 6 * HOUR_S
AT_ONCE = 500
"""The most that one round tries; the next round goes on."""
Outcome = Literal["renewed", "short", "not"]


@dataclass(frozen=True)
class Renewals:
    """What a round did: servers renewed, balances that did not do, servers at which it failed."""

    renewed: int = 0
    short: int = 0
    failed: int = 0


def renew_due(now: int | None = None) -> Renewals:
    """Renew what is due. Nothing unless billing is on, nor while the store is restored and unconfirmed."""
    if not mode.is_on() or restored.since() is not None:
        return Renewals()
    outcomes: list[Outcome | Literal["failed"]] = []
    for server_uuid in _due(int(clock.now()) if now is None else now):
        try:
            outcomes.append(_renew(server_uuid))
        except Exception:  # this one server must not keep the others
            log.exception("server %s could not be renewed by itself", server_uuid)
            outcomes.append("failed")
            _note_try(server_uuid)
    return Renewals(outcomes.count("renewed"), outcomes.count("short"), outcomes.count("failed"))


def _due(now: int) -> list[str]:
    with read() as session:
        return list(session.scalars(_query(now).limit(AT_ONCE)))


def _query(now: int) -> Select[str]:
    """Servers to be renewed by themselves that expire soon or have, longest ago first. Spelled as the index is."""
    paid_in = select(LedgerEntry.id).where(
        LedgerEntry.account_id == Term.auto_renew_by, LedgerEntry.at >= Term.auto_tried_at, LedgerEntry.amount_minor > 0
    )
    may_try = or_(
        Term.auto_tried_at.is_(None), Term.auto_tried_at <= now - AGAIN_S, Term.auto_tried_at > now, paid_in.exists()
    )
    is_its = text("term.auto_renew_by IS NOT NULL AND term.gone_at IS NULL")
    soon = select(Term.server_uuid).where(is_its, Term.expires_at <= now + AHEAD_S, may_try)
    return soon.order_by(Term.expires_at)


def _renew(server_uuid: str) -> Outcome:
    """One server: charge, new expiry and receipt in one transaction, or a note that it was tried."""
    try:
        with write() as session:
            standing = terms.get_in(session, server_uuid)
            if standing is None or not _may_in(session, standing):
                _tried_in(session, server_uuid)
                return "not"
            if renewing.is_long_overdue(standing):
                _tried_in(session, server_uuid)
                reminding.told_in(session, standing, reminding.NOT_RENEWED)
                return "not"
            wanted = renewing.offer(standing, renewing.least_periods(standing))
            assert standing.auto_renew_by is not None
            done = renewing.pay_in(session, standing.auto_renew_by, wanted, is_automatic=True)
            _receipt_in(session, standing, standing.auto_renew_by, done)
            return "renewed"
    except NotEnough:
        with write() as session:
            _tried_in(session, server_uuid)
            if standing is not None:
                reminding.told_in(session, standing, reminding.NOT_RENEWED)
        return "short"
    except (RenewalError, LedgerError) as reason:
        log.info("server %s was not renewed by itself: %s", server_uuid, reason)
        with write() as session:
            _tried_in(session, server_uuid)
        return "not"


def _note_try(server_uuid: str) -> None:
    """Note a try that failed oddly, so that it is not made again with every round."""
    try:
        with write() as session:
            _tried_in(session, server_uuid)
    except SQLAlchemyError:
        log.exception("that server %s was tried could not be kept", server_uuid)


def _may_in(session: Session, standing: Terms) -> bool:
    """Whether a machine may pay: for the owner's own account, which is open, and not for a time long gone."""
    owner = owners.of_in(session, [standing.server.uuid]).get(standing.server.uuid)
    if owner is None or owner.is_disabled or owner.account_id != standing.auto_renew_by:
        return False
    kinds = {one.kind for one in holds.open_in(session, standing.server.uuid)}
    if "abuse" in kinds:
        return False
    return "unpaid" not in kinds or renewing.least_periods(standing) == 1


def _tried_in(session: Session, server_uuid: str) -> None:
    mine = update(Term).where(Term.server_uuid == server_uuid, Term.auto_renew_by.is_not(None))
    session.execute(mine.values(auto_tried_at=int(clock.now())))


def _receipt_in(session: Session, standing: Terms, account_id: int, done: Renewed) -> None:
    if not can_mail():
        return
    detail = {
        "name": standing.server.name, "identifier": standing.server.identifier, "until": str(done.until),
        "amount_minor": str(done.paid.minor), "balance_minor": str(done.balance.minor), "currency": done.paid.currency,
    }  # fmt: skip
    queue.add_in(
        session, "renewed", session.get_one(Account, account_id).email, account_id=account_id, detail=detail
    )
