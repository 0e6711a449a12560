"""The panel's time zone, which cron lines are meant in.

The panel tells it nowhere by name, so it is reckoned from what it says: the `next_run_at` of a schedule is a moment of
its cron line only in some zones. The host's own (the setting `time_zone`) counts first, then UTC, which panels have by
default, then a plain offset. What one server told counts for all of the panel, as long as the process runs. Before any
told it, the host's zone is taken, and said to be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

from portal import mode
from portal.pterodactyl.models import Cron, Schedule
from portal.schedules.cron import BadCron, Line, following, parse

LEAP = timedelta(hours=2)
"""So long after clocks went forward runs what the night skipped."""
OFFSETS_MIN = range(-12 * 60, 14 * 60 + 1, 15)
_KEPT = "roost_panel_zone"
_OFFSET = re.compile(r"UTC([+-])(\d\d):(\d\d)")


@dataclass(frozen=True)
class Zone:
    """A zone by its name (`Europe/Berlin`, `UTC+02:00`). `is_known`: what the panel said agrees with it, and it said
    something that tells."""

    name: str
    is_known: bool

    @property
    def tz(self) -> tzinfo:
        """The zone itself."""
        return _zone(self.name) or UTC

    def local(self, at: datetime) -> datetime:
        """A moment by the panel's clock."""
        try:
            return at.astimezone(self.tz)
        except OverflowError:  # at the end of all time
            return at

    def written(self, at: datetime) -> str:
        """A moment by the panel's clock, as text."""
        local = self.local(at)
        return f"{local:%Y-%m-%d %H:%M} {local.tzname() or self.name}"

    def at(self, moment: float) -> str:
        """The same for unix seconds."""
        return self.written(datetime.fromtimestamp(moment, UTC))


def panel_zone(schedules: Iterable[Schedule]) -> Zone:
    """The panel's zone as these schedules tell it; where they do not, as others told it last, unless these disagree."""
    schedules = tuple(schedules)
    found = zone_of(schedules, mode.zone().key)
    if found.is_known:
        current_app.extensions[_KEPT] = found
        return found
    kept = current_app.extensions.get(_KEPT)
    if isinstance(kept, Zone) and all(_fits(line, at, kept.tz) for line, at in _told(schedules)):
        return kept
    return found


def zone_of(schedules: Iterable[Schedule], host: str) -> Zone:
    """The panel's zone as these schedules tell it. `host` is the name of the host's zone."""
    told = _told(schedules)
    names = list(dict.fromkeys((host, "UTC")))
    fitting = [name for name in names if all(_fits(line, at, _zone(name) or UTC) for line, at in told)]
    if fitting:
        is_told = any(not _fits(line, at, _offset(minutes)) for line, at in told for minutes in OFFSETS_MIN)
        return Zone(fitting[0], is_told)
    offsets = [minutes for minutes in OFFSETS_MIN if all(_fits(line, at, _offset(minutes)) for line, at in told)]
    nearest = min(offsets, key=abs, default=None)
    return Zone(host, False) if nearest is None else Zone(_written(nearest), True)


def _told(schedules: Iterable[Schedule]) -> list[tuple[Line, datetime]]:
    return [(line, one.next_run_at) for one in schedules if one.next_run_at and (line := meaning(one.cron))]


def named(name: str, host: str) -> Zone:
    """A zone that a form carries; anything else is the host's."""
    return Zone(name, True) if _zone(name) is not None else Zone(host, False)


def meaning(cron: Cron) -> Line | None:
    """What a schedule's fields mean; None when nobody knows."""
    try:
        return parse(cron.minute, cron.hour, cron.day_of_month, cron.month, cron.day_of_week)
    except BadCron:
        return None


def _fits(line: Line, at: datetime, zone: tzinfo) -> bool:
    try:
        if line.matches(at.astimezone(zone)):
            return True
        is_leapt = at.astimezone(zone).utcoffset() != (at - LEAP).astimezone(zone).utcoffset()
        return is_leapt and following(line, at - timedelta(minutes=1), zone, 1)[0] == at
    except (ValueError, OverflowError):
        return False


def _zone(name: str) -> tzinfo | None:
    """The zone of a name; None for what is none."""
    if found := _OFFSET.fullmatch(name):
        minutes = int(found[2]) * 60 + int(found[3])
        return _offset(-minutes if found[1] == "-" else minutes) if minutes <= 14 * 60 else None
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,60}", name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _written(minutes: int) -> str:
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
