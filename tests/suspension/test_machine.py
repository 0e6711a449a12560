"""Any order of payments, clicks in the panel, faults and deaths: at rest the panel shows what the holds want."""

from __future__ import annotations

import logging
import os
import random
import secrets
from collections.abc import Callable
from itertools import count
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal.store import engine
from portal.suspension.holds import Kind
from tests.conftest import World
from tests.servers.support import fixture
from tests.suspension.rig import Rig

STEPS = int(os.environ.get("ROOST_MACHINE_STEPS", "160000"))
"""A step is a rule, or one of the worker's chores that rules let go by: some eight to a rule."""
IN_A_ROW = 100
KINDS = st.sampled_from(get_args(Kind))
PLACES = st.integers(1, 12)
MINUTES = st.integers(0, 2)
PAUSES = st.sampled_from([1, 5, 30, 89, 91, 300])


def machine_of(rig: Rig) -> type[RuleBasedStateMachine]:
    """The machine on a rig, which all of its examples share."""

    acts: dict[str, Callable[[], None]] = {
        "pay": rig.pay, "sweep": rig.sweep, "suspended by hand": rig.suspend_by_hand,
        "lifted by hand": rig.lift_by_hand, "restore": rig.restore, "reinstall": rig.reinstall,
        "transfer": rig.transfer, "sync": rig.sync, "dispatch": rig.dispatch, "reconcile": rig.reconcile,
        "kill": rig.kill,
    }  # fmt: skip

    class Machine(RuleBasedStateMachine):
        """Rules are what can happen; the worker's chores are rules as well."""

        def __init__(self) -> None:
            super().__init__()
            rig.begin()

        @rule(minutes=MINUTES)
        def pay(self, minutes: int) -> None:
            rig.pay()
            rig.minutes(minutes)

        @rule(minutes=MINUTES)
        def goes_unpaid(self, minutes: int) -> None:
            rig.go_on()
            rig.expire()
            rig.sweep()
            rig.minutes(minutes)

        @rule(minutes=MINUTES)
        def is_off_until_paid(self, minutes: int) -> None:
            self.goes_unpaid(2)
            self.pay(minutes + 1)

        @rule(kind=st.sampled_from(["admin", "abuse"]), minutes=MINUTES)
        def place(self, kind: Any, minutes: int) -> None:
            rig.place(kind)
            rig.minutes(minutes)

        @rule(kind=KINDS, minutes=MINUTES)
        def release(self, kind: Any, minutes: int) -> None:
            rig.release(kind)
            rig.minutes(minutes)

        @rule(minutes=MINUTES)
        def is_well_but_unpaid(self, minutes: int) -> None:
            rig.end_work()
            for kind in get_args(Kind):
                rig.release(kind)
            rig.minutes(2)
            self.is_off_until_paid(minutes)

        @rule(minutes=MINUTES)
        def suspended_by_hand(self, minutes: int) -> None:
            rig.suspend_by_hand()
            rig.minutes(minutes)

        @rule(minutes=MINUTES)
        def lifted_by_hand(self, minutes: int) -> None:
            rig.lift_by_hand()
            rig.minutes(minutes)

        @rule(work=st.sampled_from([rig.restore, rig.reinstall, rig.transfer]), minutes=MINUTES, ends=st.booleans())
        def busy(self, work: Callable[[], None], minutes: int, ends: bool) -> None:
            work()
            rig.minutes(minutes)
            if ends:
                work()

        @rule(effect=st.sampled_from(["before", "after"]), fault=st.sampled_from(["status", "reset"]))
        def panel_breaks(self, effect: str, fault: str) -> None:
            rig.breaks(fault, "*/*suspend", effect=effect)

        @rule(fault=st.sampled_from(["status", "reset"]))
        def reading_breaks(self, fault: str) -> None:
            rig.breaks(fault, "/api/application/servers/*", effect="after")

        @rule(seconds=st.sampled_from([1, 20, 60, 3600, 86_400]))
        def time_goes_by(self, seconds: int) -> None:
            rig.world.clock.advance(seconds)

        @rule()
        def sync(self) -> None:
            rig.sync()

        @rule()
        def dispatch(self) -> None:
            rig.dispatch()

        @rule()
        def reconcile(self) -> None:
            rig.reconcile()

        @rule()
        def go_on(self) -> None:
            rig.go_on()

        @rule(place=PLACES, act=st.sampled_from(sorted(acts)), pause=PAUSES)
        def dispatch_meanwhile(self, place: int, act: str, pause: int) -> None:
            def meanwhile() -> None:
                rig.world.clock.advance(pause)
                acts[act]()

            with rig.at(place, meanwhile):
                rig.dispatch()

        @rule(place=PLACES, act=st.sampled_from(["pay", "lifted by hand", "suspended by hand", "dispatch", "kill"]))
        def reconcile_meanwhile(self, place: int, act: str) -> None:
            with rig.at(place, acts[act]):
                rig.reconcile()

        @invariant()
        def nothing_is_wrong(self) -> None:
            rig.steps += 1
            assert rig.wrong == []

        def teardown(self) -> None:
            rig.settle()
            wrong = rig.at_rest()
            rig.wrong.clear()
            assert wrong == []

    return Machine


@pytest.fixture
def rig(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Rig:
    """Two servers, one of them under test; a store that need not survive the machine."""
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setitem(engine.PRAGMAS, "synchronous", "OFF")
    monkeypatch.setattr(secrets, "randbelow", random.randrange)  # which is Hypothesis's own, the same in each run
    world = make_world("own", fixture=fixture(2), is_ready=True, billing="on", application_calls_per_minute=10**9)
    return Rig(world, world.demo.world.servers[0].name)


@pytest.mark.parametrize("steps", [2_000, *(pytest.param(one, marks=pytest.mark.soak) for one in (20_000, STEPS))])
def test_at_rest_the_panel_shows_what_the_holds_want(rig: Rig, steps: int) -> None:
    chosen = settings(
        max_examples=8, stateful_step_count=IN_A_ROW, derandomize=False, suppress_health_check=list(HealthCheck),
        print_blob=False, phases=[Phase.generate],
    )  # fmt: skip
    for number in count():  # each begins anew: the examples of one run are much like each other
        run_state_machine_as_test(seed(number)(machine_of(rig)), settings=chosen)
        if rig.steps >= steps:
            break
    assert rig.happened.get("suspended", 0) > steps / 100
    assert rig.happened.get("lifted", 0) > steps / 150
