"""Holds, what the panel showed, wishes to change it and the calls that did, and the runs that made holds."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class Hold(Model):
    """A reason why a server should be suspended: unpaid, abuse, admin or external; open until released.

    `asserted` counts how often the suspension was made again by itself after it vanished; `confirmed_at` is when the
    panel was last seen to agree because of us; `lifted_at` is set once somebody lifted the suspension in the panel by
    hand, after which this hold asks for nothing.
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("kind IN ('unpaid', 'abuse', 'admin', 'external')", name="kind"),
        Index("uq_hold_open", "server_uuid", "kind", unique=True, sqlite_where=text("released_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    reason: Mapped[str]
    placed_by: Mapped[int | None]
    placed_at: Mapped[int]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("sweep_run.id"), index=True)
    asserted: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[int | None]
    lifted_at: Mapped[int | None]
    released_at: Mapped[int | None]
    released_by: Mapped[int | None]
    release_reason: Mapped[str | None]


class Observed(Model):
    """What the panel showed last. `since` is the first of all reads in a row that showed the same suspension,
    `other_at` the last one before, which showed the other; `busy_at` the last that showed it installing or restoring.
    """

    __tablename__ = "observed"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    internal_id: Mapped[int]
    owner_id: Mapped[int]
    name: Mapped[str]
    is_suspended: Mapped[bool] = mapped_column(index=True)
    status: Mapped[str | None]
    since: Mapped[int]
    other_at: Mapped[int | None]
    read_at: Mapped[int]
    busy_at: Mapped[int | None]


class Intent(Model):
    """A wish to change the panel: that a server be suspended, or not. What is sent is computed anew from the holds.

    `state` is pending, sending, unknown, confirmed, parked or superseded. `start_as` is the account for which the
    server is started once it is no longer suspended.
    """

    __tablename__ = "intent"
    __table_args__ = (
        UniqueConstraint("server_uuid", "number"),
        CheckConstraint(
            "state IN ('pending', 'sending', 'unknown', 'confirmed', 'parked', 'superseded')", name="state"
        ),
        Index("uq_intent_sending", "server_uuid", unique=True, sqlite_where=text("state = 'sending'")),
        Index("ix_intent_start", "id", sqlite_where=text("start_as IS NOT NULL AND state = 'confirmed'")),
        Index("ix_intent_due", "next_at", sqlite_where=text("state IN ('pending', 'sending', 'unknown', 'parked')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str]
    number: Mapped[int]
    wants_suspended: Mapped[bool]
    cause: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("sweep_run.id"), index=True)
    state: Mapped[str]
    lease: Mapped[str | None]
    lease_until: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[int]
    next_at: Mapped[int]
    sent_at: Mapped[int | None]
    ended_at: Mapped[int | None]
    error: Mapped[str | None]
    start_as: Mapped[int | None]


class PanelCall(Model):
    """One suspend or unsuspend that went out. Nothing in the panel says who suspended a server: only this does.

    `ended_at` is when the panel had answered; it stays empty for a call whose answer never came, which may still act.
    """

    __tablename__ = "panel_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    intent_id: Mapped[int] = mapped_column(ForeignKey("intent.id"))
    server_uuid: Mapped[str] = mapped_column(index=True)
    suspends: Mapped[bool]
    sent_at: Mapped[int] = mapped_column(index=True)
    ended_at: Mapped[int | None]
    has_failed: Mapped[bool] = mapped_column(default=False)


class SweepRun(Model):
    """One look for unpaid servers that found any: `state` is done, frozen, approved, undone or dropped.

    `gates` is JSON: the name of each closed gate and its sentence. `digest` binds an approval to exactly this list.
    """

    __tablename__ = "sweep_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(index=True)
    gates: Mapped[str]
    digest: Mapped[str]
    running_paid: Mapped[int]
    decided_by: Mapped[int | None]
    decided_at: Mapped[int | None]


class RunEntry(Model):
    """A server in a run: `state` is candidate, held (an unpaid hold was placed), skipped (no longer due) or undone."""

    __tablename__ = "run_entry"

    run_id: Mapped[int] = mapped_column(ForeignKey("sweep_run.id"), primary_key=True)
    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    identifier: Mapped[str]
    expires_at: Mapped[int]
    last_paid_at: Mapped[int | None]
    state: Mapped[str]
    why: Mapped[str]
