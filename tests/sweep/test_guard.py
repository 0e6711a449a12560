"""What must never suspend many servers, with all chores of the background process; suspensions are counted in the
panel's own call log.

In each of them everybody was reminded of whatever expiry they have, so that notice (G5) protects nobody.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, update

from portal.billing.models import Reminder, Term
from portal.servers.models import Grant
from portal.store import read, write
from portal.store.state import StoreState
from portal.suspension.models import Hold
from portal.sweep import confirming, gates, runs
from portal.sweep.gates import most_a_day, most_at_once
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, HOUR_S, Fleet

OVERDUE = 3
"""So many really did not pay."""
Cause = Callable[[Fleet], None]


def expiries(fleet: Fleet) -> dict[str, int]:
    with fleet.world.app.app_context(), read() as session:
        query = select(Term.server_uuid, Term.expires_at).where(Term.kind == "priced")
        return {row.server_uuid: row.expires_at or 0 for row in session.execute(query)}


def remind_all(fleet: Fleet) -> None:
    """Everybody was told of the expiry that stands now."""
    with fleet.world.app.app_context(), write() as session:
        session.execute(delete(Reminder))
    fleet.notice_each(expiries(fleet), ago_s=60 * DAY_S)


def clock_forward(fleet: Fleet) -> None:
    fleet.clock.ahead = 40 * DAY_S


def both_clocks_forward(fleet: Fleet) -> None:
    fleet.world.clock.advance(40 * DAY_S)
    fleet.clock.mono_lost = 40 * DAY_S


def other_zone(fleet: Fleet) -> None:
    config = fleet.world.app.config
    config["ROOST"] = replace(config["ROOST"], time_zone="Pacific/Kiritimati", grace_ends_hour=0)


def no_prices(fleet: Fleet) -> None:
    """No server has one any more; the table itself refuses to be emptied."""
    with fleet.world.app.app_context(), write() as session:
        session.execute(delete(Term))


def half_a_list(fleet: Fleet) -> None:
    rows = fleet.world.demo.world.servers
    del rows[len(rows) // 2 :]


def empty_panel(fleet: Fleet) -> None:
    fleet.world.demo.world.servers.clear()


def other_panel(fleet: Fleet) -> None:
    for number, one in enumerate(fleet.world.demo.world.servers):
        one.uuid = f"{number:08x}-0000-4000-8000-000000000000"


def in_milliseconds(fleet: Fleet) -> None:
    move(fleet, lambda at: at * 1000)


def as_if_in_milliseconds(fleet: Fleet) -> None:
    move(fleet, lambda at: at // 1000)


def imported_in_the_past(fleet: Fleet) -> None:
    move(fleet, lambda at: at - 60 * DAY_S)
    with fleet.world.app.app_context(), write() as session:
        confirming.demand_in(session, "Expiries were imported.")


def restored_store(fleet: Fleet) -> None:
    move(fleet, lambda at: at - 60 * DAY_S)
    value = {"since": fleet.clock.now(), "backup_at": None, "audit_before": 1, "audit_now": 1}
    with fleet.world.app.app_context(), write() as session:
        session.merge(StoreState(name="quarantine", value=json.dumps(value)))


def panel_away(fleet: Fleet) -> None:
    move(fleet, lambda at: at - 60 * DAY_S)
    fleet.world.demo.set_condition("panel-gateway")


def owners_unknown(fleet: Fleet) -> None:
    move(fleet, lambda at: at - 60 * DAY_S)
    other = next(user for user in fleet.world.demo.world.users if user.username == "service")
    for one in fleet.world.demo.world.servers:
        one.owner = other
    with fleet.world.app.app_context(), write() as session:
        session.execute(delete(Grant))


def payments_lost(fleet: Fleet) -> None:
    move(fleet, lambda at: at - 60 * DAY_S)


def move(fleet: Fleet, to: Callable[[int], int]) -> None:
    with fleet.world.app.app_context(), write() as session:
        for uuid, at in expiries(fleet).items():
            session.execute(update(Term).where(Term.server_uuid == uuid).values(expires_at=to(at), anchor=to(at)))


NEVER: dict[Cause, set[str]] = {
    clock_forward: {"G3"},
    both_clocks_forward: {"G1"},
    other_zone: {"G6"},
    no_prices: set(),
    half_a_list: {"G4"},
    empty_panel: {"G4"},
    other_panel: {"G4"},
    in_milliseconds: set(),
    as_if_in_milliseconds: {"G1"},
    imported_in_the_past: {"G1", "G6"},
    restored_store: {"G1", "G6"},
    panel_away: {"G4"},
    owners_unknown: set(),
    payments_lost: {"G1"},
}
"""What goes wrong, and the gates that close because of it."""


@pytest.fixture(params=[100, pytest.param(1000, marks=pytest.mark.soak)])
def many(request: pytest.FixtureRequest, make_fleet: MakeFleet) -> Fleet:
    """Many servers, three of them overdue from now on, all gates open, everybody reminded."""
    return ready(make_fleet, request.param)


def ready(make_fleet: MakeFleet, count: int) -> Fleet:
    """So many servers, three of them overdue from now on, all gates open, everybody reminded."""
    fleet = make_fleet(count)
    fleet.confirm()
    fleet.work(3)
    fleet.overdue(OVERDUE)
    remind_all(fleet)
    return fleet


def test_when_nothing_is_wrong_who_did_not_pay_is_suspended_and_nobody_else(many: Fleet) -> None:
    many.work(4)
    assert many.suspended() == OVERDUE
    assert sorted(one.status or "" for one in many.world.demo.world.servers)[-OVERDUE - 1 :] == [
        "", *["suspended"] * OVERDUE
    ]  # fmt: skip


@pytest.mark.slow
def test_of_a_thousand_servers_nobody_is_suspended_after_a_jump_of_the_clock(make_fleet: MakeFleet) -> None:
    """All causes with a thousand: `bin/test --soak`."""
    refuses(ready(make_fleet, 1000), clock_forward)


@pytest.mark.parametrize("cause", NEVER, ids=lambda cause: cause.__name__)
def test_nobody_is_suspended_when_something_is_wrong(many: Fleet, cause: Cause) -> None:
    refuses(many, cause)


def refuses(many: Fleet, cause: Cause) -> None:
    """Whatever the cause does, the worker's chores suspend nobody, and the gates that it closes are closed."""
    cause(many)
    remind_all(many)
    many.work(3)
    with many.world.app.app_context():
        shut = {one.name for one in gates.look() if not one.is_open}
    many.work(3, step_s=61)
    assert many.suspended() == 0
    assert [one for one in many.panel_writes() if "suspend" in one or "reinstall" in one or "DELETE" in one] == []
    with many.world.app.app_context(), read() as session:
        assert session.scalar(select(func.count()).select_from(Hold).where(Hold.kind == "unpaid")) == 0
    assert shut >= NEVER[cause]


