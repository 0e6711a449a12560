"""Periods and grace: month ends, leap years, both clock changes in six zones, 400 years."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.billing.periods import DAY_S, HOUR_S, Period, PeriodError, end_of, grace_end

ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip
CHANGING = tuple(zone for zone in ZONES if zone != "Asia/Kathmandu")
MONTH, DAY = Period(1, "months"), Period(1, "days")


def at(zone: str, *parts: int) -> int:
    return round(datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp())  # type: ignore[arg-type, misc]


def local(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).replace(tzinfo=None)


def dates(anchor: int, zone: str, periods: int, period: Period = MONTH) -> list[str]:
    return [
        local(end_of(anchor, period, one, ZoneInfo(zone)), zone).date().isoformat() for one in range(1, periods + 1)
    ]


def changes(zone: str, first: int = 2009, last: int = 2027) -> list[tuple[int, int]]:
    """Each instant at which a zone's clocks change, and by how many seconds they go forward."""
    found, place = [], ZoneInfo(zone)
    for day in range(at("UTC", first, 1, 1), at("UTC", last, 1, 1), DAY_S):
        low, high = day, day + DAY_S
        before, after = (datetime.fromtimestamp(one, place).utcoffset() for one in (low, high))
        if before == after:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if datetime.fromtimestamp(middle, place).utcoffset() == before:
                low = middle
            else:
                high = middle
        assert before is not None
        assert after is not None
        found.append((high, round((after - before).total_seconds())))
    return found


def test_months_are_counted_from_the_anchor_and_never_drift() -> None:
    assert dates(at("UTC", 2023, 1, 31, 12), "UTC", 5) == [
        "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31", "2023-06-30"
    ]  # fmt: skip
    assert dates(at("UTC", 2024, 1, 30, 12), "UTC", 2) == ["2024-02-29", "2024-03-30"]
    assert dates(at("UTC", 2024, 2, 29, 12), "UTC", 48)[11::12] == [
        "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"
    ]  # fmt: skip
    assert dates(at("UTC", 2100, 1, 29, 12), "UTC", 1) == ["2100-02-28"]  # no leap year
    assert dates(at("UTC", 2000, 1, 29, 12), "UTC", 1) == ["2000-02-29"]  # but this one was
    assert dates(at("UTC", 2023, 8, 31), "UTC", 2, Period(3, "months")) == ["2023-11-30", "2024-02-29"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("month", "day"), [(1, 1), (1, 28), (1, 29), (1, 30), (1, 31), (2, 29)])
def test_400_years_of_months_only_grow_and_keep_their_day(zone: str, month: int, day: int) -> None:
    anchor, place = at(zone, 2024, month, day, 15, 30), ZoneInfo(zone)
    ends = [end_of(anchor, MONTH, one, place) for one in range(400 * 12 + 1)]
    assert all(before < after for before, after in pairwise(ends))
    for number, end in enumerate(ends):
        years, months = divmod(month - 1 + number, 12)
        found = datetime.fromtimestamp(end, place)
        wanted = min(day, monthrange(2024 + years, months + 1)[1])
        assert (found.year, found.month, found.day) == (2024 + years, months + 1, wanted)
        assert (found.hour, found.minute) == (15, 30)


@pytest.mark.parametrize("zone", ZONES)
def test_400_years_of_weeks_only_grow_and_keep_their_time_of_day(zone: str) -> None:
    anchor, place, week = at(zone, 2024, 2, 29, 15, 30), ZoneInfo(zone), Period(7, "days")
    ends = [end_of(anchor, week, one, place) for one in range(400 * 52)]
    for before, after in pairwise(ends):
        assert timedelta(days=7) == local(after, zone) - local(before, zone)
        assert abs(after - before - 7 * DAY_S) <= HOUR_S


