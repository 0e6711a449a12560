"""Rhythms that most schedules have, as cron fields, and the schedules that come ready to take."""

from __future__ import annotations

import re

from portal.pterodactyl.models import Cron
from portal.schedules.models import Plan, TaskPlan
from portal.web.i18n import _

RHYTHMS = ("hourly", "six-hourly", "daily", "weekly", "monthly", "custom")
NIGHTLY = "nightly-backup"
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def rhythm_words(rhythm: str) -> str:
    """A rhythm for a choice."""
    return {
        "hourly": _("Every hour"),
        "six-hourly": _("Every 6 hours"),
        "daily": _("Every day at a time"),
        "weekly": _("Every week"),
        "monthly": _("Every month"),
        "custom": _("As the fields below say"),
    }[rhythm]


def filled(rhythm: str, at: str, weekday: str, day: str) -> Cron | None:
    """The fields of a rhythm; what it takes and is not given is 04:00, Monday, day 1. None for custom ones."""
    found = _TIME.fullmatch(at.strip()) or _TIME.fullmatch("04:00")
    hour, minute = (str(int(part)) for part in found.groups()) if found else ("4", "0")
    weekday = weekday if weekday in tuple("0123456") else "1"
    day = day if day.isascii() and day.isdigit() and 1 <= int(day[:3]) <= 31 else "1"
    match rhythm:
        case "hourly":
            return Cron("0", "*", "*", "*", "*")
        case "six-hourly":
            return Cron("0", "*/6", "*", "*", "*")
        case "daily":
            return Cron(minute, hour, "*", "*", "*")
        case "weekly":
            return Cron(minute, hour, "*", "*", weekday)
        case "monthly":
            return Cron(minute, hour, day, "*", "*")
        case _:
            return None


def rhythm_of(cron: Cron) -> tuple[str, str, str, str]:
    """Which rhythm these fields are: its name, the time, the weekday and the day that it takes."""
    at = "04:00"
    if re.fullmatch(r"\d{1,2}", cron.minute) and re.fullmatch(r"\d{1,2}", cron.hour):
        at = f"{int(cron.hour):02}:{int(cron.minute):02}"
    for rhythm in RHYTHMS[:-1]:
        if filled(rhythm, at, cron.day_of_week, cron.day_of_month) == cron:
            return rhythm, at, cron.day_of_week.replace("*", "1"), cron.day_of_month.replace("*", "1")
    return "custom", at, "1", "1"


def nightly(ignored: str = "") -> Plan:
    """A backup every night. Also while the server is off: a backup needs no running server."""
    cron = Cron("0", "4", "*", "*", "*")
    return Plan(_("Nightly backup"), cron, True, False, (TaskPlan("backup", ignored),))
