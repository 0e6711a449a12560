"""How many may look, and that nothing is left when nobody does."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from portal.wings import ChannelKey, Full, Hub, NoTicket, Ticket
from tests.support.waiting import until
from tests.wings.conftest import DEADLINE_SECONDS, NOBODY, Rig, is_empty


def closed() -> Ticket:
    raise NoTicket("panel")


def test_a_process_has_room_for_so_many(rig: Rig) -> None:
    hub = rig.new_hub(cap=3)
    browsers = [rig.look(closed, hub=hub, person=number) for number in range(3)]
    with pytest.raises(Full) as full:
        rig.look(closed, hub=hub, person=9)
    assert full.value.of == "process"
    rig.leave(browsers[0])
    rig.look(closed, hub=hub, person=9)
    assert hub.counts().viewers == 3


def test_a_person_has_room_for_so_many(rig: Rig) -> None:
    hub = rig.new_hub(per_person=2)
    browsers = [rig.look(closed, hub=hub) for _ in range(2)]
    with pytest.raises(Full) as full:
        rig.look(closed, hub=hub)
    assert full.value.of == "person"
    rig.look(closed, hub=hub, person=2)
    rig.leave(browsers[0])
    rig.look(closed, hub=hub)


def test_leaving_twice_is_leaving_once(rig: Rig) -> None:
    hub = rig.new_hub(per_person=1)
    browser = rig.look(closed, hub=hub)
    other = rig.look(closed, hub=hub, person=2)
    rig.leave(browser)
    browser.viewer.detach()
    assert hub.counts().viewers == 1
    assert hub.viewers() == (other.viewer,)
    assert hub.channels() == (other.viewer.channel,)


def test_after_stop_nobody_comes_in(rig: Rig) -> None:
    browser = rig.look(closed)
    rig.hub.stop(1012, "restart")
    assert browser.viewer.closing is not None
    with pytest.raises(Full):
        rig.look(closed, person=2)
    until(lambda: rig.hub.counts().threads == 0)


def test_a_system_without_threads_is_full(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    hub = Hub(linger_s=0)
    with pytest.raises(Full) as full:
        rig.look(closed, hub=hub)
    assert full.value.of == "process"
    assert hub.counts() == NOBODY


def test_access_that_ended_needs_no_channel_when_all_have_gone(rig: Rig) -> None:
    def over() -> Ticket:
        raise NoTicket("refused", is_final=True)

    hub = rig.new_hub(linger_s=15)
    browser = rig.look(over, hub=hub)
    browser.has("over", "refused")
    rig.leave(browser)
    assert hub.counts().channels == 0
    until(lambda: is_empty(hub))


def test_the_node_is_left_while_the_panel_is_still_being_asked(rig: Rig) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow() -> Ticket:
        asked.set()
        answer.wait(DEADLINE_SECONDS)
        raise NoTicket("panel")

    browser = rig.look(slow)
    assert asked.wait(DEADLINE_SECONDS)
    rig.leave(browser)
    assert rig.hub.counts().channels == 0
    answer.set()
    until(lambda: is_empty(rig.hub))


def test_a_wake_comes_at_once_and_may_call_the_hub(rig: Rig) -> None:
    seen: list[Any] = []
    key = ChannelKey("9f3a12bc-0000-4000-8000-0123456789ab", 1, frozenset())
    viewer = rig.hub.attach(
        key, 1, closed, "o", allow=lambda _: True, wake=lambda: seen.append(rig.hub.counts().viewers)
    )  # fmt: skip
    assert seen == [1]
    viewer.take()
    until(lambda: len(seen) > 1)
    viewer.detach()
