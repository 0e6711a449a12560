"""What open consoles say of their servers, written into the store, where pages and the background process look."""

from __future__ import annotations

from collections.abc import Iterable

from portal import clock
from portal.console import sample
from portal.servers import records
from portal.servers.state import Usage
from portal.wings import Channel

EVERY_S = 10.0
"""Less than half of what the background process waits between two readings of a server: it finds nothing to do."""


class States:
    """One process's memory of what it wrote."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[str, float]] = {}

    def write(self, channels: Iterable[Channel]) -> int:
        """Write a changed state at once, an unchanged one every 10 s; returns how many were written."""
        now = clock.now()
        due = {
            one.key.server_uuid: usage
            for one in channels
            if (usage := usage_of(one, now)) is not None and self._is_due(one.key.server_uuid, usage)
        }
        if due:
            records.save_usages(due)
        self._written |= {uuid: (usage.current_state, now) for uuid, usage in due.items()}
        self._written = {uuid: seen for uuid, seen in self._written.items() if seen[1] > now - 10 * EVERY_S}
        return len(due)

    def _is_due(self, uuid: str, usage: Usage) -> bool:
        state, at = self._written.get(uuid, ("", 0.0))
        return state != usage.current_state or abs(usage.read_at - at) >= EVERY_S


def usage_of(channel: Channel, now: float) -> Usage | None:
    """What a channel knows of its server; None unless it is live and has had a first sample."""
    latest = sample.read(channel.stats) if channel.stats else None
    if latest is None or channel.state is None or channel.link.phase not in ("live", "renewing"):
        return None
    is_off = channel.state == "offline"
    return Usage(
        current_state=channel.state,
        memory_bytes=0 if is_off else latest.memory_bytes,
        cpu_percent=0.0 if is_off else latest.cpu_absolute,
        disk_bytes=latest.disk_bytes,
        network_rx_bytes=0 if is_off else latest.network_rx_bytes,
        network_tx_bytes=0 if is_off else latest.network_tx_bytes,
        uptime_ms=0 if is_off else latest.uptime_ms,
        read_at=now,
    )
