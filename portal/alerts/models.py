"""What operators were told of, so that they are told once an hour and not each time."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Alert(Model):
    """One cause: since when it holds, when it was told last, and when it ended, if it has.

    The row outlives the cause: one that comes and goes is told once an hour all the same.
    """

    __tablename__ = "alert"

    cause: Mapped[str] = mapped_column(primary_key=True)
    detail: Mapped[str]
    since: Mapped[float]
    told_at: Mapped[float]
    over_at: Mapped[float | None]
