"""What is kept of backups beside the panel: the retention rule of a server, and how downloads ended."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class RetentionRule(Model):
    """What a person wants to be deleted of a server's backups: all but the newest `keep_count`, or what is older than
    `keep_days`; one of the two is set. The background process acts as `account_id`, who set it at `set_at`.

    `checked_at` is when it last looked, `problem` a word for why it could not go on (empty: nothing is wrong).
    """

    __tablename__ = "retention_rule"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    keep_count: Mapped[int | None]
    keep_days: Mapped[int | None]
    set_at: Mapped[float]
    checked_at: Mapped[float | None]
    problem: Mapped[str] = mapped_column(default="")


class BackupDownload(Model):
    """One download of a backup through Roost: how far it is, and whether what came was what the panel says.

    `seen_at` is when it was heard of last; `outcome` is empty while it is on its way, then `agrees`, `differs`,
    `unchecked` (the panel has no checksum that Roost could compare) or `cut`.
    """

    __tablename__ = "backup_download"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    server_uuid: Mapped[str]
    name: Mapped[str]
    size_bytes: Mapped[int | None]
    read_bytes: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[float]
    seen_at: Mapped[float]
    outcome: Mapped[str] = mapped_column(default="")
