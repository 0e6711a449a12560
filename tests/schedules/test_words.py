"""What is said of a line is what it means: an interpreter of the words agrees with the panel on when it is due."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.demo.cron import CronError, next_run
from portal.schedules import words
from portal.schedules.cron import BadCron, parse
from tests.conftest import World
from tests.schedules.lines import Lines

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
NTH = ("first", "second", "third", "fourth", "fifth")
WHOLE = re.compile(
    r"(?P<times>.*?)(?:, from (?P<spans>\d\d:00 to \d\d:59(?:(?:, | and )\d\d:00 to \d\d:59)*))?"
    r"(?:, (?P<days>every day|on .*?))?(?:, in (?P<months>(?:[JFMASOND][a-z]+(?: to |, | and )?)+))?\.",
    re.DOTALL,
)
Test = Callable[[datetime], bool]


@pytest.fixture
def said(own_world: World) -> Iterator[Callable[[str], str]]:
    with own_world.app.test_request_context():
        yield lambda line: words.said(parse(*line.split()))


def listed(text: str, number: Callable[[str], int]) -> set[int]:
    found: set[int] = set()
    for part in re.split(r", | and ", text):
        first, _, last = part.partition(" to ")
        found |= set(range(number(first), number(last or first) + 1))
    return found


def times(text: str) -> Test:
    text = text.lower()
    if text == "every minute":
        return lambda at: True
    if text == "every hour":
        return lambda at: at.minute == 0
    if found := re.fullmatch(r"every hour at minute (\d+)", text):
        return lambda at: at.minute == int(found[1])
    if found := re.fullmatch(r"every (\d+) minutes(?: from minute (\d+) on)?", text):
        return lambda at: at.minute % int(found[1]) == int(found[2] or 0)
    if found := re.fullmatch(r"every (\d+) hours from (\d\d):(\d\d) on", text):
        return lambda at: at.hour % int(found[1]) == int(found[2]) and at.minute == int(found[3])
    if found := re.fullmatch(r"at minutes? ([\d, tonad]+)", text):
        minutes = listed(found[1], int)
        return lambda at: at.minute in minutes
    found = re.fullmatch(r"at ((?:\d\d:\d\d(?:, | and )?)+)", text)
    assert found, text
    return lambda at: f"{at:%H:%M}" in re.split(", | and ", found[1])


def day(text: str) -> Test:
    def last(at: datetime) -> int:
        return monthrange(at.year, at.month)[1]

    if text == "on the last day of the month":
        return lambda at: at.day == last(at)
    if found := re.fullmatch(r"on the weekday nearest to day (\d+) of the month", text):
        return lambda at: _is_nearest(at, int(found[1]))
    if found := re.fullmatch(r"on days? (.*) of the month", text):
        days = listed(found[1], int)
        return lambda at: at.day in days
    if found := re.fullmatch(r"on the last (\w+) of the month", text):
        return lambda at: WEEKDAYS[at.weekday()] == found[1] and at.day > last(at) - 7
    if found := re.fullmatch(r"on the (\w+) (\w+) of the month", text):
        return lambda at: WEEKDAYS[at.weekday()] == found[2] and (at.day - 1) // 7 == NTH.index(found[1])
    weekdays = listed(text.removeprefix("on "), WEEKDAYS.index)
    return lambda at: at.weekday() in weekdays


def _is_nearest(at: datetime, day: int) -> bool:
    if day > monthrange(at.year, at.month)[1]:
        return False
    month = [at.replace(day=1) + timedelta(days=n) for n in range(monthrange(at.year, at.month)[1])]
    best = min((one for one in month if one.weekday() < 5), key=lambda one: (abs(one.day - day), one.day))
    return at.date() == best.date()


def interpreted(text: str) -> Test:
    found = WHOLE.fullmatch(text)
    assert found, text
    tests = [times(found["times"])]
    if found["spans"]:
        hours = listed(found["spans"], lambda part: int(part[:2]))
        tests.append(lambda at: at.hour in hours)
    if found["days"] and found["days"] != "every day":
        days = [day(one) for one in found["days"].split(" and also ")]
        tests.append(lambda at: any(one(at) for one in days))
    if found["months"]:
        months = listed(found["months"], MONTHS.index)
        tests.append(lambda at: at.month - 1 in months)
    return lambda at: all(one(at) for one in tests)


def test_the_words_of_a_thousand_lines_mean_what_the_panel_does(own_world: World) -> None:
    made, looked, due = Lines(21), 0, 0
    with own_world.app.test_request_context():
        while looked < 1000:
            fields = made.line()
            line, after = " ".join(fields), made.random.randrange(1_700_000_040, 1_860_000_000, 60)
            try:
                moments = [next_run(line, after)]
                for _ in range(2):
                    moments.append(next_run(line, moments[-1]))
                others = [after + made.random.randrange(0, 40_000_000, 60) for _ in range(4)]
                truths = [(at, next_run(line, at - 60) == at) for at in others]
                test = interpreted(words.said(parse(*fields)))
            except (CronError, BadCron):
                continue
            for at, is_due in [*((at, True) for at in moments), *truths]:
                moment = datetime.fromtimestamp(at, UTC)
                assert test(moment) is is_due, (line, words.said(parse(*fields)), moment)
                due += is_due
            looked += 1
    assert due >= 3000


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("* * * * *", "Every minute."),
        ("*/5 * * * *", "Every 5 minutes."),
        ("0 * * * *", "Every hour."),
        ("0 */6 * * *", "Every 6 hours from 00:00 on, every day."),
        ("0 4 * * *", "At 04:00, every day."),
        ("30 5 * * MON", "At 05:30, on Monday."),
        ("0 4,16 * * 1-5", "At 04:00 and 16:00, on Monday to Friday."),
        ("*/15 9-17 * * *", "Every 15 minutes, from 09:00 to 17:59, every day."),
        ("0 0 1,15 * 1", "At 00:00, on days 1 and 15 of the month and also on Monday."),
        ("0 0 L 6-8 *", "At 00:00, on the last day of the month, in June to August."),
        ("0 0 15W * ?", "At 00:00, on the weekday nearest to day 15 of the month."),
        ("0 0 L * 5L", "At 00:00, on the last day of the month and also on the last Friday of the month."),
        ("0 3 ? * MON#2", "At 03:00, on the second Monday of the month."),
    ],
)
def test_usual_lines_are_said_as_people_would(said: Callable[[str], str], line: str, text: str) -> None:
    assert said(line) == text
