"""Who did what through Roost."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class AuditEntry(Model):
    """One act. `outcome` is done, refused, failed or unknown; `reference` is the request's, as in the log."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_server_uuid_at", "server_uuid", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str]
    server_uuid: Mapped[str | None]
    detail: Mapped[str]
    outcome: Mapped[str]
    address: Mapped[str | None]
    reference: Mapped[str | None]


class AuditChange(Model):
    """One change of money, expiry, holds or how billing works: never changed, never removed (triggers), each row with
    the hash of the row before. `before` and `after` are JSON; replaying them rebuilds holds, expiry and balances.

    `account_id` is who did it (none: a command or the background process), `about_account` whose money it was.
    """

    __tablename__ = "audit_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(index=True)
    account_id: Mapped[int | None]
    address: Mapped[str | None]
    request: Mapped[str | None]
    what: Mapped[str]
    server_uuid: Mapped[str | None] = mapped_column(index=True)
    about_account: Mapped[int | None] = mapped_column(index=True)
    before: Mapped[str]
    after: Mapped[str]
    why: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(index=True)
    previous: Mapped[str]
    hash: Mapped[str]
