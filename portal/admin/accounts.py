"""Accounts as an administrator of this portal sees and changes them. Every change leaves a line in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import service as audit
from portal.auth import mails
from portal.auth.models import Account, Invite
from portal.auth.service import AccountError, PanelUser, create_in, disable_in, make_admin_in
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.paging import PER_PAGE, Page, within
from portal.servers import records
from portal.store import read, write
from portal.web.text import number_in

Show = Literal["all", "never", "unlinked", "disabled", "admins"]
SHOWS: tuple[Show, ...] = ("all", "never", "unlinked", "disabled", "admins")


@dataclass(frozen=True)
class Row:
    """One account. Times are instants; `has_key`: a client key of its own is stored; `invited_until`: an open link."""

    id: int
    email: str
    panel_user_id: int | None
    panel_username: str | None
    is_admin: bool
    is_disabled: bool
    has_password: bool
    has_key: bool
    created_at: float
    last_login_at: float | None
    invited_until: float | None


@dataclass(frozen=True)
class Made:
    """An invitation: the link itself, and whether it is on its way by mail."""

    url: str
    is_mailed: bool


def listing(show: Show = "all", text: str = "", page: int = 1) -> Page[Row, Show]:
    """Accounts by address; `text` is looked for in address, panel user name and number."""
    chosen = select(Account).where(*_conditions(show))
    if text:
        fits: list[ColumnElement[bool]] = [
            column.contains(text.casefold(), autoescape=True)
            for column in (Account.email, func.lower(Account.panel_username))
        ]
        if (number := number_in(text)) is not None:
            fits.append(Account.panel_user_id == number)
        chosen = chosen.where(or_(*fits))
    with read() as session:
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        page = within(page, total)
        found = session.scalars(chosen.order_by(Account.email).offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
        rows = _rows(session, list(found))
        counts = {
            one: session.scalar(select(func.count()).select_from(Account).where(*_conditions(one))) or 0
            for one in SHOWS
        }
    return Page(rows, total, page, counts)


def one(account_id: int) -> Row:
    """One account. Raises AccountError when there is none."""
    with read() as session:
        return _rows(session, [_existing(session, account_id)])[0]


def create(
    viewer: Viewer, email: str, *, is_admin: bool, panel_user: PanelUser | None, is_invited: bool
) -> tuple[int, Made | None]:
    """A new account, with an invitation if wanted; returns its id.

    Raises AccountError when the address or the panel user is taken.
    """
    with write() as session:
        account = create_in(session, email, panel_user=panel_user, is_admin=is_admin)
        audit.record_in(session, viewer, "account.create", detail=account.email)
        return account.id, _invite_in(session, viewer, account) if is_invited else None


def invite(viewer: Viewer, account_id: int) -> Made:
    """A new link for an account, mailed if this portal sends mail. Raises AccountError when it is disabled."""
    with write() as session:
        return _invite_in(session, viewer, _existing(session, account_id))


def _invite_in(session: Session, viewer: Viewer, account: Account) -> Made:
    link = mails.invite_in(session, account)
    audit.record_in(session, viewer, "account.invite", detail=account.email)
    return Made(link.url, mails.can_mail())


def link(viewer: Viewer, account_id: int, panel_user: PanelUser | None) -> None:
    """Link an account to a panel user, or to none; what it could do as another one ends.

    Raises AccountError when the panel user has an account already.
    """
    with write() as session:
        account = _existing(session, account_id)
        before = account.panel_user_id
        _link_in(session, account, panel_user)
        told = f"{account.email}: {before or 'none'} -> {panel_user.id if panel_user else 'none'}"
        audit.record_in(session, viewer, "account.link", detail=told)


def disable(viewer: Viewer, account_id: int, *, disabled: bool) -> None:
    """Lock an account, which ends its sessions, or open it again. Raises AccountError for one's own."""
    _not_oneself(viewer, account_id)
    with write() as session:
        account = _existing(session, account_id)
        disable_in(session, account, disabled=disabled)
        audit.record_in(session, viewer, "account.disable" if disabled else "account.enable", detail=account.email)


def make_admin(viewer: Viewer, account_id: int, *, admin: bool) -> None:
    """Make an account an administrator of this portal, or no longer. Raises AccountError for one's own."""
    _not_oneself(viewer, account_id)
    with write() as session:
        account = _existing(session, account_id)
        make_admin_in(session, account, admin=admin)
        audit.record_in(session, viewer, "account.admin" if admin else "account.no_admin", detail=account.email)


def _link_in(session: Session, account: Account, panel_user: PanelUser | None) -> None:
    if panel_user is not None:
        taken = select(Account.email).where(Account.panel_user_id == panel_user.id, Account.id != account.id)
        if email := session.scalar(taken):
            raise AccountError(f"Panel user {panel_user.id} ({panel_user.username}) belongs to {email} already.")
    if account.panel_user_id != (panel_user.id if panel_user else None):
        # The key and what it has seen belong to the panel user of before.
        credentials.drop_key_in(session, account.id)
        records.forget_scope_in(session, account.id)
    account.panel_user_id = panel_user.id if panel_user else None
    account.panel_username = panel_user.username if panel_user else None


def _not_oneself(viewer: Viewer, account_id: int) -> None:
    if viewer.account_id == account_id:
        raise AccountError("You cannot do that to your own account: ask another administrator.")


def _existing(session: Session, account_id: int) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise AccountError("There is no such account.")
    return account


def _conditions(show: Show) -> list[ColumnElement[bool]]:
    match show:
        case "never":
            return [Account.last_login_at.is_(None)]
        case "unlinked":
            return [Account.panel_user_id.is_(None)]
        case "disabled":
            return [Account.is_disabled.is_(True)]
        case "admins":
            return [Account.is_admin.is_(True)]
        case _:
            return []


def _rows(session: Session, accounts: list[Account]) -> tuple[Row, ...]:
    ids = [account.id for account in accounts]
    keys = set(session.scalars(select(ClientKey.account_id).where(ClientKey.account_id.in_(ids))))
    opened = select(Invite.account_id, func.max(Invite.expires_at)).where(
        Invite.account_id.in_(ids), Invite.open_at(clock.now()), Invite.kind == "invite"
    )
    links: dict[int, float] = {row[0]: row[1] for row in session.execute(opened.group_by(Invite.account_id))}
    return tuple(
        Row(
            account.id, account.email, account.panel_user_id, account.panel_username, account.is_admin,
            account.is_disabled, account.password_hash is not None, account.id in keys, account.created_at,
            account.last_login_at, links.get(account.id),
        )
        for account in accounts
    )  # fmt: skip
