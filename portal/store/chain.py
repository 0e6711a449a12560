"""Rows that hold the hash of the row before: what was changed or taken out later shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

FIRST = "0" * 64
"""What the first row of a chain names as the one before."""


def link(previous: str, content: Mapping[str, object]) -> str:
    """The hash of a row: over the hash before it and its own content (text, whole numbers, true, false, null)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
