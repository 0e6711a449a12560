"""Entries of a node's listings as the client API shows them (`FileObjectTransformer`)."""
from __future__ import annotations

import re
from typing import Any

from portal.demo.clock import iso
from portal.demo.envelopes import JSON, item
from portal.demo.errors import crashed

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def file_object(entry: Any, now: float) -> JSON:
    """`entry` as the node sent it; what it leaves out has the panel's own default, times the present."""
    if isinstance(entry, list):
        entry = {}
    if not isinstance(entry, dict):
        raise crashed("TypeError")
    return item("file_object", {
        "name": entry.get("name"),
        "mode": entry.get("mode"),
        "mode_bits": entry.get("mode_bits"),
        "size": entry.get("size"),
        "is_file": entry.get("file", True),
        "is_symlink": entry.get("symlink", False),
        "mimetype": entry.get("mime", "application/octet-stream"),
        "created_at": _atom(entry.get("created", ""), now),
        "modified_at": _atom(entry.get("modified", ""), now),
    })


def _atom(told: Any, now: float) -> str:
    """Whole seconds, in the zone of whoever told it."""
    if told in ("", None):
        return iso(now)
    found = _RFC3339.fullmatch(told) if isinstance(told, str) else None
    if found is None:
        raise crashed("InvalidFormatException")
    day, time, zone = found.groups()
    return f"{day}T{time}{'+00:00' if zone in 'Zz' else zone}"
