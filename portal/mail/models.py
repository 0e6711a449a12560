"""Mail that waits to be sent, and what became of it."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Mail(Model):
    """One message. It is written when it is sent, from `kind` and `detail`; no link and no secret stands in it.

    `state` is waiting, sent, dropped (there was nobody to send it to, or its link is over) or failed (the mail server
    will not take it: `error` says why). The Message-ID stays the same however often it is tried.
    """

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    recipient: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[float]
    next_at: Mapped[float]
    ended_at: Mapped[float | None]
    error: Mapped[str | None]
