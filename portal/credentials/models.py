"""The client keys that customers gave us, sealed, and which of the portal's own keys the panel refuses."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class ClientKey(Model):
    """The client key of one account. `sealed` is readable only with the master key and only for this account."""

    __tablename__ = "client_key"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    identifier: Mapped[str]
    sealed: Mapped[bytes]
    verified_at: Mapped[float]
    refused_at: Mapped[float | None]
    refused_cause: Mapped[str | None]


class KeyRefusal(Model):
    """One of the portal's own keys (`service` or `application`) that the panel refuses, for all processes to see."""

    __tablename__ = "key_refusal"

    name: Mapped[str] = mapped_column(primary_key=True)
    hint: Mapped[str]
    cause: Mapped[str]
    detail: Mapped[str]
    since: Mapped[float]
    tried_at: Mapped[float]