@pytest.mark.slow
@pytest.mark.parametrize("hours", [6, pytest.param(1, marks=pytest.mark.soak)])
def test_a_month_in_which_no_payment_arrives_stays_below_the_limits_of_each_day(
    make_fleet: MakeFleet, hours: int
) -> None:
    count = 60
    fleet = make_fleet(count)
    fleet.settle()
    remind_all(fleet)
    for _ in range(34 * 24 // hours):
        fleet.sweep(after_s=hours * HOUR_S)
        with fleet.world.app.app_context(), read() as session:
            day = fleet.clock.now() - DAY_S
            held = session.scalar(select(func.count()).select_from(Hold).where(Hold.placed_at > day)) or 0
        assert held <= most_a_day(count)
    with fleet.world.app.app_context():
        done = [run for run in runs.latest(200) if run.state == "done"]
    assert done
    for run in done:
        assert len(run.entries) <= most_at_once(run.running_paid)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(n, marks=pytest.mark.soak) for n in range(3, 500))])
def test_whatever_goes_wrong_together_stays_below_the_limits(make_fleet: MakeFleet, seed: int) -> None:
    chance = random.Random(seed)
    fleet = make_fleet(40)
    fleet.settle()
    fleet.overdue(chance.randrange(4))
    causes: list[Cause] = chance.sample(list(NEVER), 2)
    for cause in causes:
        cause(fleet)
        if chance.random() < 0.7:
            remind_all(fleet)
        fleet.work(chance.randrange(1, 3), step_s=chance.choice([61, 300, 7 * HOUR_S]))
    with fleet.world.app.app_context():
        shut = {one.name for one in gates.look() if not one.is_open}
    before = fleet.suspended()
    fleet.work(2, step_s=61)
    assert fleet.suspended() <= most_at_once(40)
    assert not shut & {"G3", "G4", "G6"} or fleet.suspended() == before, causes
