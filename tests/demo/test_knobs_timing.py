"""Faults of time: answers that are late, never come or come byte by byte, and clocks that are not right."""
from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import pytest

from portal.demo import Clock, Demo, ManualClock, build
from portal.demo.served import Served
from portal.demo.wire import Cut
from tests.demo.conftest import Asker
from tests.demo.wire_support import ask, connected, key_of
from tests.demo.worlds import FIXTURE
from tests.support.waiting import until


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as running:
        yield running


def turn(demo: Demo, fault: str, where: str = "panel", **settings: Any) -> int:
    return demo.knobs.turn({"where": where, "fault": fault, "settings": settings}).number


def waited(ask_: Asker, demo: Demo, clock: ManualClock, count: int = 1) -> list[float]:
    """What each of so many calls took on the demo's clock."""
    found = []
    for _ in range(count):
        before = clock.now()
        assert ask_.get("kim", "/api/client/account").status_code == 200
        found.append(round(clock.now() - before, 6))
    return found


def test_a_fixed_latency(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    turn(demo, "latency", seconds=3)
    assert waited(ask, demo, clock, 3) == [3, 3, 3]


def test_a_uniform_latency_stays_within_its_bounds(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    demo.limiter.per_minute["client"] = 0
    turn(demo, "latency", seconds=1, most=2, distribution="uniform")
    found = waited(ask, demo, clock, 60)
    assert all(1 <= seconds <= 2 for seconds in found)
    assert len(set(found)) > 50


def test_a_heavy_tail_is_mostly_short_and_sometimes_long(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    demo.limiter.per_minute["client"] = 0
    turn(demo, "latency", seconds=0.1, most=50, distribution="heavy")
    found = sorted(waited(ask, demo, clock, 300))
    assert found[0] >= 0.1
    assert found[150] < 0.3
    assert 1 < found[-1] <= 50


def test_latency_comes_before_the_effect(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    turn(demo, "latency", seconds=5)
    before = clock.now()
    ask.post("kim", "/api/client/account/api-keys", {"description": "late"})
    assert demo.world.api_keys[-1].created_at >= before + 5


def test_a_latency_on_a_socket_lets_others_pass(served: Served) -> None:
    knob = served.demo.knobs.turn({"fault": "latency", "settings": {"seconds": 1000}, "match": {"owner": "kim"}})
    with connected(served.demo.base) as slow:
        slow.request("GET", "/api/client", headers=key_of(served.demo, "kim"))
        assert ask(served, "lee", "/api/client").status == 200
        served.demo.knobs.clear(knob.number)
        assert slow.getresponse().status == 200


@pytest.mark.parametrize(("effect", "name"), [("before", "Uno"), ("after", "New")])
def test_a_hang_lasts_until_it_is_taken_back_and_never_answers(served: Served, effect: str, name: str) -> None:
    turn(served.demo, "hang", effect=effect)
    server = served.demo.world.servers[0]
    with connected(served.demo.base) as connection:
        connection.request("POST", f"/api/client/servers/{server.identifier}/settings/rename?name=New",
                           headers=key_of(served.demo, "kim"))
        until(lambda: bool(served.demo.knobs.all()[0].hits))
        if effect == "after":
            until(lambda: server.name == "New")
        assert server.name == name
        served.demo.knobs.clear()
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()


def test_a_hang_ends_with_a_caller_who_gives_up(served: Served) -> None:
    turn(served.demo, "hang")
    with connected(served.demo.base) as connection:
        connection.request("GET", "/api/client", headers=key_of(served.demo, "kim"))
        until(lambda: bool(served.demo.knobs.all()[0].hits))
    until(lambda: [call.status for call in served.demo.calls] == [0])


def test_a_hang_without_a_socket_is_a_connection_that_ends(ask: Asker, demo: Demo) -> None:
    turn(demo, "hang")
    with pytest.raises(Cut):
        ask.get("kim", "/api/client")


def test_a_node_that_hangs_by_a_knob_costs_the_panel_15_seconds(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    turn(demo, "hang", "node")
    before = clock.now()
    assert ask.get("kim", ask.server("Uno") + "/resources").status_code == 504
    assert clock.now() - before == pytest.approx(15)


def test_a_node_that_is_too_late_for_the_panel_has_had_no_effect(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    turn(demo, "latency", "node", seconds=16)
    assert ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"}).status_code == 504
    assert demo.processes[demo.world.servers[0].uuid].state == "offline"


def test_a_drip_sends_every_byte_by_itself(served: Served) -> None:
    counted: list[int] = []
    idle = served.demo.clock.idle
    served.demo.clock.idle = lambda seconds: (counted.append(1), idle(0))[1]  # type: ignore[method-assign]
    turn(served.demo, "drip", seconds=0.0001)
    answer = ask(served, "kim", "/api/client/account")
    assert answer.status == 200
    assert answer.json["attributes"]["username"] == "kim"
    assert len(counted) > len(answer.body) + 100, "one pause before each byte, those of the head too"


def test_a_drip_without_a_socket_takes_its_time(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    turn(demo, "drip", seconds=0.1)
    before = clock.now()
    answer = ask.get("kim", "/api/client/account")
    assert clock.now() - before == pytest.approx(len(answer.data) / 10)


def test_a_clock_that_is_frozen_stands_and_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [1000.0]
    monkeypatch.setattr("portal.demo.clock.time.time", lambda: real[0])
    clock = Clock()
    clock.run_at(0)
    real[0] += 60
    assert clock.now() == 1000
    clock.advance(5)
    assert clock.now() == 1005
    clock.run_at(1)
    real[0] += 2
    assert clock.now() == 1007


def test_a_clock_drifts(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [1000.0]
    monkeypatch.setattr("portal.demo.clock.time.time", lambda: real[0])
    clock = Clock(offset=10)
    clock.run_at(1.5)
    real[0] += 100
    assert clock.now() == 1160
    clock.run_at(0.5)
    real[0] += 100
    assert clock.now() == 1210


def test_a_clock_jumps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.demo.clock.time.time", lambda: 1000.0)
    clock = Clock()
    clock.advance(-400)
    assert clock.now() == 600
