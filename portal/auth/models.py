"""Accounts, their sessions and invitations, and the attempts to sign in."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Account(Model):
    """A person who may sign in. Linked to the panel by the panel's numeric user id, never by an address."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    panel_user_id: Mapped[int | None] = mapped_column(unique=True)
    panel_username: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float]
    last_login_at: Mapped[float | None]


class LoginSession(Model):
    """One signed-in browser. The cookie holds a random token, the store only its hash."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float]
    expires_at: Mapped[float] = mapped_column(index=True)


class Invite(Model):
    """A link that lets one person set a password, once: an invitation, or a reset that somebody asked for.

    The link can be made again from `nonce` and the portal's secret key, so that a mail sent twice holds the same one.
    """

    __tablename__ = "invite"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float]
    expires_at: Mapped[float]
    used_at: Mapped[float | None]
    kind: Mapped[str] = mapped_column(default="invite", server_default="invite")
    nonce: Mapped[str | None]

    @classmethod
    def open_at(cls, now: float) -> ColumnElement[bool]:
        """The condition that a link would still work: not used, and not over."""
        return cls.used_at.is_(None) & (cls.expires_at > now)


class Attempt(Model):
    """A refused attempt; `bucket` says for whom and from where, as a hash."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(index=True)
    at: Mapped[float] = mapped_column(index=True)
