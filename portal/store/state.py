"""What the store knows of itself: small values by name."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from portal.store.model import Model


class StoreState(Model):
    """One value, such as whether this store was restored and nobody has confirmed it yet."""

    __tablename__ = "store_state"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
