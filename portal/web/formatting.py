"""How figures and times look, everywhere the same. Times are in the viewer's zone, which is named beside them.

What has to be paid by when (`moment`, `day`) is in the host's zone until a browser has named its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, has_request_context, request
from markupsafe import Markup

from portal import clock, mode
from portal.web.i18n import _, counted

MIB = 1024 * 1024
ZONE_COOKIE = "tz"


def register(app: Flask) -> None:
    """Make the formatters known to the templates."""
    app.jinja_env.filters.update(
        bytes=in_bytes, mib=in_mib, cpu=in_cpu, duration=duration, instant=instant, age=age, count=count, share=share,
        moment=whole_moment, day=whole_day, left=left, money=money,
    )  # fmt: skip
    app.jinja_env.globals.update(duration_patterns=duration_patterns)


def zone() -> tzinfo:
    """The viewer's time zone as their browser said in a cookie; UTC until it did."""
    return _viewers() or UTC


def paying_zone() -> tzinfo:
    """The zone of the dates and days of paying: the viewer's, and the host's until their browser named one."""
    return _viewers() or mode.zone()


def _viewers() -> tzinfo | None:
    name = unquote(request.cookies.get(ZONE_COOKIE, "")) if has_request_context() else ""
    if not name or len(name) > 60:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instant(at: float) -> Markup:
    """A moment: the time of day, with the date unless it is today, and the zone."""
    local = _local(at, zone())
    today = datetime.fromtimestamp(clock.now(), zone()).date()
    shown = f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
    iso = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{} {}</time>').format(iso, shown, local.tzname() or "UTC")


def _local(at: float, zone: tzinfo) -> datetime:
    try:
        return datetime.fromtimestamp(at, zone)
    except (OverflowError, ValueError):  # at the end of all time
        return datetime.fromtimestamp(at, UTC)


def moment(at: float) -> str:
    """A moment with its date, also today, and the zone: what somebody has to do something until."""
    local = datetime.fromtimestamp(at, paying_zone())
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or 'UTC'}"


def whole_moment(at: float) -> Markup:
    """The same for a page, on one line."""
    iso = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return Markup('<time class="whole" datetime="{}">{}</time>').format(iso, moment(at))


def day(at: float) -> str:
    """The date of a moment, in the same zone."""
    return f"{datetime.fromtimestamp(at, paying_zone()):%Y-%m-%d}"


def whole_day(at: float) -> Markup:
    """The same for a page, on one line."""
    return Markup('<span class="whole">{}</span>').format(day(at))


def left(at: float) -> str:
    """How far away a moment is, before or after now, in whole days or hours."""
    seconds = round(at - clock.now())
    if seconds <= 0:
        return age(at)
    if seconds < 5400:
        return counted("in %(num)d minute", "in %(num)d minutes", max(1, round(seconds / 60)))
    if seconds < 172_800:
        return counted("in %(num)d hour", "in %(num)d hours", round(seconds / 3600))
    return counted("in %(num)d day", "in %(num)d days", seconds // 86_400)


def money(amount: object) -> Markup:
    """An amount with its currency, which stay on one line."""
    return Markup('<span class="whole">{}</span>').format(amount)


def age(at: float) -> str:
    """How long ago a moment was."""
    seconds = round(clock.now() - at)
    if seconds < 10:
        return _("just now")
    if seconds < 90:
        return counted("%(num)d s ago", "%(num)d s ago", seconds)
    if seconds < 5400:
        return counted("%(num)d minute ago", "%(num)d minutes ago", round(seconds / 60))
    if seconds < 172_800:
        return counted("%(num)d hour ago", "%(num)d hours ago", round(seconds / 3600))
    return counted("%(num)d day ago", "%(num)d days ago", round(seconds / 86_400))


def in_bytes(number: float) -> str:
    """A size in binary units, as the panel shows it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if round(number) < 1024:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 99.95 else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def in_mib(limit: int) -> str:
    """A limit in MiB with its unit; 0 and less are no limit."""
    return in_bytes(limit * MIB) if limit > 0 else _("unlimited")


def in_cpu(percent: float, digits: int = 0) -> str:
    """A share of one core."""
    return f"{percent:.{digits}f} %"


def duration_patterns() -> dict[str, str]:
    """How a duration is written, by its biggest unit; the page's scripts fill in the same ones."""
    return {
        "days": _("%(days)d d %(hours)d h"),
        "hours": _("%(hours)d h %(minutes)d min"),
        "minutes": _("%(minutes)d min %(seconds)d s"),
        "seconds": _("%(seconds)d s"),
    }


def duration(milliseconds: int) -> str:
    """How long something runs, in its two biggest units."""
    seconds = max(0, milliseconds) // 1000
    parts = {"days": seconds // 86_400, "hours": seconds // 3600 % 24, "minutes": seconds // 60 % 60}
    biggest = next((name for name, number in parts.items() if number), "seconds")
    return duration_patterns()[biggest] % {**parts, "seconds": seconds % 60}


def count(limit: int | None, *, none_means: str = "unlimited") -> str:
    """How many of something a server may have."""
    if limit is None:
        return _("unlimited") if none_means == "unlimited" else _("none")
    return _("none") if limit == 0 else str(limit)


def share(used: float, limit: float) -> int:
    """Percent of a limit in use, from 0 to 100."""
    return max(0, min(100, round(100 * used / limit))) if limit > 0 else 0
