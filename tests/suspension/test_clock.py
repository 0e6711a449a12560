"""A clock that was wrong and is put right: nothing waits for the wrong time, and whose a suspension is stays known."""

from __future__ import annotations

import pytest

from portal import clock
from portal.store import read, write
from portal.suspension import leases, observing, pace
from portal.suspension.models import Intent
from tests.suspension.scene import Scene
from tests.sweep.fleet import Skewed

HOUR_S = 3600
DAY_S = 86_400


@pytest.fixture
def skewed(scene: Scene) -> Skewed:
    skewed = Skewed(scene.world.clock)
    clock.use(skewed)
    return skewed


def suspended(scene: Scene) -> None:
    scene.hold()
    scene.dispatch()
    scene.look()
    assert scene.status == "suspended"


@pytest.mark.parametrize("ahead", [90, DAY_S, 40 * DAY_S])
def test_what_is_paid_runs_again_though_a_list_was_read_while_the_clock_was_ahead(
    scene: Scene, skewed: Skewed, ahead: float
) -> None:
    suspended(scene)
    skewed.ahead = ahead
    scene.look()
    skewed.ahead = 0
    scene.release()
    for _ in range(3):
        scene.look(60)
    assert scene.status is None
    assert scene.kinds() == []
    assert scene.seen().read_at <= clock.now()


def test_what_is_paid_runs_again_though_the_clock_is_behind(scene: Scene, skewed: Skewed) -> None:
    suspended(scene)
    skewed.ahead = -HOUR_S
    scene.release()
    for _ in range(3):
        scene.look(60)
    assert scene.status is None


def test_a_suspension_by_hand_is_seen_after_the_clock_was_ahead(scene: Scene, skewed: Skewed) -> None:
    skewed.ahead = DAY_S
    scene.look()
    skewed.ahead = 0
    scene.by_hand("suspended")
    scene.look()
    assert scene.kinds() == ["external"]


def test_what_we_suspended_while_the_clock_was_ahead_stays_our_own(scene: Scene, skewed: Skewed) -> None:
    skewed.ahead = DAY_S
    suspended(scene)
    skewed.ahead = 0
    for _ in range(3):
        scene.look()
    assert scene.kinds() == ["unpaid"]
    scene.release()
    scene.look()
    assert scene.status is None


def test_what_somebody_else_suspends_after_that_stays_theirs(scene: Scene, skewed: Skewed) -> None:
    skewed.ahead = DAY_S
    suspended(scene)
    scene.release()
    scene.look()
    skewed.ahead = 0
    scene.look()
    scene.by_hand("suspended")
    for _ in range(3):
        scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["external"]


def test_an_external_hold_released_by_a_wrong_clock_gives_us_nothing_that_comes_later(
    scene: Scene, skewed: Skewed
) -> None:
    scene.by_hand("suspended")
    scene.look()
    skewed.ahead = DAY_S
    scene.release("external", "a mistake")
    scene.dispatch()
    assert scene.status is None
    skewed.ahead = 0
    scene.look()
    scene.by_hand("suspended")
    for _ in range(3):
        scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["external"]


def test_a_clock_that_is_put_back_during_a_call_leaves_it_our_own(scene: Scene, skewed: Skewed) -> None:
    send = scene.world.adapter.send

    def slow(request, *args, **more):  # type: ignore[no-untyped-def]
        answer = send(request, *args, **more)
        if request.path_url.endswith("/suspend"):
            skewed.ahead = 0
        elif request.method == "GET":
            scene.world.clock.advance(2)
        return answer

    skewed.ahead = 2
    scene.world.adapter.send = slow  # type: ignore[method-assign]
    suspended(scene)
    for _ in range(3):
        scene.look()
    assert scene.kinds() == ["unpaid"]


def test_an_intent_that_was_made_while_the_clock_was_ahead_is_sent_at_once(scene: Scene, skewed: Skewed) -> None:
    suspended(scene)
    skewed.ahead = DAY_S
    scene.release()
    skewed.ahead = 0
    scene.dispatch()
    assert scene.status is None


def test_an_intent_that_waits_for_an_hour_that_a_wrong_clock_chose_is_tried_after_the_next_list(
    scene: Scene, skewed: Skewed
) -> None:
    suspended(scene)
    skewed.ahead = HOUR_S
    scene.sync()
    scene.release()
    skewed.ahead = 0
    scene.dispatch()
    assert scene.status == "suspended"
    scene.look()
    assert scene.status is None


def test_a_lease_that_was_taken_while_the_clock_was_ahead_has_ended(scene: Scene, skewed: Skewed) -> None:
    scene.hold()
    skewed.ahead = DAY_S
    with scene.world.app.app_context():
        assert leases.take(scene.intents()[0].id) is not None
    skewed.ahead = 0
    for _ in range(3):
        scene.dispatch()
    assert scene.status == "suspended"
    assert scene.states() == ["superseded", "confirmed"]


def test_a_call_without_an_answer_from_a_wrong_clock_is_waited_for_by_nobody(scene: Scene, skewed: Skewed) -> None:
    scene.panel_is("reset", effect="before")
    skewed.ahead = DAY_S
    scene.hold()
    scene.dispatch()
    assert scene.states() == ["unknown"]
    skewed.ahead = 0
    scene.dispatch()
    assert scene.status == "suspended"


def test_a_list_read_with_a_wrong_clock_does_not_hide_that_many_vanished(scene: Scene, skewed: Skewed) -> None:
    skewed.ahead = DAY_S
    scene.sync()
    skewed.ahead = 0
    del scene.world.demo.world.servers[5:]
    scene.sync()
    with scene.world.app.app_context():
        assert observing.doubt() is not None


def test_reversals_stop_suspending_though_going_on_was_said_by_a_wrong_clock(scene: Scene, skewed: Skewed) -> None:
    skewed.ahead = DAY_S
    with scene.world.app.app_context():
        pace.go_on(None)
    skewed.ahead = 0
    for _ in range(2):
        suspended(scene)
        scene.release(reason="undone")
        scene.look()
    with scene.world.app.app_context():
        assert not pace.look().is_open


def test_an_intent_never_waits_longer_than_two_hours(scene: Scene) -> None:
    scene.hold()
    with scene.world.app.app_context(), write() as session:
        session.query(Intent).one().next_at = int(clock.now()) + leases.LONGEST_WAIT_S + 10
    scene.dispatch()
    with scene.world.app.app_context(), read() as session:
        assert session.query(Intent).one().state == "confirmed"
