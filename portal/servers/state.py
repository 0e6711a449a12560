"""In which state a server is, in words, from what the panel said and what was asked of it.

The panel caches usage for 20 s (docs/panel.md), so a reading may be older than a power signal although it came later.
Such a reading counts only if it shows movement in the asked direction; a full cache life later every reading counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.servers.facts import Facts

CACHE_S = 20.5
"""A reading that began this long after a signal cannot be older than the signal."""
STOPPED_AGAIN_S = 60.0 + CACHE_S
"""A reading this soon after a start that says offline: it stopped again within a minute (plus one cache life)."""
KILL_AFTER_S = 30.0
ASKED_LATELY_S = 300.0
"""A server that began to stop later than this after a signal stops for another reason."""
LIVE_FIGURES_S = 15 * 60.0
NODE_SILENT_AFTER_S = 75.0


class State(StrEnum):
    """Every state that a customer can see."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    OFFLINE = "offline"
    STOPPED_AGAIN = "stopped_again"
    SUSPENDED = "suspended"
    MAINTENANCE = "maintenance"
    INSTALLING = "installing"
    INSTALL_FAILED = "install_failed"
    REINSTALL_FAILED = "reinstall_failed"
    RESTORING = "restoring_backup"
    TRANSFERRING = "transferring"
    NODE_UNREACHABLE = "node_unreachable"
    PANEL_UNREACHABLE = "panel_unreachable"
    UNKNOWN = "unknown"


BLOCKED = frozenset(
    {State.SUSPENDED, State.MAINTENANCE, State.INSTALLING, State.INSTALL_FAILED, State.RESTORING, State.TRANSFERRING}
)
"""States in which the panel refuses every power signal with 409 (docs/panel.md)."""


@dataclass(frozen=True)
class Usage:
    """The last reading of a server's usage: bytes, percent of one core, milliseconds, UTC epoch seconds.

    `since` is when its state was read for the first time in a row.
    """

    current_state: str
    memory_bytes: int
    cpu_percent: float
    disk_bytes: int
    network_rx_bytes: int
    network_tx_bytes: int
    uptime_ms: int
    read_at: float
    since: float = 0.0


@dataclass(frozen=True)
class Live:
    """All that is known of a server's live side; `error` says why newer readings are missing."""

    usage: Usage | None = None
    tried_at: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class Asked:
    """The last power signal that went through Roost. `outcome` is accepted, unknown or stopped_again."""

    signal: str
    at: float
    state_before: str | None
    outcome: str


@dataclass(frozen=True)
class Condition:
    """What a page says of a server: its state, since when something is asked, and which signals make sense."""

    state: State
    asked: Asked | None
    signals: tuple[str, ...]
    usage: Usage | None
    is_changing: bool


def condition(facts: Facts, live: Live, asked: Asked | None, now: float, *, panel_down: bool) -> Condition:
    """The condition of a server now."""
    usage = live.usage if live.usage and now - live.usage.read_at <= LIVE_FIGURES_S else None
    state, pending = _state(facts, live, usage, asked, now, panel_down)
    if panel_down:
        signals: tuple[str, ...] = ()
    else:
        signals = _signals(state, pending, usage, now)
    is_changing = pending is not None or state in (State.STARTING, State.STOPPING, State.UNKNOWN)
    return Condition(state, pending, signals, usage, is_changing)


def has_stopped_again(asked: Asked, usage: Usage) -> bool:
    """Whether a reading says that a start of a moment ago ended offline."""
    return (
        asked.signal in ("start", "restart")
        and _answered(asked, usage)
        and usage.current_state in ("offline", "stopped")
        and usage.read_at - asked.at <= STOPPED_AGAIN_S
    )


def standing(facts: Facts) -> State | None:
    """The state that the panel's own record names, in the panel's order of precedence; None for a normal server."""
    if facts.status == "suspended":
        return State.SUSPENDED
    if facts.is_node_under_maintenance:
        return State.MAINTENANCE
    if facts.status in ("installing", "install_failed", "restoring_backup"):
        return State(facts.status)
    return State.TRANSFERRING if facts.is_transferring else None


def _state(
    facts: Facts, live: Live, usage: Usage | None, asked: Asked | None, now: float, panel_down: bool
) -> tuple[State, Asked | None]:
    if (fixed := standing(facts)) is not None:
        return fixed, None
    if panel_down and usage is None:
        return State.PANEL_UNREACHABLE, None
    if live.error == "node" and (usage is None or usage.read_at < (live.tried_at or 0.0)):
        return State.NODE_UNREACHABLE, asked if asked and now - asked.at < NODE_SILENT_AFTER_S else None
    if asked is not None and not _answered(asked, usage):
        return _expected(asked, now), asked
    if usage is None or live.error == "conflict":
        return State.UNKNOWN, None
    return _observed(facts, usage, asked)


def _observed(facts: Facts, usage: Usage, asked: Asked | None) -> tuple[State, Asked | None]:
    words = {"running": State.RUNNING, "starting": State.STARTING, "stopping": State.STOPPING}
    state = words.get(usage.current_state, State.OFFLINE)
    if state is State.OFFLINE:
        if asked and (asked.outcome == "stopped_again" or has_stopped_again(asked, usage)):
            return State.STOPPED_AGAIN, None
        if facts.status == "reinstall_failed":
            return State.REINSTALL_FAILED, None
    is_ours = asked is not None and asked.signal in ("stop", "restart") and usage.since - asked.at <= ASKED_LATELY_S
    return state, asked if state is State.STOPPING and is_ours else None


def _answered(asked: Asked, usage: Usage | None) -> bool:
    """Whether a reading may be believed against a signal: surely newer, or moved the way that was asked."""
    if usage is None:
        return False
    if usage.read_at >= asked.at + CACHE_S:
        return True
    if usage.read_at < asked.at:
        return False
    moved = {
        "start": ("starting", "running"),
        "stop": ("stopping", "offline", "stopped"),
        "kill": ("offline", "stopped"),
        "restart": ("starting", "stopping"),
    }[asked.signal]
    is_between = usage.current_state in ("starting", "stopping")
    was_known = asked.state_before is not None and usage.current_state != asked.state_before
    return usage.current_state in moved and (is_between or was_known)


def _expected(asked: Asked, now: float) -> State:
    if now - asked.at > 3 * CACHE_S:
        return State.UNKNOWN
    return State.STARTING if asked.signal in ("start", "restart") else State.STOPPING


def _signals(state: State, pending: Asked | None, usage: Usage | None, now: float) -> tuple[str, ...]:
    if state in BLOCKED or state in (State.PANEL_UNREACHABLE, State.NODE_UNREACHABLE):
        return ()
    if state is State.STOPPING:
        since = pending.at if pending else usage.since if usage else now
        return ("kill",) if now - since >= KILL_AFTER_S else ()
    return {
        State.RUNNING: ("restart", "stop"),
        State.STARTING: ("restart", "stop"),
        State.OFFLINE: ("start",),
        State.STOPPED_AGAIN: ("start",),
        State.REINSTALL_FAILED: ("start",),
    }.get(state, ("start", "stop"))
