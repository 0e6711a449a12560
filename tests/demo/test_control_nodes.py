"""`/_demo/wings` and `/_demo/servers/.../print`: how nodes treat websockets, and lines in a console."""
from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock, build
from portal.demo.wings.bus import Event
from tests.demo.test_control_api import Hand
from tests.demo.worlds import FIXTURE
from tests.support.waiting import until


class NoWaiting(ManualClock):
    """What is waited for outside of the demo's time is written down, and passes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []
        self._real = 0.0

    def real(self) -> float:
        return self._real

    def idle(self, seconds: float) -> None:
        self.waited.append(round(seconds, 6))
        self._real += seconds


@pytest.fixture
def clock() -> NoWaiting:
    return NoWaiting()


@pytest.fixture
def demo(clock: NoWaiting) -> Demo:
    demo = build(fixture=FIXTURE, clock=clock, control=True)
    demo.processes[demo.world.servers[0].uuid].run_since(100)
    return demo


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return Hand(demo)


def last(demo: Demo, count: int) -> list[str]:
    return demo.processes[demo.world.servers[0].uuid].history(count)


def test_what_stands_in_the_configuration_is_told_and_set(hand: Hand, demo: Demo) -> None:
    usual = {"loses_events": False, "websocket_log_count": 150, "backup_event_has_suffix": False}
    assert hand.get("/wings") == {"wings": {"Box": usual}}
    changed = {"loses_events": True, "websocket_log_count": 300, "backup_event_has_suffix": True}
    assert hand.post("/wings", {"node": "Box", **changed}) == {"wings": {"Box": changed}}
    (node,) = demo.nodes.values()
    assert {name: getattr(node.config, name) for name in changed} == changed
    hand.post("/wings", {"loses_events": False})
    assert hand.get("/wings")["wings"]["Box"] == {**changed, "loses_events": False}


def test_lines_are_printed_as_they_are(hand: Hand, demo: Demo) -> None:
    assert hand.post("/servers/Uno/print", {"lines": ["\x1b[31mred", "plain"]}) == {"server": "Uno", "lines": 2}
    assert last(demo, 2) == ["\x1b[31mred", "plain"]


def test_numbered_lines(hand: Hand, demo: Demo) -> None:
    assert hand.post("/servers/Uno/print", {"count": 3, "text": "row"})["lines"] == 3
    assert last(demo, 3) == ["row 1", "row 2", "row 3"]
    hand.post("/servers/Uno/print", {})
    assert last(demo, 1) == ["line 1"]


def test_numbered_lines_at_a_rate_each_have_their_time(hand: Hand, demo: Demo, clock: NoWaiting) -> None:
    heard: list[Event] = []
    process = demo.processes[demo.world.servers[0].uuid]
    process.listen(heard.append, lambda _state: None)
    hand.post("/servers/Uno/print", {"count": 5, "rate": 20})
    until(lambda: len(heard) == 5)
    assert [event.args[0] for event in heard] == [f"line {number}" for number in range(1, 6)]
    assert clock.waited == [0.05] * 4


@pytest.mark.parametrize(("path", "document", "status", "text"), [
    ("/wings", {"node": "none"}, 404, "there is no node none"),
    ("/wings", {"loses_events": 1}, 400, "loses_events is true or false"),
    ("/wings", {"websocket_log_count": -1}, 400, "websocket_log_count is a whole number from 0 to 10000"),
    ("/wings", {"origins": []}, 400, "origins is not known here; known are node, loses_events, websocket_log_count, "
                                     "backup_event_has_suffix"),
    ("/servers/none/print", {}, 404, "there is no server none"),
    ("/servers/Tre/print", {}, 409, "Tre is offline: nobody prints there"),
    ("/servers/Uno/print", {"lines": "one"}, 400, "lines is a list of texts"),
    ("/servers/Uno/print", {"count": 0}, 400, "count is a whole number from 1 to 1000000"),
    ("/servers/Uno/print", {"rate": 0}, 400, "rate lies between 0 and 100000"),
])
def test_nonsense(hand: Hand, path: str, document: Any, status: int, text: str) -> None:
    answer = hand("POST", path, document)
    assert (answer.status_code, answer.json) == (status, {"error": text})
