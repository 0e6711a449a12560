"""How far the panel's clock is from ours, by the `Date` of its answers (one second exact): kept for all processes."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime

from portal.panel import last_date
from portal.store import read, write
from portal.store.state import StoreState

NAME = "panel_clock"


def keep() -> None:
    """Store what the last answer that named a date said."""
    seen = last_date()
    if seen is None:
        return
    said, at = seen
    try:
        offset_s = round(parsedate_to_datetime(said).timestamp() - at)
    except (TypeError, ValueError, OverflowError):
        return
    with write() as session:
        session.merge(StoreState(name=NAME, value=json.dumps([offset_s, int(at)])))


def offset() -> tuple[int, int] | None:
    """By how many seconds the panel's clock was ahead of ours, and when that was; None while it never told."""
    with read() as session:
        row = session.get(StoreState, NAME)
    if row is None:
        return None
    offset_s, at = json.loads(row.value)
    return int(offset_s), int(at)
