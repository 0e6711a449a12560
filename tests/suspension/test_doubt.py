"""When a list of servers is not believed: many vanished at once, which on a small host is two."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.alerts import service as alerts
from portal.suspension import observing
from tests.conftest import World
from tests.servers.support import fixture
from tests.suspension.scene import Scene

MakeWorld = Callable[..., World]


def small(make_world: MakeWorld, count: int, billing: str = "on") -> Scene:
    scene = Scene(make_world("own", fixture=fixture(count), is_ready=True, billing=billing))
    scene.sync()
    return scene


def doubts(scene: Scene) -> bool:
    with scene.world.app.app_context():
        is_told = "The list of servers is not believed" in [one.title for one in alerts.current()]
        assert is_told == (observing.doubt() is not None)
        return is_told


@pytest.mark.parametrize(
    ("count", "deleted", "is_doubted"),
    [(1, 1, False), (2, 1, False), (4, 1, False), (4, 2, True), (20, 4, False), (20, 5, True), (60, 5, False),
     (60, 6, True)],
)  # fmt: skip
def test_one_of_a_few_is_deleted_every_day(make_world: MakeWorld, count: int, deleted: int, is_doubted: bool) -> None:
    scene = small(make_world, count)
    del scene.world.demo.world.servers[count - deleted :]
    scene.sync()
    assert doubts(scene) is is_doubted


def test_while_billing_is_off_nobody_is_told_and_no_doubt_is_kept(make_world: MakeWorld) -> None:
    scene = small(make_world, 10, billing="off")
    del scene.world.demo.world.servers[2:]
    scene.sync()
    assert not doubts(scene)


def test_a_doubt_ends_when_billing_is_switched_off(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = small(make_world, 10)
    del scene.world.demo.world.servers[2:]
    scene.sync()
    assert doubts(scene)
    monkeypatch.setattr(observing.mode, "is_shown", lambda: False)
    scene.sync()
    assert not doubts(scene)
