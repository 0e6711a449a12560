"""The account behind an invitation: found or made by the background process, by the panel's number of the person.

Never by an address alone: an address whose account belongs to another panel user, or to none, stays as it is; operators
are told. All of it happens behind the inviter's back, so that neither answer nor time says whom Roost knew.
"""

from __future__ import annotations

import json
import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.alerts import service as alerts
from portal.audit import service as audit
from portal.auth import mails
from portal.auth.models import Account
from portal.auth.service import AccountError, PanelUser, create_in
from portal.pterodactyl.errors import PanelError
from portal.servers import records
from portal.servers.rights import Rights
from portal.store import read, write
from portal.subusers import people
from portal.subusers.models import ServerInvitation
from portal.web.text import one_line

AT_ONCE = 20
LONGEST_WAIT_S = 900.0
PROBLEM_WAIT_S = 3600.0
CAUSE = "invitations"
DIRECTORY = "directory"
"""The reading of everybody's rights (`portal/background/directory.py`)."""
log = logging.getLogger("roost.worker")


def work() -> None:
    """One round: everybody who was invited and is not linked or written to yet."""
    due = _due()
    for row in due:
        try:
            person = people.find(row.panel_user_uuid, "worker")
        except PanelError as error:
            log.warning("an invited person could not be looked up: %s", error)
            _later(row)
            return
        _settle(row, person)
    if due or CAUSE in alerts.causes():
        _tell()


def _due() -> list[ServerInvitation]:
    query = select(ServerInvitation).where(ServerInvitation.next_at <= clock.now()).order_by(ServerInvitation.next_at)
    with read() as session:
        return list(session.scalars(query.limit(AT_ONCE)))


def _later(row: ServerInvitation) -> None:
    with write() as session:
        now = _same(session, row)
        if now is not None:
            now.tries += 1
            now.next_at = clock.now() + min(LONGEST_WAIT_S, 2.0 ** min(now.tries, 10))


def _settle(row: ServerInvitation, person: PanelUser | None) -> None:
    is_over = person is not None and _is_over(row, person)
    with write() as session:
        now = _same(session, row)
        if now is None:  # the access was taken away meanwhile
            return
        if person is None or is_over:  # the panel has no such user any more, or they lost this access there
            session.delete(now)
            return
        try:
            account = _account_in(session, person)
        except AccountError as problem:
            _not_linked(session, now, person, str(problem))
            return
        now.account_id, now.problem, now.next_at, now.tries = account.id, None, None, 0
        mails.server_invite_in(session, account, _detail(session, now))
        permissions, known_at = tuple(json.loads(now.permissions)), now.permissions_at
    before = records.rights(row.server_uuid, person.id)
    if before is None or not before.is_owner:
        records.save_rights(row.server_uuid, person.id, Rights(False, permissions, known_at), known_at)


def _is_over(row: ServerInvitation, person: PanelUser) -> bool:
    """Whether a whole reading that began after the panel gave this access does not have it any more."""
    read_at = records.last_reading(DIRECTORY).read_at
    return read_at is not None and read_at > row.permissions_at and records.rights(row.server_uuid, person.id) is None


def _same(session: Session, row: ServerInvitation) -> ServerInvitation | None:
    return session.get(ServerInvitation, (row.server_uuid, row.panel_user_uuid))


def _account_in(session: Session, person: PanelUser) -> Account:
    """The account of a panel user, made if there is none. Raises AccountError when that must not be."""
    account = session.scalar(select(Account).where(Account.panel_user_id == person.id))
    if account is None:
        account = create_in(session, person.email, panel_user=person)
        audit.record_in(session, None, "account.create", detail=f"{account.email}, invited to a server")
    if account.is_disabled:
        raise AccountError(f"The account {account.email} is disabled.")
    account.panel_username = person.username
    return account


def _not_linked(session: Session, row: ServerInvitation, person: PanelUser, problem: str) -> None:
    told = one_line(f"Panel user {person.id} ({person.username}) was invited to a server: {problem}", 500)
    if told != row.problem:
        audit.record_in(session, None, "account.link", outcome="refused", detail=told)
    row.account_id, row.problem, row.next_at = None, told, clock.now() + PROBLEM_WAIT_S


def _detail(session: Session, row: ServerInvitation) -> dict[str, str]:
    inviter = session.get(Account, row.invited_by) if row.invited_by is not None else None
    named = (inviter.panel_username or "") if inviter else ""  # never an address: the panel tells them none either
    return {"server": row.server_name, "server_uuid": row.server_uuid, "inviter": one_line(named, 80)}


def _tell() -> None:
    """Say to operators who could not be linked, while there is somebody."""
    query = select(ServerInvitation).where(ServerInvitation.problem.is_not(None))
    with read() as session:
        count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        first = session.scalar(query.order_by(ServerInvitation.invited_at).limit(1))
    if first is None:
        alerts.over(CAUSE)
        return
    others = f" There are {count - 1} more." if count > 1 else ""
    alerts.alert(
        CAUSE, "Somebody who was invited to a server has no account of theirs", f"{first.problem}{others}",
        "Look at the account on the page Accounts: link it to that panel user if it is the same person, or open it "
        "again. Roost tries once an hour by itself.",
    )  # fmt: skip
