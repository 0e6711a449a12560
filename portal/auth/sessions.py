"""Signed-in browsers: a row for each, so that signing out, disabling and a new password end them at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from flask_login import UserMixin
from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account, LoginSession
from portal.store import read, write

BROWSER_SESSION_S = 24 * 3600
DAY_S = 24 * 3600


@dataclass(frozen=True)
class Viewer(UserMixin):  # type: ignore[misc]
    """The person behind a request."""

    token: str
    account_id: int
    email: str
    is_admin: bool
    panel_user_id: int | None
    panel_username: str | None

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the session's token, not the account."""
        return self.token


def start(account_id: int, *, days: int | None) -> str:
    """A new session's token, good for `days` or, with None, for a day in this browser session."""
    with write() as session:
        return start_in(session, account_id, days=days)


def start_in(session: Session, account_id: int, *, days: int | None) -> str:
    """The same inside somebody's write()."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    session.get_one(Account, account_id).last_login_at = now
    session.add(
        LoginSession(
            token_hash=_hash(token),
            account_id=account_id,
            created_at=now,
            expires_at=now + (days * DAY_S if days else BROWSER_SESSION_S),
        )
    )
    return token


def load(token: str) -> Viewer | None:
    """Who a token stands for; None when its session ended or its account is disabled."""
    query = (
        select(Account)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == _hash(token), LoginSession.expires_at > clock.now(), ~Account.is_disabled)
    )
    with read() as session:
        account = session.scalar(query)
    if account is None:
        return None
    return Viewer(token, account.id, account.email, account.is_admin, account.panel_user_id, account.panel_username)


def without_session(account: Account) -> Viewer:
    """Somebody for whom the background process acts: as themselves, never as an administrator."""
    return Viewer("", account.id, account.email, False, account.panel_user_id, account.panel_username)


def still_there(token_hashes: Collection[str]) -> dict[str, int | None]:
    """Of sessions that go on, by the hash of their token: the panel user that their account is linked to now."""
    query = (
        select(LoginSession.token_hash, Account.panel_user_id)
        .join(Account, Account.id == LoginSession.account_id)
        .where(LoginSession.token_hash.in_(token_hashes), LoginSession.expires_at > clock.now(), ~Account.is_disabled)
    )
    with read() as session:
        return {row.token_hash: row.panel_user_id for row in session.execute(query)}


def end(token: str) -> None:
    """Sign one browser out."""
    with write() as session:
        session.execute(delete(LoginSession).where(LoginSession.token_hash == _hash(token)))


def end_others(account_id: int, token: str) -> int:
    """Sign every other browser of an account out; returns how many there were."""
    others = delete(LoginSession).where(LoginSession.account_id == account_id, LoginSession.token_hash != _hash(token))
    with write() as session:
        result = session.execute(others)
        return result.rowcount if isinstance(result, CursorResult) else 0


def count(account_id: int) -> int:
    """In how many browsers an account is signed in."""
    mine = select(func.count()).where(LoginSession.account_id == account_id, LoginSession.expires_at > clock.now())
    with read() as session:
        return session.scalar(mine) or 0


def token_hash(token: str) -> str:
    """What the store holds of a session's token."""
    return _hash(token)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
