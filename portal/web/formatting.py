"""How figures and times look, everywhere the same. Times are in the viewer's zone, which is named beside them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, has_request_context, request
from markupsafe import Markup

from portal import clock
from portal.web.i18n import _, counted

MIB = 1024 * 1024
ZONE_COOKIE = "tz"


def register(app: Flask) -> None:
    """Make the formatters known to the templates."""
    app.jinja_env.filters.update(
        bytes=in_bytes, mib=in_mib, cpu=in_cpu, duration=duration, instant=instant, age=age, count=count, share=share
    )
    app.jinja_env.globals.update(duration_patterns=duration_patterns)


def zone() -> tzinfo:
    """The viewer's time zone as their browser said in a cookie; UTC until it did."""
    name = unquote(request.cookies.get(ZONE_COOKIE, "")) if has_request_context() else ""
    if not name or len(name) > 60:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def instant(at: float) -> Markup:
    """A moment: the time of day, with the date unless it is today, and the zone."""
    local = datetime.fromtimestamp(at, zone())
    today = datetime.fromtimestamp(clock.now(), zone()).date()
    shown = f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
    iso = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{} {}</time>').format(iso, shown, local.tzname() or "UTC")


def age(at: float) -> str:
    """How long ago a moment was."""
    seconds = max(0, round(clock.now() - at))
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
