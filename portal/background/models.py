"""The lease that lets only one background process work."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Lease(Model):
    """Whoever wrote `owner` last holds the name until `until`."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[float]
