"""What is kept of invitations to a server beside the panel's list of its subusers."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class ServerInvitation(Model):
    """Somebody was given access to a server through Roost. Whoever signed in since `invited_at` has seen it.

    `mailed_at` is when they were last to be written to. The background process finds the panel user and their account
    from `next_at` on (None: nothing is left to do, `tries`: calls in vain); `problem` says to operators why there is
    no account. `permissions` (JSON) are what the panel answered at `permissions_at`.
    """

    __tablename__ = "server_invitation"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    panel_user_uuid: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    server_name: Mapped[str]
    permissions: Mapped[str]
    permissions_at: Mapped[float]
    invited_by: Mapped[int | None]
    invited_at: Mapped[float]
    mailed_at: Mapped[float]
    next_at: Mapped[float | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None]
