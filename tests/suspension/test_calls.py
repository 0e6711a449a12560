"""Which calls explain what the panel shows: lists that overlap a call, and answers that were lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests import PreparedRequest, Response
from requests.exceptions import ConnectionError as Lost

from portal import clock
from portal.credentials import service as credentials
from portal.servers import records
from portal.suspension import calls, observing, sending
from tests.suspension.scene import Scene


def around(scene: Scene, end: str, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Do something before and after the next call whose path ends so."""
    send = scene.world.adapter.send

    def sent(request: PreparedRequest, *args: object, **more: object) -> Response:
        if not request.path_url.endswith(end):
            return send(request, *args, **more)  # type: ignore[arg-type]
        scene.world.adapter.send = send  # type: ignore[method-assign]
        before()
        answer = send(request, *args, **more)  # type: ignore[arg-type]
        after()
        return answer

    scene.world.adapter.send = sent  # type: ignore[method-assign]


def lost() -> None:
    raise Lost("reset")


def nothing() -> None:
    return None


def somebody_suspends(scene: Scene) -> None:
    """In the panel; it is seen as theirs, and stays."""
    scene.by_hand("suspended")
    for _ in range(4):
        scene.look()
    assert scene.status == "suspended"
    assert scene.kinds() == ["external"]


@pytest.mark.parametrize("started_s", [0, 1])
def test_a_list_that_overlaps_our_call_does_not_make_it_somebody_elses(scene: Scene, started_s: int) -> None:
    """The list begins before the call is written down, or in the same second, and shows what it did."""
    begun: list[float] = []
    advance = scene.world.clock.advance

    def list_begins() -> None:
        advance(1)
        begun.append(clock.now())
        advance(started_s)
        around(scene, "/suspend", nothing, list_ends)

    def list_ends() -> None:
        assert scene.status == "suspended"
        with scene.world.app.app_context(), credentials.as_portal("worker") as api:
            servers = list(api.servers.iterate())
        with scene.world.app.app_context():
            observing.note(servers, begun.pop())
        advance(3)

    scene.hold()
    around(scene, f"/servers/{scene.server.id}", nothing, list_begins)
    scene.dispatch()
    assert begun == []
    assert scene.status == "suspended"
    scene.look()
    scene.look()
    assert scene.kinds() == ["unpaid"]
    scene.release()
    scene.look()
    assert scene.status is None


def test_a_call_that_acted_explains_nothing_later_though_its_answer_was_lost(scene: Scene) -> None:
    around(scene, "/suspend", nothing, lost)
    scene.hold()
    for _ in range(3):
        scene.look()
    assert scene.calls()[0].ended_at is not None
    scene.release()
    scene.look()
    assert scene.status is None
    scene.look()
    somebody_suspends(scene)


def test_the_same_when_it_is_paid_before_anybody_confirmed_it(scene: Scene) -> None:
    around(scene, "/suspend", nothing, lost)
    scene.hold()
    scene.dispatch()
    scene.sync()
    scene.release()
    scene.look()
    assert scene.status is None
    scene.look()
    somebody_suspends(scene)


def test_one_that_never_arrived_does_not_explain_what_somebody_does_long_after(scene: Scene) -> None:
    around(scene, "/suspend", lost, nothing)
    scene.hold()
    scene.dispatch()
    scene.release()
    for _ in range(4):
        scene.look(calls.LOOSE_S / 3)
    assert scene.status is None
    somebody_suspends(scene)


def test_a_call_that_is_still_to_come_keeps_explaining_though_another_did_the_same(scene: Scene) -> None:
    """The first is frozen before it goes out, the second is answered; then the first one is killed once it went out."""
    frozen: list[bool] = []

    def freeze() -> None:
        if not frozen:
            frozen.append(True)
            scene.world.clock.advance(100)
            for _ in range(2):
                scene.look()
            assert scene.status == "suspended"
            scene.release()
            scene.look()
            assert scene.status is None

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    scene.hold()
    around(scene, "/suspend", freeze, kill)
    with pytest.raises(Killed):
        scene.dispatch()
    assert scene.status == "suspended"
    for _ in range(3):
        scene.look()
    assert scene.status is None
    assert scene.kinds() == []


def test_what_was_just_done_is_shown_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str | None] = []
    monkeypatch.setattr(records, "save_status", lambda _uuid, status, _at: shown.append(status))
    assert sending.records is records
    scene.hold()
    scene.dispatch()
    assert shown == ["suspended"]
    scene.release()
    scene.dispatch()
    assert shown == ["suspended", None]
