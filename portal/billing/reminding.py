"""Telling owners of an expiry: some days before it, at the latest once it is over, and when a server is suspended.

Each is told once, by the names of its server, expiry, days and account: moving the clock back tells nobody twice. Of
several days that are due only the nearest is told. The row and the mail are made in one transaction; only what the
mail server took, or the owner's page showed, counts as notice (`noticed`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, case, func, or_, select, text, update
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.auth.mails import can_mail
from portal.auth.models import Account
from portal.billing import owners, terms
from portal.billing.models import Reminder, Renewal, Term
from portal.billing.periods import DAY_S
from portal.billing.terms import Terms
from portal.mail import queue
from portal.mail.models import Mail
from portal.panel import settings
from portal.servers.models import Grant
from portal.store import read, restored, write
from portal.suspension.models import Hold

log = logging.getLogger("roost.billing")
EXPIRED: Final = 0
"""Told once a server has expired, if its owner never heard of this expiry before."""
SUSPENDED: Final = -1
NOT_RENEWED: Final = -2
"""It was to be renewed by itself and the balance did not do."""
KINDS: Final = {SUSPENDED: "suspended", NOT_RENEWED: "not_renewed"}
"""Kinds of mail; all other days are a `renewal_reminder`."""
AT_ONCE = 500
"""The most that one round tells; the next round goes on."""
ITS_MAIL: Final = (Mail.id == Reminder.mail_id) & (func.abs(Mail.created_at - Reminder.made_at) < 2)
"""The mail of a reminder. Mail is forgotten after a while, and a number may then be given to another one."""
_OF_THIS = (
    Reminder.server_uuid == Term.server_uuid, Reminder.expires_at == Term.expires_at, Reminder.account_id == Account.id
)  # fmt: skip


@dataclass(frozen=True)
class Reminded:
    """What a round did: reminders written down, how many of them by mail, servers at which it failed."""

    made: int = 0
    mailed: int = 0
    failed: int = 0


def remind(now: int | None = None) -> Reminded:
    """Tell every owner who is due. Nothing unless billing is on, nor while the store is restored and unconfirmed.

    Whoever calls it has looked at the clock first: with a wrong one nobody is reminded.
    """
    if not mode.is_on() or restored.since() is not None:
        return Reminded()
    now = int(clock.now()) if now is None else now
    made, failed = 0, 0
    for server_uuid, expires_at, days in _due(now):
        try:
            with write() as session:
                standing = terms.get_in(session, server_uuid)
                if standing is not None and standing.expires_at == expires_at and standing.gone_at is None:
                    made += told_in(session, standing, days)
        except Exception:  # this one server must not keep the others
            log.exception("the owner of server %s could not be reminded", server_uuid)
            failed += 1
    return Reminded(made, made if can_mail() else 0, failed)


def told_in(session: Session, standing: Terms, days: int = SUSPENDED) -> bool:
    """Tell the owner of a server of its expiry, inside somebody's write(); False: told before, or nobody to tell."""
    owner = owners.of_in(session, [standing.server.uuid]).get(standing.server.uuid)
    if owner is None or standing.expires_at is None:
        return False
    row = session.scalar(
        select(Reminder).where(
            Reminder.server_uuid == standing.server.uuid, Reminder.expires_at == standing.expires_at,
            Reminder.days == days, Reminder.account_id == owner.account_id,
        )
    )  # fmt: skip
    if row is not None and not _is_open_in(session, row):
        return False
    if row is None:
        row = Reminder(
            server_uuid=standing.server.uuid, expires_at=standing.expires_at, days=days, account_id=owner.account_id
        )
        session.add(row)
    row.made_at = int(clock.now())
    if can_mail():
        detail = {"server": standing.server.uuid, "expires_at": str(standing.expires_at), "days": str(days)}
        kind = KINDS.get(days, "renewal_reminder")
        mail = queue.add_in(session, kind, owner.email, account_id=owner.account_id, detail=detail)
        session.flush()
        row.mail_id = mail.id
    return True


def _is_open_in(session: Session, row: Reminder) -> bool:
    """Whether what was written down is still to be told: no mail was made yet, or the last word was never sent."""
    if row.shown_at is not None or not can_mail():
        return False
    if row.mail_id is None:
        return True
    mine = select(Mail.state).where(Mail.id == row.mail_id, func.abs(Mail.created_at - row.made_at) < 2)
    return row.days == EXPIRED and session.scalar(mine) == "dropped"


def shown(server_uuid: str, account_id: int) -> None:
    """Note that a page of the server has just told this account of its expiry."""
    unseen = (
        select(Reminder.id)
        .join(Term, (Term.server_uuid == Reminder.server_uuid) & (Term.expires_at == Reminder.expires_at))
        .where(Reminder.server_uuid == server_uuid, Reminder.account_id == account_id, Reminder.shown_at.is_(None))
    )
    with read() as session:
        numbers = session.scalars(unseen).all()
    if not numbers:
        return
    with write() as session:
        mine = update(Reminder).where(Reminder.id.in_(numbers), Reminder.shown_at.is_(None))
        session.execute(mine.values(shown_at=int(clock.now())))


