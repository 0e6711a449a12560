"""Believable usage figures: a pure function of a server's profile and how long it has been up."""
from __future__ import annotations

import math
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Profile:
    """How a server behaves; seconds, bytes, bytes a second, percent of one core.

    `stop_seconds` may be infinite (only a kill ends it); `crash_after_seconds` ends every start that way.
    `complaint` is a line that is printed instead of booting, at `crash_after_seconds` if there is such a moment; it is
    `cured_by` a startup variable, or the "image", whose value has that regular expression in it.
    `restarts_after_crash`: the node starts a crashed server again; otherwise it has seen it crash a moment before.
    `phase` (0 to 1) keeps two servers with the same profile from moving in step.
    """

    start_seconds: float = 2.0
    stop_seconds: float = 2.0
    crash_after_seconds: float | None = None
    complaint: str | None = None
    cured_by: tuple[str, str] | None = None
    restarts_after_crash: bool = False
    install_fails: bool = False
    cpu_percent: float = 20.0
    memory_bytes: int = 400 * MIB
    disk_bytes: int = 0
    disk_growth: float = 0.0
    rx_rate: float = 900.0
    tx_rate: float = 2600.0
    phase: float = 0.0


@dataclass(frozen=True)
class Usage:
    memory_bytes: int = 0
    cpu_absolute: float = 0
    rx_bytes: int = 0
    tx_bytes: int = 0
    uptime_ms: int = 0


def usage_of(profile: Profile, up_seconds: float) -> Usage:
    """Busy while it starts, then in slow waves; totals never fall."""
    turn = 2 * math.pi * profile.phase
    slow, quick = math.sin(up_seconds / 97 + turn), math.sin(up_seconds / 7.3 + 3 * turn)
    start_up = math.exp(-up_seconds / 15)
    cpu = profile.cpu_percent * (1 + 0.3 * slow + 0.15 * quick + 2.5 * start_up)
    memory = profile.memory_bytes * (1 - 0.7 * math.exp(-up_seconds / 40)) * (0.95 + 0.04 * slow + 0.01 * quick)
    return Usage(
        memory_bytes=int(memory),
        cpu_absolute=round(max(cpu, 0.0), 3),
        rx_bytes=int(profile.rx_rate * _swelling(up_seconds, turn)),
        tx_bytes=int(profile.tx_rate * _swelling(up_seconds, turn + 1)),
        uptime_ms=int(up_seconds * 1000),
    )


def _swelling(up_seconds: float, turn: float) -> float:
    """Grows by one a second on average, between 0.2 and 1.8."""
    return up_seconds + 0.8 * 60 * (math.cos(turn) - math.cos(up_seconds / 60 + turn))


def memory_limit_bytes(memory_mib: int, host_bytes: int = 0) -> int:
    """The container's hard limit: decimal megabytes with 5 to 15 % headroom; all of the host's without one."""
    if memory_mib <= 0:
        return host_bytes
    headroom = 1.15 if memory_mib <= 2048 else 1.10 if memory_mib <= 4096 else 1.05
    return int(memory_mib * 1_000_000 * headroom)
