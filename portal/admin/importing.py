"""Accounts for everybody on the panel who owns or shares a server.

Linked by the panel's number of the user, never by an address: an address that an unlinked account has already is told,
and left to a human. Running it again makes nothing twice, so it is done in small transactions that keep nobody waiting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import service as audit
from portal.auth import mails
from portal.auth.models import Account, Invite
from portal.auth.service import AccountError, PanelUser, create_in, normal
from portal.credentials import service as credentials
from portal.pterodactyl import errors
from portal.pterodactyl.models import AppServer
from portal.store import read, write

AT_ONCE = 20
"""People in one transaction: some 30 ms."""


@dataclass
class Imported:
    """What an import did, or would do: addresses, and for `conflicts` a sentence each."""

    made: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    invited: list[tuple[str, str]] = field(default_factory=list)
    """Address and link of everybody who was invited."""


@dataclass(frozen=True)
class _Known:
    """The accounts that there are: address by panel user, panel user (or None) by address."""

    by_panel_user: dict[int, str]
    by_email: dict[str, int | None]

    def sort(self, person: PanelUser, result: Imported) -> bool:
        """Note what a person is to us; whether anything is to be done for them."""
        if (email := self.by_panel_user.get(person.id)) is not None:
            result.known.append(email)
            return True
        try:
            email = normal(person.email)
        except AccountError as wrong:
            result.conflicts.append(f"Panel user {person.id} ({person.username}): {wrong}")
            return False
        if email in self.by_email:
            linked = self.by_email[email]
            whose = "no panel user" if linked is None else f"panel user {linked}"
            result.conflicts.append(
                f"Panel user {person.id} ({person.username}): {email} has an account that is linked to {whose}. "
                "Link it on the page Accounts if it is the same person."
            )
            return False
        self.by_panel_user[person.id] = email
        self.by_email[email] = person.id
        result.made.append(email)
        return True


def people_of_the_panel() -> list[PanelUser]:
    """Every panel user who owns or shares a server, by number. Raises the library's errors."""
    with credentials.as_portal("operator") as api:
        servers = list(api.servers.iterate(include=("subusers",)))
        if any(one.subusers is None for one in servers):
            raise errors.NotAllowed("the application key may not read users")
        wanted = {number for one in servers for number in _people(one)}
        return [PanelUser(one.id, one.username, one.email) for one in api.users.iterate() if one.id in wanted]


def import_users(people: Iterable[PanelUser], *, invite: bool, is_dry_run: bool) -> Imported:
    """Make the accounts that are missing, and invite those who never chose a password.

    Nobody is invited twice while a link of theirs is open.
    """
    result, known = Imported(), _read_known()
    todo = [one for one in people if known.sort(one, result)]
    if is_dry_run:
        return result
    for first in range(0, len(todo), AT_ONCE):
        with write() as session:
            for one in todo[first : first + AT_ONCE]:
                _import_one(session, one, result, invite=invite)
    audit.record(
        None, "account.import", outcome="done", detail=f"{len(result.made)} made, {len(result.invited)} invited"
    )
    return result


def _import_one(session: Session, person: PanelUser, result: Imported, *, invite: bool) -> None:
    account = session.scalar(select(Account).where(Account.panel_user_id == person.id))
    if account is None:
        try:
            account = create_in(session, person.email, panel_user=person)
        except AccountError as wrong:  # somebody made it since we looked
            result.made.remove(normal(person.email))
            result.conflicts.append(f"Panel user {person.id} ({person.username}): {wrong}")
            return
    account.panel_username = person.username  # it may have another name there by now
    if invite and _needs_link(session, account):
        result.invited.append((account.email, mails.invite_in(session, account).url))


def _read_known() -> _Known:
    with read() as session:
        rows = session.execute(select(Account.panel_user_id, Account.email)).all()
    return _Known({row[0]: row[1] for row in rows if row[0] is not None}, {row[1]: row[0] for row in rows})


def _needs_link(session: Session, account: Account) -> bool:
    if account.password_hash is not None or account.is_disabled:
        return False
    is_open = select(Invite.token_hash).where(Invite.account_id == account.id, Invite.open_at(clock.now()))
    return session.scalar(is_open.limit(1)) is None


def _people(server: AppServer) -> set[int]:
    return {server.user, *(one.user_id for one in server.subusers or ())}
