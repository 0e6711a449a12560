"""A server for which the panel gives no answer at all: it keeps nobody waiting, and three in a row are the panel."""

from __future__ import annotations

import pytest

from portal.alerts import service as alerts
from portal.demo.world import Server
from portal.store import write
from portal.suspension import dispatching, holds, outcomes, pace
from tests.suspension.scene import Scene


@pytest.fixture
def servers(scene: Scene) -> list[Server]:
    """Six that run well, the one of the scene first."""
    link = scene.world.demo.link
    well = [one for one in scene.world.demo.world.servers if one.status is None and link.fault_of(one.node) is None]
    others = [one for one in well if not one.is_transferring and one.name != scene.name]
    return [scene.server, *others[:5]]


def hold(scene: Scene, servers: list[Server]) -> None:
    with scene.world.app.app_context(), write() as session:
        for one in servers:
            holds.place_in(session, one.uuid, "unpaid", reason="not paid", by=None)


def release(scene: Scene, servers: list[Server]) -> None:
    with scene.world.app.app_context(), write() as session:
        for one in servers:
            hold = holds.open_in(session, one.uuid)[0]
            holds.release_in(session, hold, reason="paid", by=None)


def poison(scene: Scene, servers: list[Server]) -> None:
    """The web server dies on their pages."""
    for one in servers:
        scene.panel_is("status", path=f"*/application/servers/{one.id}", times=None, status=502, form="html")


def test_one_server_without_an_answer_keeps_no_paid_one_suspended(scene: Scene, servers: list[Server]) -> None:
    hold(scene, servers)
    scene.dispatch()
    poison(scene, servers[:1])
    release(scene, servers)
    scene.dispatch()
    assert [one.status for one in servers] == ["suspended", *[None] * 5]
    intent = scene.intents()[-1]
    assert (intent.state, intent.attempts) == ("unknown", 1)
    assert "502" in (intent.error or "")


def test_it_is_parked_after_ten_tries_if_others_are_answered(scene: Scene, servers: list[Server]) -> None:
    hold(scene, servers[:2])
    scene.dispatch()
    poison(scene, servers[:1])
    release(scene, servers[:1])
    for _ in range(outcomes.TRIES):
        release(scene, servers[1:2])
        scene.dispatch(1000)
        hold(scene, servers[1:2])
        with scene.world.app.app_context():
            pace.go_on(None)
        scene.dispatch()
    assert scene.states()[-1] == "parked"
    with scene.world.app.app_context():
        assert "A server cannot be suspended or released" in [one.title for one in alerts.current()]


def test_three_without_an_answer_in_a_row_are_the_panel_and_the_others_come_before_them(
    scene: Scene, servers: list[Server]
) -> None:
    hold(scene, servers)
    scene.dispatch()
    poison(scene, servers[:4])
    asked = len(scene.world.demo.calls)
    release(scene, servers)
    scene.dispatch()
    paths = {one.path for one in scene.world.demo.calls[asked:]}
    assert len(paths) == dispatching.IN_A_ROW
    assert scene.intents()[-1].attempts == 0
    for _ in range(2):
        scene.dispatch(dispatching.PAUSE_S * 2)
    assert [one.status for one in servers] == [*["suspended"] * 4, None, None]


def test_a_panel_that_is_away_is_asked_for_three_servers_in_a_round(scene: Scene, servers: list[Server]) -> None:
    hold(scene, servers)
    scene.world.demo.set_condition("panel-maintenance")
    asked = len(scene.world.demo.calls)
    scene.dispatch()
    assert len({one.path for one in scene.world.demo.calls[asked:]}) == dispatching.IN_A_ROW
    scene.world.demo.set_condition(None)
    for _ in range(3):
        scene.dispatch(dispatching.PAUSE_S * 2)
    assert [one.status for one in servers] == ["suspended"] * 6
