"""A server's figures as Wings gives them (`server/resources.go`, `environment/stats.go`)."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from portal.demo.wings.usage import MIB, memory_limit_bytes

if TYPE_CHECKING:
    from portal.demo.wings.process import Process


def stats_of(process: Process) -> dict[str, Any]:
    """Keys in the order of Wings' struct."""
    usage, configuration = process.usage, process.configuration
    cpu = usage.cpu_absolute
    return {
        "memory_bytes": usage.memory_bytes,
        "memory_limit_bytes": memory_limit_bytes(configuration.memory_mib, configuration.host_mib * MIB),
        "cpu_absolute": int(cpu) if cpu == int(cpu) else cpu,
        "network": {"rx_bytes": usage.rx_bytes, "tx_bytes": usage.tx_bytes},
        "uptime": usage.uptime_ms,
        "state": process.state,
        "disk_bytes": process.disk_bytes,
    }


def stats_text(process: Process, *, sorted_keys: bool) -> str:
    """Sorted when it comes over the server's bus, which encodes everything anew."""
    return json.dumps(stats_of(process), separators=(",", ":"), sort_keys=sorted_keys)
