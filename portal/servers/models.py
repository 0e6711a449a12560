"""What Roost remembers of servers: whose they are, how they looked last, who looks, what was asked."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.store import Model


class PanelServer(Model):
    """A server of the panel, as the portal's own key or a customer's own key was told of it."""

    __tablename__ = "panel_server"

    uuid: Mapped[str] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(unique=True)
    internal_id: Mapped[int]
    startup_command: Mapped[str | None]
    environment_names: Mapped[str] = mapped_column(default="[]")
    seen_at: Mapped[float]


class Grant(Model):
    """What one panel user may do with one server, and when the panel said so last.

    `is_revoked` keeps the time of a refusal, so that an older reading that is stored later cannot undo it.
    """

    __tablename__ = "grant"

    server_uuid: Mapped[str] = mapped_column(ForeignKey("panel_server.uuid", ondelete="CASCADE"), primary_key=True)
    panel_user_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    is_owner: Mapped[bool]
    permissions: Mapped[str]
    read_at: Mapped[float]
    is_revoked: Mapped[bool] = mapped_column(default=False)


class Snapshot(Model):
    """How a server looked last. `scope` is the account whose own key read it, 0 for the service key."""

    __tablename__ = "snapshot"

    scope: Mapped[int] = mapped_column(primary_key=True)
    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[str]
    read_at: Mapped[float]


class Reading(Model):
    """When a list was read last in whole, and what went wrong since. `name` says which list."""

    __tablename__ = "reading"

    name: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[float | None]
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    error_at: Mapped[float | None]


class LiveState(Model):
    """Usage of one server as the panel said last; `error` is set while reading fails."""

    __tablename__ = "live_state"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    current_state: Mapped[str | None]
    memory_bytes: Mapped[int] = mapped_column(default=0)
    cpu_percent: Mapped[float] = mapped_column(default=0.0)
    disk_bytes: Mapped[int] = mapped_column(default=0)
    network_rx_bytes: Mapped[int] = mapped_column(default=0)
    network_tx_bytes: Mapped[int] = mapped_column(default=0)
    uptime_ms: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[float | None]
    state_since: Mapped[float | None]
    tried_at: Mapped[float]
    error: Mapped[str | None]


class Watch(Model):
    """Somebody has a page with this server open."""

    __tablename__ = "watch"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[float] = mapped_column(index=True)


class PowerRequest(Model):
    """The last power signal that was sent through Roost to a server."""

    __tablename__ = "power_request"

    server_uuid: Mapped[str] = mapped_column(primary_key=True)
    signal: Mapped[str]
    asked_at: Mapped[float]
    account_id: Mapped[int]
    state_before: Mapped[str | None]
    outcome: Mapped[str]