@pytest.mark.parametrize("zone", CHANGING)
@pytest.mark.parametrize("period", [Period(2, "months"), Period(28, "days")], ids=["months", "days"])
def test_a_time_that_a_change_skips_moves_forward(zone: str, period: Period) -> None:
    place = ZoneInfo(zone)
    tried = 0
    for change, forward in changes(zone):
        if not 0 < forward <= 2 * HOUR_S:
            continue
        skipped = local(change - 1, zone) + timedelta(seconds=1 + forward // 2)
        anchor_at = one_before(skipped, period)
        anchor = round(anchor_at.replace(tzinfo=place).timestamp())
        if local(anchor, zone) != anchor_at:
            continue
        tried += 1
        assert local(end_of(anchor, period, 1, place), zone) == skipped + timedelta(seconds=forward)
    assert tried > 5 or zone == "Pacific/Apia"
    assert tried


@pytest.mark.parametrize("zone", CHANGING)
@pytest.mark.parametrize("period", [Period(2, "months"), Period(28, "days")], ids=["months", "days"])
def test_a_time_that_comes_twice_is_the_first(zone: str, period: Period) -> None:
    place = ZoneInfo(zone)
    tried = 0
    for change, forward in changes(zone):
        if forward >= 0:
            continue
        twice = local(change, zone) + timedelta(seconds=-forward // 2)
        anchor_at = one_before(twice, period)
        anchor = round(anchor_at.replace(tzinfo=place).timestamp())
        tried += 1
        end = end_of(anchor, period, 1, place)
        assert local(end, zone) == twice
        assert end == change + forward - forward // 2 - (forward % 2)
        assert end < change
    assert tried > 5


def one_before(day: datetime, period: Period) -> datetime:
    """The same time of day one period earlier."""
    if period.unit == "days":
        return day - timedelta(days=period.count)
    years, month = divmod(day.year * 12 + day.month - 1 - period.count, 12)
    return day.replace(year=years, month=month + 1)


def test_the_day_that_samoa_never_had_costs_nobody_a_day() -> None:
    zone = "Pacific/Apia"
    place = ZoneInfo(zone)
    assert dates(at(zone, 2011, 11, 30, 10), zone, 3) == ["2011-12-31", "2012-01-30", "2012-02-29"]
    anchor = at(zone, 2011, 12, 20, 10)
    ends = [end_of(anchor, DAY, one, place) for one in range(1, 20)]
    assert {after - before for before, after in pairwise(ends)} == {DAY_S}
    assert ends[-1] - anchor == 19 * DAY_S


@given(
    st.sampled_from(ZONES), st.integers(at("UTC", 1980, 1, 1), at("UTC", 2400, 1, 1)),
    st.integers(1, 3660), st.integers(0, 40), st.sampled_from(["days", "months"]),
)  # fmt: skip
@settings(max_examples=500)
def test_one_more_period_is_always_later(zone: str, anchor: int, count: int, periods: int, unit: str) -> None:
    period = Period(count if unit == "days" else 1 + count % 120, unit)  # type: ignore[arg-type]
    place = ZoneInfo(zone)
    ends = [end_of(anchor, period, one, place) for one in (periods, periods + 1)]
    assert ends[0] < ends[1]
    assert periods or ends[0] == anchor
    if unit == "days":
        assert abs(ends[1] - anchor - period.count * (periods + 1) * DAY_S) <= 3 * HOUR_S


@given(
    st.sampled_from(ZONES), st.integers(at("UTC", 2000, 1, 1), at("UTC", 2100, 1, 1)), st.integers(0, 24 * 14),
    st.integers(0, 23),
)  # fmt: skip
@settings(max_examples=500)
def test_grace_ends_at_the_hosts_hour_and_never_early(zone: str, expires_at: int, hours: int, hour: int) -> None:
    end = grace_end(expires_at, hours, hour, ZoneInfo(zone))
    assert expires_at + hours * HOUR_S <= end <= expires_at + hours * HOUR_S + 2 * DAY_S
    found = local(end, zone)
    is_after_a_change = any(0 <= end - change < 2 * HOUR_S for change, forward in _near(zone, end) if forward > 0)
    assert (found.hour, found.minute) == (hour, 0) or is_after_a_change


def _near(zone: str, instant: int) -> list[tuple[int, int]]:
    year = local(instant, zone).year
    return changes(zone, year, year + 1)


@pytest.mark.parametrize("zone", CHANGING)
def test_grace_that_ends_in_a_skipped_hour_ends_right_after_it(zone: str) -> None:
    place, tried = ZoneInfo(zone), 0
    for change, forward in changes(zone):
        skipped = local(change - 1, zone) + timedelta(seconds=1)
        if forward != HOUR_S or skipped.minute:
            continue
        tried += 1
        assert grace_end(change - 30 * HOUR_S, 24, skipped.hour, place) == change
    assert tried or zone in ("Australia/Lord_Howe", "Pacific/Apia")


@pytest.mark.parametrize(
    ("count", "unit"), [(0, "days"), (-1, "months"), (3661, "days"), (121, "months"), (True, "days"), (1.0, "months")]
)
def test_a_period_that_there_cannot_be_is_refused(count: int, unit: str) -> None:
    with pytest.raises(PeriodError):
        Period(count, unit)  # type: ignore[arg-type]
    with pytest.raises(PeriodError):
        Period(1, "weeks")  # type: ignore[arg-type]


def test_what_is_beyond_all_calendars_is_refused_with_a_sentence() -> None:
    for period in (Period(120, "months"), Period(3660, "days")):
        with pytest.raises(PeriodError, match="too far"):
            end_of(at("UTC", 2024, 1, 1), period, 10_000, ZoneInfo("UTC"))
