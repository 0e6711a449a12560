"""Accounts for everybody on the panel who owns or shares a server.

Linked by the panel's number of the user, never by an address: an address that an unlinked account has already is told,
and left to a human. Running it again makes nothing twice.
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
from portal.auth.service import AccountError, PanelUser, create_in
from portal.credentials import service as credentials
from portal.pterodactyl import errors
from portal.pterodactyl.models import AppServer
from portal.store import read, write


@dataclass
class Imported:
    """What an import did, or would do: addresses, and for `conflicts` a sentence each."""

    made: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    invited: list[tuple[str, str]] = field(default_factory=list)
    """Address and link of everybody who was invited."""


def people_of_the_panel() -> list[PanelUser]:
    """Every panel user who owns or shares a server, by number. Raises the library's errors."""
    with credentials.as_portal("operator") as api:
        servers = list(api.servers.iterate(include=("subusers",)))
        if any(one.subusers is None for one in servers):
            raise errors.NotAllowed("the application key may not read users")
        wanted = {number for one in servers for number in _people(one)}
        return [PanelUser(one.id, one.username, one.email) for one in api.users.iterate() if one.id in wanted]


def import_users(people: Iterable[PanelUser], *, invite: bool, is_dry_run: bool) -> Imported:
    """Make the accounts that are missing, all in one transaction; invite those who never chose a password.

    Nobody is invited twice while a link of theirs is open.
    """
    result = Imported()
    if is_dry_run:
        with read() as session:
            for one in people:
                _sort(session, one, result)
        return result
    with write() as session:
        for one in people:
            account = _sort(session, one, result)
            if account is not None:
                account.panel_username = one.username  # it may have another name there by now
            if account is None and one.email.casefold() in result.made:
                account = _made(session, one, result)
            if account is not None and invite and _needs_link(session, account):
                result.invited.append((account.email, mails.invite_in(session, account).url))
        told = f"{len(result.made)} made, {len(result.invited)} invited"
        audit.record_in(session, None, "account.import", detail=told)
    return result


def _sort(session: Session, person: PanelUser, result: Imported) -> Account | None:
    """Note what a person is to us; their account if there is one already."""
    account = session.scalar(select(Account).where(Account.panel_user_id == person.id))
    email = person.email.casefold()
    if account is not None:
        result.known.append(account.email)
        return account
    taken = session.scalar(select(Account).where(Account.email == email))
    if taken is not None:
        whose = f"panel user {taken.panel_user_id}" if taken.panel_user_id else "no panel user"
        result.conflicts.append(
            f"Panel user {person.id} ({person.username}): {email} has an account that is linked to {whose}. "
            "Link it on the page Accounts if it is the same person."
        )
        return None
    result.made.append(email)
    return None


def _made(session: Session, person: PanelUser, result: Imported) -> Account | None:
    try:
        return create_in(session, person.email, panel_user=person)
    except AccountError as wrong:
        result.made.remove(person.email.casefold())
        result.conflicts.append(f"Panel user {person.id} ({person.username}): {wrong}")
        return None


def _needs_link(session: Session, account: Account) -> bool:
    if account.password_hash is not None or account.is_disabled:
        return False
    is_open = select(Invite.token_hash).where(
        Invite.account_id == account.id, Invite.used_at.is_(None), Invite.expires_at > clock.now()
    )
    return session.scalar(is_open.limit(1)) is None


def _people(server: AppServer) -> set[int]:
    return {server.user, *(one.user_id for one in server.subusers or ())}
