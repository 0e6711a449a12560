"""Periods counted from an anchor, and when grace ends, in the host's zone. All instants are whole UTC epoch seconds.

The end of period n is `anchor + n periods`, never the last end plus one: begun on 31 January, months end on 28
February, 31 March, 30 April. A local time that a clock change skips moves forward; one that comes twice is the first.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

HOUR_S = 3600
DAY_S = 86_400
Unit = Literal["days", "months"]
LONGEST = {"days": 3660, "months": 120}
"""The most days or months that one period may have."""
LONGEST_PAYABLE = {"days": 1826, "months": 60}
"""The most that a price is set for: five years, as nobody can pay further ahead than that."""


class PeriodError(ValueError):
    """A period that there cannot be; the message is one sentence."""


@dataclass(frozen=True)
class Period:
    """So many days or calendar months."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in LONGEST:
            raise PeriodError("A period is counted in days or months.")
        if type(self.count) is not int or not 1 <= self.count <= LONGEST[self.unit]:
            raise PeriodError(f"A period has 1 to {LONGEST[self.unit]} {self.unit}.")


def payable(period: Period) -> Period:
    """The same period. Raises PeriodError for one that is too long for a price."""
    if period.count > LONGEST_PAYABLE[period.unit]:
        raise PeriodError(f"A price is for 1 to {LONGEST_PAYABLE[period.unit]} {period.unit}: at most five years.")
    return period


def end_of(anchor: int, period: Period, periods: int, zone: tzinfo) -> int:
    """When the `periods`th period from an anchor ends; 0 gives the anchor. Raises PeriodError beyond the year 9999."""
    if periods == 0:
        return anchor
    try:
        if period.unit == "months":
            return _months_after(anchor, period.count * periods, zone)
        return _days_after(anchor, period.count * periods, zone)
    except (OverflowError, ValueError, OSError):
        raise PeriodError("That is too far away.") from None


def grace_end(expires_at: int, grace_hours: int, hour: int, zone: tzinfo) -> int:
    """When grace is over: the first time that it is `hour` o'clock in the host's zone, `grace_hours` after expiry."""
    earliest = expires_at + grace_hours * HOUR_S
    day = datetime.fromtimestamp(earliest, zone).replace(tzinfo=None, hour=hour, minute=0, second=0, microsecond=0)
    for days in range(3):
        at = _instant(day + timedelta(days=days), zone)
        if at >= earliest:
            return at
    raise AssertionError("three days without this hour")


def _months_after(anchor: int, months: int, zone: tzinfo) -> int:
    local = datetime.fromtimestamp(anchor, zone).replace(tzinfo=None)
    years, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(years, month + 1)[1])
    return _instant(local.replace(year=years, month=month + 1, day=day), zone)


def _days_after(anchor: int, days: int, zone: tzinfo) -> int:
    """The same time of day so many days later. A zone that changes sides of the date line loses no day by it."""
    away = datetime.fromtimestamp(anchor + days * DAY_S, zone)
    shift = _offset_s(datetime.fromtimestamp(anchor, zone)) - _offset_s(away)
    shift = (shift + DAY_S // 2) % DAY_S - DAY_S // 2
    return _instant(away.replace(tzinfo=None) + timedelta(seconds=shift), zone)


def _offset_s(local: datetime) -> int:
    offset = local.utcoffset()
    return round(offset.total_seconds()) if offset is not None else 0


def _instant(naive: datetime, zone: tzinfo) -> int:
    return round(naive.replace(tzinfo=zone, fold=0).timestamp())
