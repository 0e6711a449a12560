"""What of a node's words a person may see (the service key's token sees everything).

Wings filters by the token's permissions (`router/websocket/listeners.go`); on a shared token the portal has to.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from portal.wings.cleaning import one_line

STATES = ("offline", "starting", "running", "stopping")
CONNECT = "websocket.connect"
_TRANSFER = ("processing", "cancelling", "failure", "completed", "success", "pending", "starting", "failed")
_UUID = re.compile(r"Error Event \[([0-9a-fA-F-]{36})\]")
_NUMBERS = ("memory_bytes", "memory_limit_bytes", "cpu_absolute", "uptime", "disk_bytes")
_FLOWS = ("rx_bytes", "tx_bytes")

Word = tuple[str, str, str]
"""Event, text, and the permission that seeing it needs."""


def word_of(event: str, text: str) -> Word | None:
    """What viewers are told of an event that is neither a console line nor status nor stats; None for nothing.

    Nobody sees `install output`, `transfer logs`, what is about tokens, and events of later versions.
    """
    name = event.partition(":")[0]
    writer = _WRITERS.get(name)
    if writer is None or (name != event and name != "backup completed"):
        return None
    said = writer(text)
    return None if said is None else (name, said, "backup.read" if name == "backup completed" else CONNECT)


def sample_of(text: str) -> tuple[str, str | None] | None:
    """A `stats` sample as JSON with the known fields only, and its state; None when it is none."""
    document = _object(text)
    if document is None:
        return None
    sample: dict[str, Any] = {name: document.get(name) for name in _NUMBERS}
    network = document.get("network")
    flows = {name: network.get(name) for name in _FLOWS} if isinstance(network, dict) else {}
    if not all(_is_number(one) for one in (*sample.values(), *flows.values())) or not flows:
        return None
    state = document.get("state")
    state = state if state in STATES else None
    return json.dumps(sample | {"network": flows, "state": state}, separators=(",", ":")), state


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 1 << 63


def _object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _backup(text: str) -> str | None:
    document = _object(text)
    if document is None or not isinstance(document.get("uuid"), str):
        return None
    kept = {
        "uuid": one_line(document["uuid"]),
        "is_successful": document.get("is_successful") is True,
        "file_size": size if _is_number(size := document.get("file_size")) else 0,
    }
    return json.dumps(kept, separators=(",", ":"))


def _error(text: str) -> str:
    """The node's own text may tell an administrator's things; its number is for the host."""
    found = _UUID.search(text)
    return found[1].lower() if found else ""


def _nothing(_: str) -> str:
    return ""


_WRITERS: dict[str, Callable[[str], str | None]] = {
    "daemon message": one_line,
    "daemon error": _error,
    "install started": _nothing,
    "install completed": _nothing,
    "backup completed": _backup,
    "backup restore completed": _nothing,
    "transfer status": lambda text: text if text in _TRANSFER else None,
    "deleted": _nothing,
}
