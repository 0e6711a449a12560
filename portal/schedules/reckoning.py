"""What five cron fields mean, before the panel is asked: in words, with the next runs, or what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from portal import clock
from portal.pterodactyl.models import Cron
from portal.schedules import words
from portal.schedules.cron import BadCron, following, parse
from portal.schedules.zone import Zone

RUNS = 3


@dataclass(frozen=True)
class Reckoned:
    """`words` and the next `runs` (unix seconds), or `wrong`: a sentence about `field` (empty: the line as a whole)."""

    zone: Zone
    words: str = ""
    runs: tuple[float, ...] = ()
    wrong: str = ""
    field: str = ""


def reckoned(cron: Cron, zone: Zone) -> Reckoned:
    """What these fields mean from now on."""
    try:
        line = parse(cron.minute, cron.hour, cron.day_of_month, cron.month, cron.day_of_week)
        runs = following(line, datetime.fromtimestamp(clock.now(), UTC), zone.tz, RUNS)
    except BadCron as error:
        return Reckoned(zone, wrong=words.trouble(error), field=error.field)
    return Reckoned(zone, words.said(line), tuple(one.timestamp() for one in runs))
