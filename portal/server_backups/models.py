"""What is kept of backups beside the panel: the retention rule of a server."""

from __future__ import annotations

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
