"""Links with which a person chooses a password, once: an invitation, or a reset that was asked for.

The store keeps a link's hash and its nonce. The link itself is made of the nonce and the portal's secret key, so it can
be written into a mail when the mail is sent, and again when it is sent again, and never lies in the store.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

from flask import current_app
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth import passwords, sessions
from portal.auth.models import Account, Invite
from portal.auth.service import AccountError, acceptable, store_password
from portal.panel import settings
from portal.store import read, write

Kind = Literal["invite", "reset"]
LASTS_S: dict[Kind, float] = {"invite": 7 * 86_400.0, "reset": 2 * 3600.0}


@dataclass(frozen=True)
class Link:
    """A link that was just made; `expires_at` is an instant."""

    nonce: str
    expires_at: float

    @property
    def url(self) -> str:
        """What the person opens."""
        return url_of(self.nonce)


def make(account_id: int, kind: Kind = "invite") -> Link:
    """A new link; older invitations of the account stop working. Raises AccountError when it is disabled."""
    with write() as session:
        return make_in(session, account_id, kind)


def make_in(session: Session, account_id: int, kind: Kind) -> Link:
    """The same inside somebody's write(). A reset leaves others alone: whoever asks for one is not known yet."""
    if session.get_one(Account, account_id).is_disabled:
        raise AccountError("The account is disabled: open it again first.")
    if kind == "invite":
        session.execute(
            delete(Invite).where(Invite.account_id == account_id, Invite.used_at.is_(None), Invite.kind == kind)
        )
    now, nonce = clock.now(), secrets.token_urlsafe(24)
    row = Invite(
        token_hash=_hash(_token(nonce)), account_id=account_id, kind=kind, nonce=nonce, created_at=now,
        expires_at=now + LASTS_S[kind],
    )  # fmt: skip
    session.add(row)
    return Link(nonce, row.expires_at)


def url_of(nonce: str) -> str:
    """The address of a link."""
    return f"{settings().portal_url}/invite/{_token(nonce)}"


def is_open(nonce: str) -> bool:
    """Whether the link of a nonce would still work."""
    with read() as session:
        return session.scalar(_open(_token(nonce))) is not None


def invited(token: str) -> Account | None:
    """The account that a token was made for; None when it was used, ran out, never was, or the account is disabled."""
    with read() as session:
        row = session.scalar(_open(token))
        return session.get(Account, row.account_id) if row else None


def accept(token: str, password: str) -> str | None:
    """Set the password of the link's account, use the link up and sign in; None when it is no longer good.

    Returns the token of the new session. Raises AccountError for a password that does not do.
    """
    stored = passwords.hashed(acceptable(password))
    with write() as session:
        row = session.scalar(_open(token))
        if row is None:
            return None
        row.used_at = clock.now()
        store_password(session, row.account_id, stored)
        return sessions.start_in(session, row.account_id, days=None)


def _open(token: str) -> Select[Invite]:
    return (
        select(Invite)
        .join(Account, Account.id == Invite.account_id)
        .where(Invite.token_hash == _hash(token), Invite.open_at(clock.now()))
        .where(~Account.is_disabled)
    )


def _token(nonce: str) -> str:
    key = current_app.secret_key or b""
    made = hmac.digest(key if isinstance(key, bytes) else key.encode(), b"link " + nonce.encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