def noticed(wanted: Mapping[str, tuple[int, int]], before: int) -> set[str]:
    """Of servers with their expiry and owner's account, those whose owner knew of it at an instant.

    Known is what a page showed, or what the mail server is known to have taken, at or before `before`.
    """
    return {uuid for uuid, at in heard_at(wanted).items() if at <= before}


def heard_at(wanted: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """The same servers' first notice of this expiry; those whose owner had none are missing."""
    is_sent = (Mail.state == "sent") & Mail.ended_at.is_not(None)
    query = (
        select(
            Reminder.server_uuid, Reminder.expires_at, Reminder.account_id, Reminder.shown_at,
            case((is_sent, Mail.ended_at)).label("sent_at"),
        )
        .outerjoin(Mail, ITS_MAIL)
        .where(Reminder.shown_at.is_not(None) | is_sent)
    )  # fmt: skip
    found: dict[str, int] = {}
    servers = list(wanted)
    with read() as session:
        for first in range(0, len(servers), owners.AT_ONCE):
            mine = Reminder.server_uuid.in_(servers[first : first + owners.AT_ONCE])
            for row in session.execute(query.where(mine)):
                if wanted[row.server_uuid] == (row.expires_at, row.account_id):
                    heard = [at for at in (row.shown_at, row.sent_at, found.get(row.server_uuid)) if at is not None]
                    found[row.server_uuid] = min(heard)
    return found


def _due(now: int) -> list[tuple[str, int, int]]:
    """Server, expiry and days of what nobody was told of yet, the most urgent first; at most `AT_ONCE`."""
    found: list[tuple[str, int, int]] = []
    edge = now
    queries = [(EXPIRED, _expired(now))]
    for days in sorted(settings().reminder_days):
        queries.append((days, _nearing(days, edge, now + days * DAY_S)))
        edge = now + days * DAY_S
    with read() as session:
        for days, query in queries:
            rows = session.execute(query.order_by(Term.expires_at).limit(AT_ONCE - len(found))).all()
            found += [(row.server_uuid, row.expires_at, days) for row in rows]
    return found


def _expired(now: int) -> Select[str, int | None]:
    """What has expired and whose owner was told nothing of it that arrived or is on its way."""
    heard = select(Reminder.id).outerjoin(Mail, ITS_MAIL).where(*_OF_THIS)
    if can_mail():
        is_kept = func.coalesce(Mail.state, "") != "dropped"
        is_last = (Reminder.days == EXPIRED) & Reminder.mail_id.is_not(None) & is_kept
        heard = heard.where(or_(Reminder.shown_at.is_not(None), is_last, Mail.state.in_(("waiting", "sent"))))
    return _owned().where(Term.expires_at <= now, ~heard.exists())


def _nearing(days: int, after: int, until: int) -> Select[str, int | None]:
    """What expires in that time and nobody was told of for these days. Who renewed since then has seen the date."""
    told = select(Reminder.id).outerjoin(Mail, ITS_MAIL).where(*_OF_THIS, Reminder.days.in_((days, NOT_RENEWED)))
    if can_mail():
        is_mailed = (Reminder.days == days) & Reminder.mail_id.is_not(None) | Mail.state.in_(("waiting", "sent"))
        told = told.where(is_mailed | Reminder.shown_at.is_not(None))
    just_paid = select(Renewal.id).where(
        Renewal.server_uuid == Term.server_uuid, Renewal.to_expiry == Term.expires_at,
        Renewal.at >= Term.expires_at - days * DAY_S,
    )  # fmt: skip
    return _owned().where(Term.expires_at > after, Term.expires_at <= until, ~told.exists(), ~just_paid.exists())


def _owned() -> Select[str, int | None]:
    """Servers that can expire and whose owner has an account. Spelled as the index on the expiry is.

    Not those that the host has blocked for abuse, which nobody can renew, nor those that are suspended unpaid already.
    """
    is_past_telling = select(Hold.id).where(
        Hold.server_uuid == Term.server_uuid, Hold.kind.in_(("abuse", "unpaid")), Hold.released_at.is_(None),
        Hold.lifted_at.is_(None),
    )  # fmt: skip
    return (
        select(Term.server_uuid, Term.expires_at)
        .join(Grant, (Grant.server_uuid == Term.server_uuid) & Grant.is_owner & ~Grant.is_revoked)
        .join(Account, Account.panel_user_id == Grant.panel_user_id)
        .where(text("term.kind = 'priced' AND term.gone_at IS NULL"), ~is_past_telling.exists())
    )
