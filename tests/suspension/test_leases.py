"""Several dispatchers, some of them killed or frozen: one call at a time, and the right end."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from requests import PreparedRequest, Response

from portal import faultpoint
from portal.demo import Call
from portal.store import write
from portal.suspension import dispatching, holds, leases, pace
from portal.suspension.models import Hold
from tests.support import money
from tests.suspension.scene import Scene


class Killed(BaseException):
    """The process ends here."""


def at(scene: Scene, place: str, act: Any) -> None:
    """Dispatch once, and do something when a place is reached."""
    done: list[str] = []

    def reached(name: str) -> None:
        if place in name and not done:
            done.append(name)
            act()

    before = faultpoint.listen(reached)
    try:
        scene.dispatch()
    except Killed:
        pass
    finally:
        faultpoint.listen(before)
    assert done


def kill() -> None:
    raise Killed


def test_eight_dispatchers_call_each_server_once(scene: Scene) -> None:
    link = scene.world.demo.link
    well = [one for one in scene.world.demo.world.servers if one.status is None and link.fault_of(one.node) is None]
    servers = [one for one in well if not one.is_transferring][:24]
    for one in servers:
        one.status = "suspended"
    scene.look()
    with scene.world.app.app_context(), write() as session:
        for one in servers:
            external = next(hold for hold in holds.open_in(session, one.uuid) if hold.kind == "external")
            holds.release_in(session, external, reason="by hand", by=None)
    flying: Counter[str] = Counter()
    most: list[int] = []
    sent: Counter[str] = Counter()
    send = scene.world.adapter.send
    lock = threading.Lock()

    def watched(request: PreparedRequest, *args: Any, **more: Any) -> Response:
        path = request.path_url
        with lock:
            flying[path] += 1
            most.append(flying[path])
            sent[f"{request.method} {path}"] += 1
        try:
            return send(request, *args, **more)
        finally:
            with lock:
                flying[path] -= 1

    scene.world.adapter.send = watched  # type: ignore[method-assign]

    def work() -> None:
        with scene.world.app.app_context():
            dispatching.work()

    scene.world.clock.advance(2)
    threads = [threading.Thread(target=work) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for _ in range(2):
        scene.dispatch()
    writes = {name: count for name, count in sent.items() if name.startswith("POST")}
    assert len(writes) == len(servers)
    assert set(writes.values()) == {1}
    assert max(most) == 1
    assert all(one.status is None for one in servers)


@pytest.mark.parametrize(
    "place",
    ["leases.take after", "GET /api/application/servers/* after", "sending._decide after", "suspend before",
     "suspend after", "sending._note_end after", "sending._read_back before", "sending._read_back after"],
)  # fmt: skip
def test_a_dispatcher_that_is_killed_leaves_the_rest_to_the_next(scene: Scene, place: str) -> None:
    scene.hold()
    at(scene, place, kill)
    scene.dispatch(5)
    for _ in range(4):
        scene.look(60)
    assert scene.status == "suspended"
    assert scene.kinds() == ["unpaid"]
    assert scene.states()[-1] == "confirmed"
    assert len(scene.writes()) <= 1 + ("before" in place)


@pytest.mark.parametrize("seconds", [5, 89, 91, 300])
@pytest.mark.parametrize("place", ["sending._decide after", "suspend before", "suspend after"])
def test_paid_while_a_dispatcher_was_frozen_ends_up_running(scene: Scene, place: str, seconds: int) -> None:
    """The call may go out late, after somebody paid and another dispatcher has confirmed: it is noticed as our own."""
    scene.hold()

    def freeze() -> None:
        faultpoint.listen(None)
        scene.world.clock.advance(seconds)
        scene.release()
        scene.look(5)
        scene.dispatch(30)

    at(scene, place, freeze)
    for _ in range(4):
        scene.look(60)
    assert scene.status is None
    assert scene.kinds() == []


def test_a_result_is_written_only_while_the_lease_is_ours(scene: Scene) -> None:
    scene.hold()
    number = scene.intents()[0].id
    with scene.world.app.app_context():
        first = leases.take(number)
        assert first is not None
        assert leases.take(number) is None
        scene.world.clock.advance(leases.LEASE_S + 1)
        assert leases.take(number) is None  # puts it aside, and wishes anew
        with write() as session:
            assert leases.mine_in(session, first) is None
    assert scene.states() == ["superseded", "pending"]


def test_a_server_that_always_fails_keeps_nobody_waiting(scene: Scene) -> None:
    others = [one for one in scene.world.demo.world.servers if one.status is None and one.name != scene.name][:5]
    scene.panel_is("status", path=f"*/{scene.server.id}/suspend", times=None, status=500, code="Boom")
    scene.hold()
    with scene.world.app.app_context(), write() as session:
        for one in others:
            holds.place_in(session, one.uuid, "unpaid", reason="not paid", by=None)
    scene.dispatch()
    assert [one.status for one in others] == ["suspended"] * 5
    for _ in range(200):
        scene.dispatch(120)
        if scene.states() == ["parked"]:
            break
    assert scene.states() == ["parked"]
    assert scene.intents()[0].attempts == 10
    sent = len(scene.writes())
    for _ in range(10):
        scene.dispatch(120)
    assert len(scene.writes()) == sent
    scene.world.demo.knobs.clear()
    scene.dispatch(3700)
    assert scene.status == "suspended"


def test_a_panel_that_is_down_counts_against_nobody(scene: Scene) -> None:
    scene.hold()
    scene.world.demo.set_condition("panel-maintenance")
    for _ in range(60):
        scene.dispatch(60)
    assert scene.intents()[0].attempts == 0
    scene.world.demo.set_condition(None)
    scene.dispatch(60)
    assert scene.status == "suspended"


def test_no_more_than_ten_in_a_minute_and_lifting_goes_on(scene: Scene) -> None:
    servers = [one for one in scene.world.demo.world.servers if one.status is None and not one.is_transferring][:15]
    with scene.world.app.app_context(), write() as session:
        for one in servers:
            holds.place_in(session, one.uuid, "unpaid", reason="not paid", by=None)
    for _ in range(5):
        scene.dispatch(10)
    assert sum(one.status == "suspended" for one in servers) == 10
    scene.dispatch(60)
    assert sum(one.status == "suspended" for one in servers) == 15


def test_two_suspensions_taken_back_by_hand_stop_the_rest(scene: Scene) -> None:
    servers = [one for one in scene.world.demo.world.servers if one.status is None and not one.is_transferring][:3]
    with scene.world.app.app_context():
        for one in servers[:2]:
            with write() as session:
                holds.place_in(session, one.uuid, "unpaid", reason="not paid", by=None)
    scene.dispatch()
    with scene.world.app.app_context(), write() as session:
        for row in session.query(Hold):
            hold = holds.open_in(session, row.server_uuid)[0]
            holds.release_in(session, hold, reason="undone", by=None)
    with scene.world.app.app_context(), write() as session:
        holds.place_in(session, servers[2].uuid, "unpaid", reason="not paid", by=None)
    for _ in range(3):
        scene.dispatch(60)
    assert [one.status for one in servers] == [None] * 3
    with scene.world.app.app_context():
        assert not pace.look().is_open
        pace.go_on(None)
    scene.dispatch(60)
    assert servers[2].status == "suspended"


def test_the_third_failure_in_a_row_stops_suspending_for_a_while(scene: Scene) -> None:
    scene.panel_is("status", times=3, status=500, code="Boom")
    scene.hold()
    for _ in range(40):
        scene.dispatch(10)
    assert len(scene.writes()) == 3
    scene.dispatch(400)
    assert scene.status == "suspended"


def test_who_pays_gets_the_server_started_once(scene: Scene) -> None:
    owner = money.account_id(scene.world, "owner")
    scene.hold()
    scene.dispatch()
    scene.release(start_as=owner)
    scene.dispatch()
    for _ in range(3):
        scene.look()
    assert [one.status for one in starts(scene)] == [204]


@pytest.fixture
def lifted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A server whose suspension was lifted for a payment by a process that ended before it could start it."""
    scene.hold()
    scene.dispatch()
    scene.release(start_as=money.account_id(scene.world, "owner"))
    with monkeypatch.context() as patched:
        patched.setattr(dispatching.starting, "start_owed", lambda: 0)
        scene.dispatch()
    assert scene.status is None
    assert starts(scene) == []
    return scene


def starts(scene: Scene) -> list[Call]:
    """The power signals that reached the panel."""
    return [one for one in scene.world.demo.calls if one.path.endswith("/power")]


def test_a_start_that_is_owed_survives_the_end_of_the_process(lifted: Scene) -> None:
    lifted.dispatch()
    lifted.dispatch()
    assert len(starts(lifted)) == 1


def test_a_start_that_nobody_waits_for_any_more_is_forgotten(lifted: Scene) -> None:
    lifted.world.clock.advance(1000)
    lifted.dispatch()
    assert starts(lifted) == []
