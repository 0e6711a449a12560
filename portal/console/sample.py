"""One sample of a server's usage, as Wings sends it once a second; read with care, a node may be somebody else's."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

STATES = ("offline", "starting", "running", "stopping")
MOST = 2**53


@dataclass(frozen=True)
class Sample:
    """Bytes, percent of one core, milliseconds; the network's figures count from the start of the container.

    Source: Wings 1.11, `environment/stats.go`, event `stats`.
    """

    state: str
    memory_bytes: int
    memory_limit_bytes: int
    cpu_absolute: float
    disk_bytes: int
    network_rx_bytes: int
    network_tx_bytes: int
    uptime_ms: int

    def as_json(self) -> dict[str, Any]:
        """As the page gets it, in the shape that Wings gives it."""
        return {
            "memory_bytes": self.memory_bytes,
            "memory_limit_bytes": self.memory_limit_bytes,
            "cpu_absolute": self.cpu_absolute,
            "network": {"rx_bytes": self.network_rx_bytes, "tx_bytes": self.network_tx_bytes},
            "uptime": self.uptime_ms,
            "state": self.state,
            "disk_bytes": self.disk_bytes,
        }


@lru_cache(maxsize=256)
def read(text: str) -> Sample | None:
    """The sample in a text; None when it is none. Kept, because all who look at a server get the same one."""
    try:
        found = json.loads(text)
        network = found.get("network") or {}
        return Sample(
            state=found["state"] if found["state"] in STATES else "offline",
            memory_bytes=_whole(found.get("memory_bytes")),
            memory_limit_bytes=_whole(found.get("memory_limit_bytes")),
            cpu_absolute=round(_number(found.get("cpu_absolute")), 3),
            disk_bytes=_whole(found.get("disk_bytes")),
            network_rx_bytes=_whole(network.get("rx_bytes")),
            network_tx_bytes=_whole(network.get("tx_bytes")),
            uptime_ms=_whole(found.get("uptime")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _number(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not math.isfinite(value):
        raise ValueError(value)
    return min(max(float(value), 0.0), float(MOST))


def _whole(value: object) -> int:
    return int(_number(value))
