"""Which zone the panel's clock keeps, from what it says of its schedules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.pterodactyl.models import Cron, Schedule
from portal.schedules.zone import Zone, named, zone_of

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def schedule(line: str, next_run: str) -> Schedule:
    at = datetime.fromisoformat(next_run)
    return Schedule(1, "x", Cron(*line.split()), True, False, False, None, at, MADE, MADE, ())


@pytest.mark.parametrize(
    ("told", "host", "zone"),
    [
        ((), "Europe/Berlin", Zone("Europe/Berlin", False)),
        ((("0 4 * * *", "2026-06-02T02:00:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", True)),
        ((("0 4 * * *", "2026-01-02T03:00:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", True)),
        ((("0 4 * * *", "2026-06-02T04:00:00+00:00"),), "Europe/Berlin", Zone("UTC", True)),
        ((("0 4 * * *", "2026-06-02T10:00:00+00:00"),), "Europe/Berlin", Zone("UTC-06:00", True)),
        ((("30 4 * * *", "2026-06-01T23:00:00+00:00"),), "UTC", Zone("UTC+05:30", True)),
        ((("*/5 * * * *", "2026-06-02T04:05:00+00:00"),), "UTC", Zone("UTC", False)),
        ((("* * * * *", "2026-06-02T04:05:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", False)),
        ((("0 * * * *", "2026-06-02T04:00:00+00:00"), ("0 4 * * *", "2026-06-02T04:00:00+00:00")), "Europe/Berlin",
         Zone("UTC", True)),
        ((("30 2 * * *", "2026-03-29T01:30:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", True)),
        ((("30 2 * * *", "2026-03-29T01:30:00+00:00"), ("0 4 * * *", "2026-03-29T02:00:00+00:00")), "Europe/Berlin",
         Zone("Europe/Berlin", True)),
        ((("30 2 * * *", "2026-03-29T02:30:00+00:00"),), "Europe/Berlin", Zone("UTC", True)),
        ((("nonsense * * * *", "2026-06-02T04:00:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", False)),
        ((("0 4 * * *", "2026-06-02T04:07:00+00:00"),), "Europe/Berlin", Zone("Europe/Berlin", False)),
    ],
)  # fmt: skip
def test_the_zone_is_reckoned(told: tuple[tuple[str, str], ...], host: str, zone: Zone) -> None:
    assert zone_of([schedule(*one) for one in told], host) == zone


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "No/Where", "UTC+99:00", "x" * 500, "Europe/", "\ud800"])
def test_what_a_form_carries_is_taken_only_when_it_is_a_zone(name: str) -> None:
    assert named(name, "UTC") == Zone("UTC", False)
    assert named("UTC+05:30", "UTC").written(MADE) == "2026-01-01 05:30 UTC+05:30"
    assert named("Europe/Berlin", "UTC").at(MADE.timestamp()) == "2026-01-01 01:00 CET"
