"""A date as the host types it, as the moment at which a server expires."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from portal import mode
from portal.panel import settings


def day_at(day: date) -> int:
    """When a server expires whose expiry is set to a date: at the host's hour at which grace ends too."""
    return round(datetime.combine(day, time(settings().grace_ends_hour), mode.zone()).timestamp())


def date_in(text: str) -> int | None:
    """The same of a text like 2026-12-31; None when it is none, or one before 1970."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return max(0, day_at(date.fromisoformat(text)))
    except (ValueError, OverflowError):
        return None
