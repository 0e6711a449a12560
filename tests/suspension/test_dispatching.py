"""The dispatcher: what holds want reaches the panel once, and only a reading confirms it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.suspension.scene import Scene


def test_a_hold_suspends_and_its_release_lifts(scene: Scene) -> None:
    scene.hold()
    scene.dispatch()
    assert scene.status == "suspended"
    assert scene.states() == ["confirmed"]
    assert scene.row("unpaid").confirmed_at is not None

    scene.release()
    scene.dispatch()
    assert scene.status is None
    assert scene.writes() == ["suspend", "unsuspend"]
    assert scene.states() == ["confirmed", "confirmed"]


@pytest.mark.parametrize("billing", ["off", "observe"])
def test_without_billing_nothing_is_sent(make_scene: Callable[..., Scene], billing: str) -> None:
    scene = make_scene(billing=billing)
    scene.hold()
    for _ in range(5):
        scene.look()
    assert scene.writes() == []


@pytest.mark.parametrize("effect", ["before", "after"])
def test_an_answer_500_is_read_back_and_repaired(scene: Scene, effect: str) -> None:
    scene.panel_is("status", status=500, effect=effect)
    scene.hold()
    scene.dispatch()
    if effect == "after":
        assert scene.states() == ["confirmed"]
    scene.dispatch(10)
    assert scene.status == "suspended"
    assert scene.states() == ["confirmed"]
    assert scene.kinds() == ["unpaid"]


@pytest.mark.parametrize("effect", ["before", "after"])
def test_a_lost_answer_is_waited_out_and_then_read(scene: Scene, effect: str) -> None:
    scene.panel_is("reset", effect=effect)
    scene.hold()
    scene.dispatch()
    assert scene.states() == ["unknown"]
    scene.dispatch(5)
    scene.sync(2)
    scene.reconcile()
    assert len(scene.writes()) == 1
    assert scene.kinds() == ["unpaid"]
    scene.dispatch(30)
    assert scene.status == "suspended"
    assert scene.states() == ["confirmed"]
    assert len(scene.writes()) == (1 if effect == "after" else 2)


def test_paid_while_the_answer_is_lost_ends_up_running(scene: Scene) -> None:
    scene.panel_is("reset", effect="after")
    scene.hold()
    scene.dispatch()
    assert scene.status == "suspended"
    scene.release()
    scene.sync(5)
    scene.reconcile()
    assert scene.kinds() == []
    scene.dispatch(2)
    scene.dispatch(30)
    assert scene.status is None
