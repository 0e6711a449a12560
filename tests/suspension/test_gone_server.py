"""A server that was deleted in the panel: nothing is sent for it any more, and all goes on when it is back."""

from __future__ import annotations

import pytest

from portal.alerts import service as alerts
from portal.demo import by_hand
from portal.demo.world import Server
from portal.sweep import gone
from tests.support import money
from tests.suspension.scene import Scene


def hours(scene: Scene, count: int) -> None:
    """What the worker does, every ten minutes."""
    for _ in range(count * 6):
        scene.look(600)
        with scene.world.app.app_context():
            gone.look()


def titles(scene: Scene) -> list[str]:
    with scene.world.app.app_context():
        return [one.title for one in alerts.current()]


@pytest.fixture
def deleted(scene: Scene) -> Server:
    """One that is to be suspended; its name stays in the scene, so that it is found when it is back."""
    scene.hold()
    server = scene.server
    by_hand.delete(scene.world.demo, server)
    return server


def states(scene: Scene, server: Server) -> list[str]:
    scene.world.demo.world.servers.append(server)
    try:
        return scene.states()
    finally:
        scene.world.demo.world.servers.remove(server)


@pytest.mark.parametrize("has_price", [True, False])
def test_nothing_is_asked_of_it_for_ever(scene: Scene, deleted: Server, has_price: bool) -> None:
    if has_price:
        scene.world.demo.world.servers.append(deleted)
        money.price(scene.world, scene.name)
        scene.world.demo.world.servers.remove(deleted)
    hours(scene, 1)
    assert states(scene, deleted) == ["superseded"]
    asked = len(scene.world.demo.calls)
    hours(scene, 4)
    mine = f"/servers/{deleted.id}"
    assert [one.path for one in scene.world.demo.calls[asked:] if one.path.endswith(mine)] == []
    assert "A server cannot be suspended or released" not in titles(scene)


def test_it_is_wished_anew_when_it_is_back(scene: Scene, deleted: Server) -> None:
    hours(scene, 1)
    scene.world.demo.world.servers.append(deleted)
    scene.look()
    scene.look()
    assert scene.status == "suspended"
    assert scene.states() == ["superseded", "confirmed"]


def test_one_answer_404_or_a_gap_in_the_list_puts_nothing_aside(scene: Scene) -> None:
    scene.panel_is("status", path=f"*/application/servers/{scene.server.id}", times=1, status=404, code="NotFound")
    scene.hold()
    scene.dispatch()
    assert scene.states() == ["pending"]
    server = scene.server
    scene.world.demo.world.servers.remove(server)
    scene.sync()
    scene.world.demo.world.servers.append(server)
    scene.dispatch()
    assert scene.status == "suspended"
