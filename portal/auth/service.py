"""Accounts: making, linking, disabling them, and the check of a password."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth import passwords
from portal.auth.models import Account, Invite, LoginSession
from portal.store import read, write
from portal.web.text import email_key, has_surrogates, is_email, one_line


class AccountError(Exception):
    """An account cannot be made or changed like this; the message is a sentence for the person who tried."""


@dataclass(frozen=True)
class PanelUser:
    """The panel user that an account is linked to. Name and address are the panel's words, on one line."""

    id: int
    username: str
    email: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "username", one_line(self.username, 191))
        object.__setattr__(self, "email", one_line(self.email, 191))


def normal(email: str) -> str:
    """The one spelling of an address. Raises AccountError when it is none."""
    email = email_key(email)
    if not is_email(email):
        raise AccountError("That is not an e-mail address.")
    return email


def create(email: str, *, panel_user: PanelUser | None, is_admin: bool = False) -> int:
    """A new account without a password; returns its id. Raises AccountError when address or panel user is taken."""
    with write() as session:
        return create_in(session, email, panel_user=panel_user, is_admin=is_admin).id


def create_in(session: Session, email: str, *, panel_user: PanelUser | None, is_admin: bool = False) -> Account:
    """The same inside somebody's write()."""
    email = normal(email)
    if session.scalar(select(Account.id).where(Account.email == email)):
        raise AccountError(f"There is an account for {email} already.")
    if panel_user and session.scalar(select(Account.id).where(Account.panel_user_id == panel_user.id)):
        raise AccountError(f"Panel user {panel_user.id} ({panel_user.username}) has an account already.")
    account = Account(
        email=email,
        panel_user_id=panel_user.id if panel_user else None,
        panel_username=panel_user.username if panel_user else None,
        is_admin=is_admin,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    return account


def find(email: str) -> Account:
    """The account of an address. Raises AccountError when there is none."""
    with read() as session:
        account = session.scalar(select(Account).where(Account.email == email_key(email)))
    if account is None:
        raise AccountError(f"There is no account for {email}.")
    return account


def everybody() -> Iterable[Account]:
    """All accounts by address."""
    with read() as session:
        return session.scalars(select(Account).order_by(Account.email)).all()


def set_password(account_id: int, password: str, *, keep: str | None = None) -> None:
    """Store a new password and end every session of the account but the one whose token hash is `keep`.

    Raises AccountError when it is too short or long.
    """
    stored = passwords.hashed(acceptable(password))
    with write() as session:
        store_password(session, account_id, stored, keep=keep)


def store_password(session: Session, account_id: int, stored: str, *, keep: str | None = None) -> None:
    """Replace a password inside somebody's write(): its sessions (but `keep`) and its links end."""
    session.get_one(Account, account_id).password_hash = stored
    _end_access_in(session, account_id, keep=keep)


def _end_access_in(session: Session, account_id: int, *, keep: str | None = None) -> None:
    """End an account's sessions (but `keep`) and its unused links."""
    session.execute(
        delete(LoginSession).where(LoginSession.account_id == account_id, LoginSession.token_hash != (keep or ""))
    )
    session.execute(delete(Invite).where(Invite.account_id == account_id, Invite.used_at.is_(None)))


def acceptable(password: str) -> str:
    """The password itself. Raises AccountError with what is wrong with it."""
    if len(password) < passwords.SHORTEST:
        raise AccountError(f"A password needs at least {passwords.SHORTEST} characters.")
    if len(password) > passwords.LONGEST or has_surrogates(password):
        raise AccountError(f"A password may have at most {passwords.LONGEST} characters.")
    return password


def disable(account_id: int, *, disabled: bool = True) -> None:
    """Lock an account or open it again; its sessions and links end. Raises AccountError for the last administrator."""
    with write() as session:
        disable_in(session, session.get_one(Account, account_id), disabled=disabled)


def disable_in(session: Session, account: Account, *, disabled: bool) -> None:
    """The same inside somebody's write()."""
    if disabled:
        _keep_an_admin(session, account)
    account.is_disabled = disabled
    _end_access_in(session, account.id)


def make_admin(account_id: int, *, admin: bool) -> None:
    """Make an account an administrator, or no longer. Raises AccountError for the last one."""
    with write() as session:
        make_admin_in(session, session.get_one(Account, account_id), admin=admin)


def make_admin_in(session: Session, account: Account, *, admin: bool) -> None:
    """The same inside somebody's write()."""
    if not admin:
        _keep_an_admin(session, account)
    account.is_admin = admin


def _keep_an_admin(session: Session, account: Account) -> None:
    others = select(Account.id).where(Account.is_admin, ~Account.is_disabled, Account.id != account.id)
    if account.is_admin and not account.is_disabled and session.scalar(others.limit(1)) is None:
        raise AccountError("That is the last administrator: make somebody else one first.")


def check_password(email: str, password: str) -> Account | None:
    """The account when the password is right and it is not disabled; takes as long for an unknown address."""
    with read() as session:
        account = session.scalar(select(Account).where(Account.email == email_key(email)))
    stored = account.password_hash if account else None
    if not passwords.matches(stored, password) or account is None or account.is_disabled:
        return None
    if stored and passwords.is_outdated(stored):
        fresh = passwords.hashed(password)
        with write() as session:
            session.get_one(Account, account.id).password_hash = fresh
    return account
