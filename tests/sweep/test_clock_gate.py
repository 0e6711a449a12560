"""Gate G3: which clocks are not believed, and how belief comes back."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete

from portal.store import write
from portal.store.state import StoreState
from portal.suspension import panel_clock
from portal.sweep import clock_gate
from portal.sweep.clock_gate import Look
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, HOUR_S, Fleet

YEARS_S = 365 * DAY_S


def look(fleet: Fleet, after_s: float = 300) -> Look:
    fleet.world.clock.advance(after_s)
    fleet.sync()
    with fleet.world.app.app_context():
        seen = clock_gate.look()
        assert clock_gate.peek().wrong in ("", seen.wrong) or "jumped" in seen.wrong
    return seen


def test_it_opens_after_two_clean_looks_five_minutes_apart(make_fleet: MakeFleet) -> None:
    fleet = make_fleet()
    assert (look(fleet).is_clean, look(fleet, 299).is_open) == (True, False)
    assert look(fleet, 1).is_open


@pytest.mark.parametrize("jump", [-6, -HOUR_S, -DAY_S, -40 * DAY_S, 601, HOUR_S, DAY_S, 40 * DAY_S, 10 * YEARS_S])
def test_a_jump_is_not_believed_and_a_clock_put_right_is_after_five_minutes(fleet: Fleet, jump: float) -> None:
    fleet.clock.ahead = jump
    seen = look(fleet)
    assert (seen.is_clean, seen.is_open) == (False, False)
    assert seen.wrong
    fleet.clock.ahead = 0
    assert not look(fleet).is_open
    look(fleet)
    assert look(fleet).is_open


@pytest.mark.parametrize("jump", [-1, 1, 60])
def test_a_small_step_is_nothing(fleet: Fleet, jump: float) -> None:
    fleet.clock.ahead = jump
    assert look(fleet).is_open


@pytest.mark.parametrize("to", [0, 1_600_000_000])
def test_a_clock_before_this_program_was_written_is_wrong(fleet: Fleet, to: float) -> None:
    with fleet.world.app.app_context(), write() as session:
        session.execute(delete(StoreState).where(StoreState.name == clock_gate.NAME))
    fleet.clock.ahead = to - fleet.world.clock.now()
    assert "before this program" in look(fleet, 0).wrong


def test_a_clock_that_jumped_forward_for_good_stays_wrong_against_the_panel(fleet: Fleet) -> None:
    fleet.clock.ahead = 40 * DAY_S
    for _ in range(5):
        assert not look(fleet).is_clean


@pytest.mark.parametrize("offset", [-121, 121])
def test_the_panel_has_another_time(fleet: Fleet, offset: int) -> None:
    look(fleet)
    with fleet.world.app.app_context(), write() as session:
        now = int(fleet.clock.now())
        session.merge(StoreState(name=panel_clock.NAME, value=json.dumps([offset, now])))
    with fleet.world.app.app_context():
        assert "differs from the panel's by 121" in clock_gate.look().wrong


def test_what_the_panel_said_long_ago_says_nothing(fleet: Fleet) -> None:
    fleet.world.clock.advance(1801)
    with fleet.world.app.app_context():
        seen = clock_gate.look()
    assert "is not known" in seen.wrong
    assert (seen.is_open, seen.is_clean) == (False, True)  # a panel that is away keeps nobody from being reminded


def test_behind_what_was_believed_stays_wrong_until_somebody_confirms(fleet: Fleet) -> None:
    with fleet.world.app.app_context(), write() as session:
        row = session.get_one(StoreState, clock_gate.NAME)
        row.value = json.dumps(json.loads(row.value) | {"high": int(fleet.clock.now()) + DAY_S})
    for _ in range(3):
        assert "behind a time that it showed before" in look(fleet).wrong
    fleet.confirm()
    assert look(fleet).is_clean
    assert look(fleet).is_open


def test_a_machine_that_slept_has_not_run_evenly(fleet: Fleet) -> None:
    fleet.world.clock.advance(2 * HOUR_S)
    fleet.clock.mono_lost = 2 * HOUR_S
    assert "jumped forward by 7200" in look(fleet).wrong
    assert look(fleet).is_clean


def test_a_new_start_of_the_machine_explains_the_time_between_and_begins_anew(fleet: Fleet) -> None:
    with fleet.world.app.app_context(), write() as session:
        row = session.get_one(StoreState, clock_gate.NAME)
        row.value = json.dumps(json.loads(row.value) | {"boot": "another", "mono": 1.0})
    seen = look(fleet, 3 * DAY_S)
    assert (seen.is_clean, seen.is_open, seen.is_halved) == (True, False, True)
    assert look(fleet).is_open
    assert not look(fleet, HOUR_S).is_halved


def test_a_worker_that_was_off_for_long_on_a_running_machine_is_believed_with_half_limits(fleet: Fleet) -> None:
    seen = look(fleet, 7 * HOUR_S)
    assert (seen.is_open, seen.is_halved) == (True, True)
    assert look(fleet).is_halved


def test_looking_without_writing_changes_nothing(fleet: Fleet) -> None:
    fleet.clock.ahead = 40 * DAY_S
    with fleet.world.app.app_context():
        assert not clock_gate.peek().is_clean
    fleet.clock.ahead = 0
    assert look(fleet).is_open
