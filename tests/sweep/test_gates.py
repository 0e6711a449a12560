"""Each gate in front of automatic suspension: what closes it, that it then blocks, and what opens it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from portal.alerts import service as alerts
from portal.billing.models import Term
from portal.servers.models import Reading
from portal.store import read, restored, write
from portal.store.state import StoreState
from portal.suspension import holds, observing, pace, panic
from portal.suspension.models import Hold
from portal.sweep import confirming, gates, runs
from portal.sweep.gates import most_a_day, most_at_once
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, HOUR_S, Fleet


def shut(fleet: Fleet, **options: float) -> list[str]:
    swept = fleet.sweep(**options)  # type: ignore[arg-type]
    if swept.closed:
        assert swept.held == ()
    return [one.name for one in swept.closed]


def unpaid(fleet: Fleet) -> int:
    with fleet.world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(Hold)) or 0


def told(fleet: Fleet) -> list[str]:
    with fleet.world.app.app_context():
        return [one.title + " " + one.text for one in alerts.current()]


@given(st.integers(0, 100_000))
def test_one_run_suspends_one_or_a_tenth_and_never_half(running: int) -> None:
    limit = most_at_once(running)
    assert limit == 1 or (limit <= max(2, running / 10) and limit < running / 2)
    halved = most_at_once(running, is_halved=True)
    assert halved == 1 or (halved <= max(1, running / 20) and halved < running / 4)
    assert most_a_day(running) <= max(5, running / 5)


@pytest.mark.parametrize(
    ("running", "limit", "halved"),
    [(0, 1, 1), (1, 1, 1), (4, 1, 1), (5, 2, 1), (20, 2, 1), (100, 10, 5), (999, 99, 49)],
)
def test_the_limits_of_a_run(running: int, limit: int, halved: int) -> None:
    assert (most_at_once(running), most_at_once(running, is_halved=True)) == (limit, halved)


def test_g1_too_many_at_once_are_frozen_and_none_is_held(fleet: Fleet) -> None:
    fleet.overdue(3)
    swept = fleet.sweep()
    assert [one.name for one in swept.closed] == ["G1"]
    assert (swept.held, unpaid(fleet)) == ((), 0)
    with fleet.world.app.app_context():
        run = runs.frozen()
    assert run is not None
    assert (run.id, len(run.entries), run.running_paid) == (swept.frozen_run, 3, 20)
    assert any("(Servers at once)" in one for one in told(fleet))


def test_g1_two_of_twenty_are_held(fleet: Fleet) -> None:
    fleet.overdue(2)
    assert len(fleet.sweep().held) == 2


def test_g1_when_half_are_overdue_not_even_the_one_that_was_reminded_is_held(fleet: Fleet) -> None:
    at = int(fleet.clock.now() - 3 * DAY_S)
    chosen = fleet.overdue(10, is_noticed=False)
    fleet.notice(chosen[:1], at)
    assert shut(fleet) == ["G1"]


def test_g1_a_list_that_shrinks_stays_frozen(fleet: Fleet) -> None:
    chosen = fleet.overdue(3)
    first = fleet.sweep().frozen_run
    fleet.expire(chosen[:2], int(fleet.clock.now() + DAY_S))
    swept = fleet.sweep()
    assert (swept.held, len(swept.found.ready)) == ((), 1)
    assert swept.frozen_run != first
    fleet.expire(chosen[2:], int(fleet.clock.now() + DAY_S))
    assert fleet.sweep().closed == []
    with fleet.world.app.app_context():
        assert runs.frozen() is None


def test_g1_after_a_long_time_without_a_sweep_the_limits_are_half(fleet: Fleet) -> None:
    fleet.overdue(2)
    assert shut(fleet, after_s=7 * HOUR_S) == ["G1"]


def test_g1_one_is_held_also_after_a_long_time(fleet: Fleet) -> None:
    fleet.overdue(1)
    assert len(fleet.sweep(after_s=7 * HOUR_S).held) == 1


def test_g1_the_limits_stay_half_until_the_clock_has_proved_itself(fleet: Fleet) -> None:
    with fleet.world.app.app_context(), write() as session:
        row = session.get_one(StoreState, "sweep_clock")
        row.value = json.dumps(json.loads(row.value) | {"boot": "another start of the machine"})
    fleet.overdue(2)
    assert shut(fleet, after_s=7 * HOUR_S) == ["G1", "G3"]
    assert shut(fleet) == ["G1"]


def test_g2_a_day_has_a_limit_too(fleet: Fleet) -> None:
    held = 0
    for first in (0, 2, 4):
        at = int(fleet.clock.now() - 3 * DAY_S)
        chosen = fleet.uuids[first : first + 2]
        fleet.expire(chosen, at)
        fleet.notice(chosen, at)
        swept = fleet.sweep()
        held += len(swept.held)
    assert [one.name for one in swept.closed] == ["G2"]
    assert held == 4
    for _ in range(4):
        fleet.sweep(after_s=5 * HOUR_S)
    assert unpaid(fleet) == 4
    for _ in range(2):
        fleet.sweep(after_s=5 * HOUR_S)
    assert unpaid(fleet) == 6


def break_list(fleet: Fleet, cause: str) -> None:
    with fleet.world.app.app_context(), write() as session:
        if cause == "never":
            session.execute(delete(Reading))
        elif cause == "failed":
            session.execute(update(Reading).values(error="unreachable"))
        elif cause == "old":
            session.execute(update(Reading).values(read_at=Reading.read_at - 1501))
        elif cause == "future":
            session.execute(update(Reading).values(read_at=Reading.read_at + 400))
        else:
            doubt = {"at": 1, "why": "test", "believed_at": 1}
            session.merge(StoreState(name=observing.DOUBT, value=json.dumps(doubt)))


@pytest.mark.parametrize("cause", ["never", "failed", "old", "future", "doubt"])
def test_g4_a_list_of_servers_that_cannot_be_believed(fleet: Fleet, cause: str) -> None:
    fleet.overdue(3)
    break_list(fleet, cause)
    assert shut(fleet, is_synced=False) == ["G1", "G4"]
    with fleet.world.app.app_context():
        assert runs.frozen() is None
        assert runs.latest() == []


@pytest.mark.parametrize("cause", ["never", "failed", "old", "future", "doubt"])
def test_g4_blocks_one_server_too(fleet: Fleet, cause: str) -> None:
    fleet.overdue(1)
    break_list(fleet, cause)
    assert shut(fleet, is_synced=False) == ["G4"]
    assert fleet.sweep().closed == [] or cause == "doubt"


def test_g4_is_closed_while_the_panel_does_not_answer(fleet: Fleet) -> None:
    fleet.overdue(1)
    fleet.world.demo.set_condition("panel-gateway")
    assert "G4" in shut(fleet)


def test_g5_without_notice_nobody_is_held_and_operators_are_told(fleet: Fleet) -> None:
    fleet.overdue(2, is_noticed=False)
    assert shut(fleet) == ["G5"]
    assert any("2 servers due, none will be suspended: no reminder could be sent" in one for one in told(fleet))


def test_g6_is_closed_until_an_administrator_has_confirmed_once(make_fleet: MakeFleet) -> None:
    fleet = make_fleet()
    fleet.overdue(1)
    fleet.sweep()
    assert shut(fleet) == ["G6"]
    with fleet.world.app.app_context():
        confirming.confirm(None)
    fleet.sweep()
    assert len(fleet.sweep().held) == 1


@pytest.mark.parametrize(
    "setting",
    [{"grace_hours": 48}, {"grace_ends_hour": 3}, {"time_zone": "Asia/Tokyo"}, {"currency": "USD"},
     {"late_renewal": "now"}],
)  # fmt: skip
def test_g6_closes_when_a_setting_changes_that_decides_who_is_overdue(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, setting: dict[str, object]
) -> None:
    fleet.overdue(1, days=5)
    plain = confirming.settings

    def changed() -> object:
        return replace(plain(), **setting)  # type: ignore[arg-type]

    monkeypatch.setattr(confirming, "settings", changed)
    assert shut(fleet) == ["G6"]
    with fleet.world.app.app_context():
        assert next(iter(setting)) in confirming.open_questions()[0]


def test_g6_closes_when_a_bulk_change_demands_it(fleet: Fleet) -> None:
    fleet.overdue(1)
    with fleet.world.app.app_context(), write() as session:
        confirming.demand_in(session, "Prices were imported.")
    assert shut(fleet) == ["G6"]
    fleet.confirm()
    fleet.sweep()
    assert len(fleet.sweep().held) == 1


def test_g6_closes_for_a_restored_store_and_confirming_prices_does_not_open_it(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.overdue(1)
    monkeypatch.setattr(restored, "since", lambda: 1.0)
    assert shut(fleet) == ["G6"]
    fleet.confirm()
    fleet.sweep()
    assert shut(fleet) == ["G6"]


def test_g7_after_reversals_nothing_more_is_held(fleet: Fleet) -> None:
    fleet.overdue(1)
    with fleet.world.app.app_context(), write() as session:
        session.merge(StoreState(name=pace.STOPPED, value="{}"))
    assert shut(fleet) == ["G7"]


def test_g8_the_panic_switch(fleet: Fleet) -> None:
    fleet.overdue(1)
    panic_file = fleet.world.instance / panic.FILE
    panic_file.touch()
    assert shut(fleet) == ["G8"]
    panic_file.unlink()
    assert len(fleet.sweep().held) == 1


def test_pages_see_the_same_gates_and_write_nothing(fleet: Fleet) -> None:
    fleet.overdue(3)
    with fleet.world.app.app_context():
        assert [one.name for one in gates.look() if not one.is_open] == ["G1"]
        assert [one.name for one in gates.look()] == [f"G{n}" for n in range(1, 9)]
        assert runs.frozen() is None


def test_an_alert_ends_with_its_cause(fleet: Fleet) -> None:
    chosen = fleet.overdue(3)
    fleet.sweep()
    assert told(fleet) != []
    fleet.expire(chosen, int(fleet.clock.now() + DAY_S))
    fleet.sweep()
    assert told(fleet) == []


def test_servers_that_are_suspended_are_not_counted_as_running(fleet: Fleet) -> None:
    with fleet.world.app.app_context():
        with write() as session:
            holds.place_in(session, fleet.uuids[0], "admin", reason="test", by=None)
            session.execute(update(Term).where(Term.server_uuid == fleet.uuids[1]).values(gone_at=1))
        assert gates.candidates.running_paid() == 18
