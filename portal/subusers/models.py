"""What is kept of invitations to a server beside the panel's list of its subusers."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class ServerInvitation(Model):
    """Somebody was given access to a server through Roost. `account_id` is the invitee's account here.

    `mailed_at` is when they were last written to. Whoever signed in since `invited_at` has seen it.
    """

    __tablename__ = "server_invitation"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    panel_user_uuid: Mapped[str]
    invited_by: Mapped[int | None]
    invited_at: Mapped[float]
    mailed_at: Mapped[float]
