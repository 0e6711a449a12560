"""Who did what through Roost."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class AuditEntry(Model):
    """One act. `outcome` is done, refused, failed or unknown; `reference` is the request's, as in the log."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str]
    server_uuid: Mapped[str | None] = mapped_column(index=True)
    detail: Mapped[str]
    outcome: Mapped[str]
    address: Mapped[str | None]
    reference: Mapped[str | None]
