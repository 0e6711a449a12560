"""Surprises on the panel: what vanished, what somebody else suspended, and whose it is to lift."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.alerts import service as alerts
from portal.credentials import service as credentials
from portal.store import write
from portal.store.state import StoreState
from portal.suspension import observing, panic
from tests.suspension.scene import Scene


def suspended(scene: Scene) -> None:
    scene.hold()
    scene.dispatch()
    scene.look()
    assert scene.status == "suspended"


def told(scene: Scene) -> list[str]:
    with scene.world.app.app_context():
        return [one.title for one in alerts.current()]


def test_recorded_a_restore_that_ends_takes_the_suspension_with_it_and_it_is_made_again(scene: Scene) -> None:
    """A restore was asked for just before our call: the panel writes its status over ours, and null at its end."""
    suspended(scene)
    scene.server.status = "restoring_backup"
    scene.look()
    assert scene.writes() == ["suspend"]
    scene.server.status = None
    scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["unpaid"]
    assert scene.row("unpaid").asserted == 1


def test_recorded_an_admins_reinstall_takes_the_suspension_with_it_and_it_is_made_again(scene: Scene) -> None:
    suspended(scene)
    scene.server.status = "installing"
    scene.look()
    scene.look()
    assert scene.status == "installing"
    scene.server.status = None
    scene.look()
    assert scene.status == "suspended"
    assert scene.row("unpaid").asserted == 1


def test_a_suspension_that_vanishes_is_made_again_twice_and_never_more(scene: Scene) -> None:
    suspended(scene)
    for _ in range(4):
        scene.server.status = "installing"
        scene.look()
        scene.server.status = None
        scene.look()
        scene.look()
    assert scene.writes() == ["suspend"] * 3
    assert scene.status is None
    assert scene.row("unpaid").asserted == 2
    assert scene.kinds() == ["-unpaid"]
    assert "A suspension is gone" in told(scene)


def test_what_an_admin_lifts_in_the_panel_is_not_made_again(scene: Scene) -> None:
    suspended(scene)
    scene.by_hand(None)
    for _ in range(5):
        scene.look()
    assert scene.status is None
    assert scene.writes() == ["suspend"]
    assert scene.kinds() == ["-unpaid"]
    assert "A suspension is gone" in told(scene)


def test_a_suspension_made_in_the_panel_becomes_an_external_hold(scene: Scene) -> None:
    scene.by_hand("suspended")
    scene.look()
    assert scene.kinds() == ["external"]
    for _ in range(5):
        scene.look(600)
    assert scene.writes() == []
    assert "Servers were suspended in the panel" in told(scene)


def test_a_payment_does_not_lift_what_somebody_else_suspended(scene: Scene) -> None:
    scene.by_hand("suspended")
    scene.hold()
    scene.dispatch()
    scene.release()
    for _ in range(3):
        scene.look()
    assert scene.status == "suspended"
    assert scene.writes() == []
    assert scene.kinds() == ["external"]


def test_suspended_by_us_then_by_hand_stays_so_when_it_is_paid(scene: Scene) -> None:
    suspended(scene)
    scene.by_hand(None)
    scene.sync()
    scene.by_hand("suspended")
    scene.sync()
    scene.release()
    for _ in range(3):
        scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["external"]


def test_an_external_hold_ends_after_two_readings_a_minute_apart(scene: Scene) -> None:
    scene.by_hand("suspended")
    scene.look()
    scene.by_hand(None)
    scene.look()
    assert scene.kinds() == ["external"]
    scene.look(10)
    assert scene.kinds() == ["external"]
    scene.look(60)
    assert scene.kinds() == []
    assert scene.intents() == []


def test_what_is_lifted_in_the_panel_and_not_paid_either_is_ours_alone_from_then_on(scene: Scene) -> None:
    """Lifted by hand half a minute before the sweep: the first reading of that does not end the external hold yet."""
    scene.sync()
    scene.by_hand("suspended")
    scene.look()
    assert scene.kinds() == ["external"]
    scene.by_hand(None)
    scene.hold()
    scene.look()
    assert (scene.kinds(), scene.status, scene.writes()) == (["external", "unpaid"], None, [])
    for _ in range(4):
        scene.look()
    assert (scene.kinds(), scene.status, scene.writes()) == (["unpaid"], "suspended", ["suspend"])
    scene.release()
    scene.look()
    assert (scene.kinds(), scene.status) == ([], None)


def test_suspended_by_hand_once_more_while_that_is_waited_for_stays_somebody_else_s(scene: Scene) -> None:
    scene.sync()
    scene.by_hand("suspended")
    scene.look()
    scene.by_hand(None)
    scene.hold()
    scene.look()
    scene.by_hand("suspended")
    for _ in range(3):
        scene.look()
    scene.release()
    for _ in range(3):
        scene.look()
    assert (scene.kinds(), scene.status, scene.writes()) == (["external"], "suspended", [])


def test_what_is_lifted_by_hand_after_a_reinstall_is_not_made_again_because_of_that(scene: Scene) -> None:
    """The reinstallation took our suspension away, somebody made it again in the panel, and lifted that."""
    suspended(scene)
    scene.by_hand("installing")
    scene.look()
    scene.by_hand("suspended")
    scene.look()
    scene.by_hand(None)
    for _ in range(5):
        scene.look()
    assert (scene.kinds(), scene.status, scene.writes()) == (["-unpaid"], None, ["suspend"])


def test_an_administrator_who_releases_an_external_hold_lifts_it(scene: Scene) -> None:
    scene.by_hand("suspended")
    scene.look()
    scene.release("external", "it was a mistake")
    scene.dispatch()
    assert scene.status is None
    scene.by_hand("suspended")
    scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["external"]


@pytest.mark.parametrize("billing", ["observe", "on"])
def test_observing_keeps_external_holds_and_writes_nothing(make_scene: Callable[..., Scene], billing: str) -> None:
    scene = make_scene(billing=billing)
    scene.by_hand("suspended")
    scene.look()
    scene.look()
    assert scene.kinds() == ["external"]
    assert scene.writes() == []
    assert scene.intents() == []


@pytest.mark.parametrize("status", ["installing", "restoring_backup"])
def test_a_busy_server_is_not_suspended_before_it_is_done(scene: Scene, status: str) -> None:
    scene.server.status = status
    scene.hold()
    for _ in range(3):
        scene.dispatch(60)
    assert scene.writes() == []
    assert scene.status == status
    scene.server.status = None
    scene.dispatch(60)
    assert scene.status == "suspended"


def test_a_server_that_is_busy_for_a_day_is_left_to_a_person(scene: Scene) -> None:
    scene.server.status = "installing"
    scene.hold()
    scene.dispatch()
    scene.sync(86_400)
    scene.dispatch()
    assert scene.states() == ["parked"]
    assert scene.writes() == []
    assert "A server cannot be suspended or released" in told(scene)


def test_a_transfer_is_waited_for(scene: Scene) -> None:
    scene.server.is_transferring = True
    scene.hold()
    scene.dispatch()
    assert scene.states() == ["pending"]
    scene.server.is_transferring = False
    scene.dispatch(60)
    assert scene.status == "suspended"


def test_another_server_under_the_same_id_is_never_written_to(scene: Scene) -> None:
    scene.hold()
    uuid = scene.uuid
    scene.server.uuid = "0" * 8 + uuid[8:]
    scene.dispatch()
    assert [one for one in scene.world.demo.calls if one.path.endswith("suspend")] == []
    assert told(scene)


def test_the_panic_switch_stops_suspending_and_not_lifting(scene: Scene) -> None:
    suspended(scene)
    with scene.world.app.app_context():
        panic.stop(None)
    scene.release()
    scene.dispatch()
    assert scene.status is None
    scene.hold()
    scene.dispatch()
    scene.dispatch(60)
    assert scene.status is None
    with scene.world.app.app_context():
        panic.go_on(None)
    scene.dispatch(60)
    assert scene.status == "suspended"


def test_a_list_from_which_many_vanished_is_not_believed(scene: Scene) -> None:
    kept = list(scene.world.demo.world.servers)
    scene.hold()
    del scene.world.demo.world.servers[5:]
    scene.sync()
    scene.dispatch()
    assert scene.status is None
    with scene.world.app.app_context():
        assert observing.doubt() is not None
    scene.world.demo.world.servers[:] = kept
    scene.sync()
    scene.dispatch(60)
    with scene.world.app.app_context():
        assert observing.doubt() is None
    assert scene.status == "suspended"


def test_an_administrator_may_say_that_a_list_is_right(scene: Scene) -> None:
    del scene.world.demo.world.servers[10:]
    scene.sync()
    scene.sync()
    with scene.world.app.app_context():
        assert observing.doubt() is not None
        observing.believe(None)
    scene.sync()
    with scene.world.app.app_context():
        assert observing.doubt() is None


def test_an_older_list_does_not_replace_a_newer_reading(scene: Scene) -> None:
    with scene.world.app.app_context(), credentials.as_portal("worker") as api:
        read_at = scene.world.clock.now()
        servers = list(api.servers.iterate())
    suspended(scene)
    with scene.world.app.app_context():
        observing.note(servers, read_at)
    assert scene.seen().is_suspended


def test_nothing_is_concluded_or_sent_in_quarantine(scene: Scene) -> None:
    scene.hold()
    with scene.world.app.app_context(), write() as session:
        session.add(
            StoreState(name="quarantine", value='{"since": 1, "backup_at": null, "audit_before": 0, "audit_now": 0}')
        )
    scene.look()
    assert scene.writes() == []
    assert scene.reconcile() is None
