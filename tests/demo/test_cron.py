from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.demo.cron import CronError, next_run

NOW = "2026-05-31 12:34:56"  # a Sunday


def _after(expression: str, moment: str = NOW) -> str:
    at = next_run(expression, datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(("expression", "due"), [
    ("* * * * *", "2026-05-31 12:35:00"),
    ("*/5 * * * *", "2026-05-31 12:35:00"),
    ("34 12 * * *", "2026-06-01 12:34:00"),
    ("0 4 * * *", "2026-06-01 04:00:00"),
    ("10,50 8-10 * * *", "2026-06-01 08:10:00"),
    ("0 0 29 2 *", "2028-02-29 00:00:00"),
    ("0 0 * jan-mar *", "2027-01-01 00:00:00"),
    ("0 0 * * MON-FRI", "2026-06-01 00:00:00"),
    ("0 0 * * 0", "2026-06-07 00:00:00"),
    ("0 0 * * 7", "2026-06-07 00:00:00"),
    ("0 0 * * 5-7", "2026-06-05 00:00:00"),
    ("0 0 * * 7-2", "2026-06-01 00:00:00"),
    ("0 0 L * *", "2026-06-30 00:00:00"),
    ("0 0 20W * *", "2026-06-19 00:00:00"),
    ("0 0 1W 8 *", "2026-08-03 00:00:00"),
    ("0 0 * * 5L", "2026-06-26 00:00:00"),
    ("0 0 * * MON#2", "2026-06-08 00:00:00"),
    ("0 0 ? * 3", "2026-06-03 00:00:00"),
    ("0 0 3 * ?", "2026-06-03 00:00:00"),
    ("*/90 * * * *", "2026-05-31 13:30:00"),
    ("1e1 * * * *", "2026-05-31 13:10:00"),
])
def test_when_it_is_due(expression: str, due: str) -> None:
    assert _after(expression) == due


@pytest.mark.parametrize("expression", [
    "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "-1 * * * *", "1.5 * * * *", "5/10 * * * *",
    "1e999 * * * *", "*/0 * * * *", "*/05 * * * *", "*/9999999999999999999 * * * *", "*-5 * * * *",
    "1-2-3 * * * *", ", * * * *", "a * * * *", "@daily * * * *",
    "? * * * *", "* * ? * ?", "* * 1,L * *", "* * 1W,2 * *", "* * * * 1#6", "* * * * 1#1e999",
    "* * * * L", "* * * *", "* * * * * *",
])
def test_what_is_no_expression(expression: str) -> None:
    with pytest.raises(CronError):
        _after(expression)


@pytest.mark.parametrize("expression", ["0 0 30 2 *", "30-10 * * * *", "0 0 * JAN-MAR/2 *", "0 0 * * SUN-TUE",
                                        "0 0 31 2 1"])
def test_what_is_never_due_is_refused_too(expression: str) -> None:
    with pytest.raises(CronError):
        _after(expression)


@pytest.mark.parametrize(("expression", "due"), [
    ("0 0 15 * 1", "2026-06-01 00:00:00"),
    ("0 0 2 * 1", "2026-06-01 00:00:00"),
    ("0 0 */1 * 5", "2026-06-01 00:00:00"),
])
def test_a_day_of_the_month_and_one_of_the_week_mean_either(expression: str, due: str) -> None:
    assert _after(expression) == due


def _position(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: f"{ends[0]}-{ends[1]}")
    step = st.integers(1, 5)
    return st.one_of(st.just("*"), number.map(str), span, step.map("*/{}".format),
                     st.tuples(span, step).map(lambda both: f"{both[0]}/{both[1]}"),
                     st.lists(number, min_size=1, max_size=4).map(lambda many: ",".join(map(str, sorted(set(many))))))


@settings(max_examples=60)
@given(_position(0, 59), _position(0, 23), _position(1, 28), _position(1, 12), st.floats(1.5e9, 4e9))
def test_ordinary_expressions_agree_with_cron(minute: str, hour: str, day: str, month: str, after: float) -> None:
    expression = f"{minute} {hour} {day} {month} *"
    assert next_run(expression, after) == next(CronSim(expression, datetime.fromtimestamp(after, UTC))).timestamp()
