"""What administrators are told: one alert for a cause with all its servers, over when the cause is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from portal.alerts import service as alerts
from portal.alerts.models import Alert
from portal.demo import by_hand
from portal.demo.world import Server
from portal.store import read, write
from portal.suspension import holds, telling
from portal.suspension.models import Hold
from tests.suspension.scene import Scene


def told(scene: Scene) -> dict[str, str]:
    """The text of each cause that lasts."""
    with scene.world.app.app_context(), read() as session:
        rows = session.scalars(select(Alert.cause).where(Alert.over_at.is_(None)).order_by(Alert.since)).all()
        return dict(zip(rows, [one.text for one in alerts.current()], strict=True))


def well(scene: Scene, count: int) -> list[Server]:
    link = scene.world.demo.link
    servers = [one for one in scene.world.demo.world.servers if one.status is None and not one.is_transferring]
    return [one for one in servers if link.fault_of(one.node) is None][:count]


def suspended(scene: Scene, servers: list[Server]) -> None:
    with scene.world.app.app_context(), write() as session:
        for one in servers:
            holds.place_in(session, one.uuid, "unpaid", reason="not paid", by=None)
    for _ in range(1 + len(servers) // 10):
        scene.dispatch(61)
    scene.look()
    assert {one.status for one in servers} == {"suspended"}


def test_what_could_not_be_sent_is_over_when_it_was(scene: Scene) -> None:
    scene.hold()
    scene.dispatch()
    scene.panel_is("status", path="*/unsuspend", times=None, status=500, effect="before", code="Boom")
    scene.release()
    for _ in range(30):
        scene.dispatch(120)
    cause = f"{telling.PARKED}{scene.uuid}"
    assert scene.states()[-1] == "parked"
    assert {cause, "intent_old"} <= told(scene).keys()
    assert told(scene)["intent_old"].startswith("1 server waits ")
    scene.world.demo.knobs.clear()
    scene.look(3700)
    scene.look()
    assert scene.status is None
    assert not {cause, "intent_old"} & told(scene).keys()


def test_suspensions_that_were_lifted_by_hand_are_one_alert_with_all_names(scene: Scene) -> None:
    servers = well(scene, 3)
    suspended(scene, servers)
    for one in servers[:2]:
        by_hand.set_status(scene.world.demo, one, None)
    scene.look()
    names = f"{servers[1].name}, {servers[0].name}."
    assert told(scene)["lifted"] == f"Lifted in the panel, or vanished three times, and not made again: {names}"
    by_hand.set_status(scene.world.demo, servers[2], None)
    scene.look()
    assert told(scene)["lifted"].endswith(f": {servers[2].name}, {names}")
    assert [one for one in told(scene) if servers[0].name in one] == []


def test_it_is_over_when_those_holds_are_released(scene: Scene) -> None:
    suspended(scene, [scene.server])
    scene.by_hand(None)
    scene.look()
    assert "lifted" in told(scene)
    scene.release()
    scene.look()
    assert "lifted" not in told(scene)


def test_external_holds_are_told_at_once_and_over_when_none_is_left(scene: Scene) -> None:
    scene.by_hand("suspended")
    scene.look()
    assert scene.name in told(scene)["external_hold"]
    assert told(scene)["external_hold"].endswith(".")
    for one in scene.world.demo.world.servers:
        if one.status == "suspended":
            by_hand.set_status(scene.world.demo, one, None)
    scene.look()
    assert "external_hold" in told(scene)
    for _ in range(2):
        scene.look(60)
    assert "external_hold" not in told(scene)


def test_many_that_vanish_in_a_day_are_one_alert_that_ends(scene: Scene) -> None:
    servers = well(scene, 20)
    suspended(scene, servers)
    for status in ("installing", None):
        for one in servers:
            one.status = status
        scene.look()
    scene.look()
    text = told(scene)["too_many"]
    assert text.startswith("Vanished, as did others today, and not made again for now: ")
    assert text.endswith(" and 5 more.")
    assert [one for one in told(scene) if "too_many" in one or "lifted" in one] == ["too_many"]
    with scene.world.app.app_context(), write() as session:
        session.execute(update(Hold).values(released_at=1, release_reason="paid"))
    scene.reconcile()
    assert "too_many" not in told(scene)


def test_nothing_of_this_lasts_while_billing_is_off(make_scene: Callable[..., Scene]) -> None:
    scene = make_scene(billing="off")
    with scene.world.app.app_context():
        alerts.alert(telling.LIFTED, "gone", "a", "b")
        alerts.alert(f"{telling.PARKED}x", "parked", "a", "b")
        alerts.alert("something else", "other", "a", "b")
    scene.reconcile()
    assert told(scene).keys() == {"something else"}


@pytest.mark.parametrize(
    ("count", "said"), [(1, "s0."), (2, "s0, s1."), (10, "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9."),
                        (15, "s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 5 more.")],
)  # fmt: skip
def test_names_are_a_sentence_of_ten_at_most(scene: Scene, count: int, said: str) -> None:
    with scene.world.app.app_context():
        assert telling.listed([f"s{n}" for n in range(count)]) == said
