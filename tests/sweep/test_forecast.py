"""What the next days bring, and how many servers may expire on one of them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from portal.billing.models import Term
from portal.billing.money import Money
from portal.servers.models import Grant
from portal.store import write
from portal.suspension import holds
from portal.sweep import candidates, forecast
from portal.sweep.forecast import Day
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, Fleet


@pytest.fixture
def quiet(fleet: Fleet) -> Fleet:
    """Nobody expires within a year."""
    fleet.expire(fleet.uuids, int(fleet.clock.now()) + 365 * DAY_S)
    return fleet


def days(fleet: Fleet, count: int = 7) -> list[Day]:
    with fleet.world.app.app_context():
        return forecast.forecast(count)


def test_each_day_shows_who_would_be_suspended_and_for_what(quiet: Fleet) -> None:
    now = int(quiet.clock.now())
    quiet.expire(quiet.uuids[:2], now + 3 * DAY_S)
    with quiet.world.app.app_context():
        at = candidates.grace_over_at(now + 3 * DAY_S)
    found = days(quiet)
    assert len(found) == 7
    (day,) = [one for one in found if one.lines]
    assert day.date == datetime.fromtimestamp(at, ZoneInfo("UTC")).date()
    assert {line.server.uuid for line in day.lines} == set(quiet.uuids[:2])
    assert (day.count, day.amounts, day.is_frozen) == (2, (Money(1000, "EUR"),), False)


def test_a_day_with_too_many_is_shown_as_frozen_and_takes_nobody_from_the_next(quiet: Fleet) -> None:
    now = int(quiet.clock.now())
    quiet.expire(quiet.uuids[:12], now + 2 * DAY_S)
    quiet.expire(quiet.uuids[12:14], now + 3 * DAY_S)
    first, second = [one for one in days(quiet) if one.lines]
    assert (first.count, first.is_frozen, first.limit) == (12, True, 2)
    assert "12 of 20" in first.why
    assert (second.count, second.is_frozen) == (2, False)


def test_who_is_suspended_before_does_not_run_on_the_next_day(quiet: Fleet) -> None:
    now = int(quiet.clock.now())
    for place in range(5):
        quiet.expire(quiet.uuids[place * 2 : place * 2 + 2], now + (place + 1) * DAY_S)
    quiet.expire(quiet.uuids[10:16], now + 7 * DAY_S)
    found = [one for one in days(quiet, 12) if one.lines]
    assert [one.is_frozen for one in found] == [False] * 5 + [True]
    assert "6 of 10" in found[-1].why


def test_what_is_overdue_stands_under_today_with_what_is_against_it(quiet: Fleet) -> None:
    quiet.overdue(1)
    at = int(quiet.clock.now() - 4 * DAY_S)
    quiet.expire(quiet.uuids[1:2], at)
    today = days(quiet)[0]
    assert today.count == 1
    whys = {line.server.uuid: line.why for line in today.lines}
    assert whys[quiet.uuids[0]] == ""
    assert "not reminded" in whys[quiet.uuids[1]]


def test_servers_held_or_without_an_owner_count_in_no_day(quiet: Fleet) -> None:
    quiet.expire(quiet.uuids[:3], int(quiet.clock.now()) + 2 * DAY_S)
    with quiet.world.app.app_context(), write() as session:
        holds.place_in(session, quiet.uuids[0], "external", reason="test", by=None, sends=False)
        session.execute(update(Grant).where(Grant.server_uuid == quiet.uuids[1]).values(panel_user_id=999))
        session.execute(update(Term).where(Term.server_uuid == quiet.uuids[2]).values(gone_at=1))
    (day,) = [one for one in days(quiet) if one.lines]
    assert (day.count, len(day.lines), day.amounts) == (0, 2, ())
    assert all(line.why for line in day.lines)


def test_more_on_one_day_than_the_guard_allows_is_told_with_the_figure(quiet: Fleet) -> None:
    at = int(quiet.clock.now()) + 30 * DAY_S
    with quiet.world.app.app_context():
        assert forecast.too_many([]) is None
        assert forecast.too_many([at, at]) is None
        assert forecast.too_many([at + n * DAY_S for n in range(100)]) is None
        found = forecast.too_many([at] * 30 + [at + DAY_S])
    assert found is not None
    assert (found.count, found.limit, found.days) == (30, 5, 7)
    assert "30 servers" in found.sentence
    assert "allows 5" in found.sentence


def test_what_expires_there_already_counts_unless_it_is_replaced(quiet: Fleet) -> None:
    at = int(quiet.clock.now()) + 30 * DAY_S
    quiet.expire(quiet.uuids[:2], at)
    with quiet.world.app.app_context():
        found = forecast.too_many([at + 60])
        assert found is not None
        assert (found.count, found.limit) == (3, 2)
        assert forecast.too_many([at + 60] * 2, replaced=quiet.uuids[:2]) is None
        assert forecast.too_many([at + 5 * DAY_S], replaced=quiet.uuids[:1]) is None


def test_spreading_over_the_days_that_are_named_is_enough(make_fleet: MakeFleet) -> None:
    fleet = make_fleet()
    fleet.expire(fleet.uuids, int(fleet.clock.now()) + 3000 * DAY_S)
    at = int(fleet.clock.now()) + 30 * DAY_S
    with fleet.world.app.app_context():
        found = forecast.too_many([at] * 250)
        assert found is not None
        even = [at + (n % found.days) * DAY_S for n in range(250)]
        assert forecast.too_many(even) is None
