"""Roost reckons as the panel does: thousands of lines, and the nights in which clocks are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.demo.cron import CronError, next_run
from portal.schedules import cron
from portal.schedules.cron import BadCron, following, parse
from tests.conftest import World
from tests.schedules.lines import Lines
from tests.schedules.support import EMPTY, FIELDS, panel
from tests.support.wsgi_adapter import WsgiAdapter

LONDON = ZoneInfo("Europe/London")


def ours(fields: tuple[str, ...], after: float) -> float | None:
    try:
        return following(parse(*fields), datetime.fromtimestamp(after, UTC), UTC, 1)[0].timestamp()
    except BadCron:
        return None


def panels(fields: tuple[str, ...], after: float) -> float | None:
    try:
        return next_run(" ".join(fields), after)
    except CronError:
        return None


def test_thousands_of_lines_are_due_when_the_panel_says() -> None:
    made, agreed, refused = Lines(9), 0, 0
    while agreed < 1200:
        fields, after = made.line(), made.random.uniform(1_600_000_000, 1_900_000_000)
        want = panels(fields, after)
        assert ours(fields, after) == want, (fields, after)
        agreed += want is not None
        refused += want is None
    assert refused > 1000


def test_what_the_panel_answers_over_its_api_agrees(own_world: World) -> None:
    """Whole schedules, made at the panel: its `next_run_at`, or its refusal."""
    import requests

    session, made, agreed, refused = requests.Session(), Lines(4), 0, 0
    session.mount("http://", WsgiAdapter(own_world.demo.wsgi))
    headers = {"Authorization": f"Bearer {own_world.demo.keys['owner']}", "Accept": "application/json"}
    url = f"http://panel.test{panel(own_world, EMPTY)}"
    while agreed < 80 or refused < 40:
        fields = made.line()
        if (agreed if (want := ours(fields, own_world.clock.now())) is not None else refused) > 100:
            continue
        body = {"name": "x", "is_active": False, **dict(zip(FIELDS, fields, strict=True))}
        answer = session.post(url, json=body, headers=headers)
        if answer.status_code == 429:
            own_world.clock.advance(61)
        elif answer.status_code == 200:
            said = answer.json()["attributes"]["next_run_at"]
            assert want is not None
            assert datetime.fromisoformat(said).timestamp() == want, fields
            agreed += 1
        else:
            assert (answer.status_code, want) == (400, None), fields
            refused += 1


def test_runs_follow_each_other_as_the_panel_would_reckon_them_one_by_one() -> None:
    made, looked = Lines(12), 0
    while looked < 200:
        fields, at = made.line(), made.random.uniform(1_600_000_000, 1_900_000_000)
        if panels(fields, at) is None:
            continue
        try:
            found = following(parse(*fields), datetime.fromtimestamp(at, UTC), UTC, 4)
        except BadCron:
            continue
        for one in found:
            at = next_run(" ".join(fields), at)
            assert one.timestamp() == at, fields
        looked += 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (("60", "*", "*", "*", "*"), "minute"),
        (("*", "24", "*", "*", "*"), "hour"),
        (("*", "4 5", "*", "*", "*"), "hour"),
        (("*", "*", "0", "*", "*"), "day_of_month"),
        (("*", "*", "1,L", "*", "*"), "day_of_month"),
        (("*", "*", "*", "13", "*"), "month"),
        (("*", "*", "*", "*", "MOO"), "day_of_week"),
        (("*", "*", "?", "*", "?"), "day_of_week"),
        (("30-10", "*", "*", "*", "*"), "minute"),
        (("*", "*", "*", "JAN-MAR/2", "*"), "month"),
        (("", "*", "*", "*", "*"), "minute"),
        (("@daily", "*", "*", "*", "*"), "minute"),
        (("0", "0", "30", "2", "*"), ""),
        (("0", "0", "31", "2", "1"), ""),
    ],
)
def test_the_field_that_is_wrong_is_named(fields: tuple[str, ...], name: str) -> None:
    with pytest.raises(BadCron) as caught:
        following(parse(*fields), datetime(2026, 6, 1, tzinfo=UTC))
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("line", "after", "due"),
    [  # how panels in London behave: what the night skips runs after it; the second of two equal hours counts
        ("0 1 * * 0", "2021-03-21 00:00+00:00", "2021-03-21 01:00+00:00"),
        ("0 1 * * 0", "2021-03-21 02:00+00:00", "2021-03-28 02:00+01:00"),
        ("0 1 * * 0", "2021-03-28 00:00+00:00", "2021-03-28 02:00+01:00"),
        ("0 1 * * 0", "2021-03-28 02:00+01:00", "2021-04-04 01:00+01:00"),
        ("0 1 * * 0", "2021-03-28 02:05+01:00", "2021-04-04 01:00+01:00"),
        ("0 1 * * 0", "2020-10-18 01:05+01:00", "2020-10-25 01:00+00:00"),
        ("0 1 * * 0", "2020-10-25 00:00+01:00", "2020-10-25 01:00+00:00"),
        ("0 1 * * 0", "2020-10-25 01:05+01:00", "2020-10-25 01:00+00:00"),
        ("0 1 * * 0", "2020-10-25 01:00+00:00", "2020-11-01 01:00+00:00"),
        ("30 * * * *", "2020-10-25 01:00+01:00", "2020-10-25 01:30+01:00"),
        ("30 * * * *", "2020-10-25 01:30+01:00", "2020-10-25 01:30+00:00"),
        ("30 * * * *", "2021-03-28 00:30+00:00", "2021-03-28 02:30+01:00"),
        ("0 4 * * *", "2021-03-27 12:00+00:00", "2021-03-28 04:00+01:00"),
        ("0 4 * * *", "2020-10-24 12:00+01:00", "2020-10-25 04:00+00:00"),
    ],
)
def test_clocks_that_are_set(line: str, after: str, due: str) -> None:
    found = following(parse(*line.split()), datetime.fromisoformat(after), LONDON, 1)[0]
    assert found.isoformat(" ", "minutes") == due


def test_several_runs_go_on_over_a_change_of_clocks() -> None:
    after = datetime.fromisoformat("2021-03-13 00:00+00:00")
    found = following(parse("0", "1", "*", "*", "0"), after, LONDON, 5)
    assert [one.isoformat(" ", "minutes") for one in found] == [
        "2021-03-14 01:00+00:00", "2021-03-21 01:00+00:00", "2021-03-28 02:00+01:00", "2021-04-04 01:00+01:00",
        "2021-04-11 01:00+01:00",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_runs_come_in_their_order_once_each_and_fit_the_line(name: str) -> None:
    zone, made, looked = ZoneInfo(name), Lines(3), 0
    while looked < 60:
        fields = made.line()
        after = datetime(2026, made.random.choice((3, 4, 10, 11)), made.random.randint(1, 28), 22, tzinfo=UTC)
        try:
            line = parse(*fields)
            found = following(line, after, zone, 12)
        except BadCron:
            continue
        looked += 1
        moments = [one.timestamp() for one in found]
        assert moments == sorted(set(moments))
        assert moments[0] > after.timestamp()
        for one in found:  # what a night skipped runs later than the line says, and nothing else
            before = one.astimezone(UTC) - timedelta(hours=2)
            is_moved = before.astimezone(zone).utcoffset() != one.utcoffset()
            assert line.matches(one.replace(tzinfo=None)) or is_moved, (fields, one)


def test_hostile_lines_neither_break_nor_take_long() -> None:
    long = ("*/" + "9" * 5000, "9" * 5000, "," * 5000, "*-" * 2000, "L" * 180)
    for text in (*long, "1e999", "\ud800", "٣", "1e309-2", "#"):
        for place in range(5):
            fields = ["*"] * 5
            fields[place] = text
            with pytest.raises(BadCron):
                following(parse(*fields), datetime(2026, 6, 1, tzinfo=UTC))


def test_a_line_looks_as_far_ahead_as_the_panel() -> None:
    assert cron.LOOKS_AHEAD == 1000
    assert ours(("0", "0", "29", "2", "*"), 1_780_000_000.0) == panels(("0", "0", "29", "2", "*"), 1_780_000_000.0)
