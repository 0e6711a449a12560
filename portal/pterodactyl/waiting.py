"""`Retry-After`, in seconds or as an HTTP date, read with suspicion."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_S: Final = 300.0
DEFAULT_S: Final = 60.0
"""The panel counts per minute: without a usable header, the next minute is a fair guess."""


def retry_after_s(header: str | None, now: datetime | None = None) -> float:
    """Seconds to wait, between 0 and 300; the default for a missing or senseless header."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_S)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return DEFAULT_S
    return min(max(seconds, 0.0), LONGEST_S) if math.isfinite(seconds) else DEFAULT_S
