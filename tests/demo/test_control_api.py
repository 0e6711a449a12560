"""`/_demo`: what can be turned from outside, and how nonsense is refused."""
from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from portal.demo import CONDITIONS, Demo, ManualClock, build
from portal.demo.faults.kinds import FAULTS
from tests.demo.conftest import Asker
from tests.demo.worlds import FIXTURE


@pytest.fixture
def demo(clock: ManualClock) -> Demo:
    return build(fixture=FIXTURE, clock=clock, control=True)


class Hand:
    """Calls the control API."""

    def __init__(self, demo: Demo) -> None:
        self._client = Client(demo.wsgi)

    def __call__(self, method: str, path: str, document: Any = None, **options: Any) -> TestResponse:
        if isinstance(document, (str, bytes)):
            options["data"] = document
        elif document is not None:
            options["json"] = document
        return self._client.open(f"/_demo{path}", method=method, **options)

    def get(self, path: str) -> Any:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, document: Any = None) -> Any:
        answer = self("POST", path, document)
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def hand(demo: Demo) -> Hand:
    return Hand(demo)


def test_it_is_not_there_unless_it_is_asked_for() -> None:
    demo = build(fixture=FIXTURE, clock=ManualClock())
    answer = Asker(demo).get(None, "/_demo/state")
    assert (answer.status_code, answer.json) == (404, {"errors": [{
        "code": "NotFoundHttpException", "status": "404", "detail": "The route _demo/state could not be found."}]})


def test_the_state(hand: Hand, demo: Demo, clock: ManualClock) -> None:
    demo.set_condition("node-hangs")
    demo.knobs.turn({"fault": "status"})
    Asker(demo).get("kim", "/api/client")
    state = hand.get("")
    assert state == hand.get("/state")
    assert (state["condition"], state["conditions"]) == ("node-hangs", list(CONDITIONS))
    assert state["clock"] == {"now": clock.now(), "rate": 1.0, "utc": "2026-05-28T20:26:40+00:00"}
    assert [(knob["fault"], knob["hits"]) for knob in state["knobs"]] == [("status", 1)]
    assert state["nodes"] == [{"name": "Box", "address": None, "fault": "never_answers", "servers": 3}]
    assert state["counts"] == {"calls": {"panel": 1}, "servers": 3, "users": 4, "activity": 1}


def test_conditions(hand: Hand, demo: Demo) -> None:
    assert hand.post("/condition", {"condition": "panel-gateway"}) == {"condition": "panel-gateway"}
    assert Asker(demo).get("kim", "/api/client").status_code == 502
    assert hand.post("/condition", {"condition": None}) == {"condition": None}
    assert Asker(demo).get("kim", "/api/client").status_code == 200


def test_it_answers_whatever_is_wrong_with_the_panel(hand: Hand, demo: Demo) -> None:
    demo.latency = 1_000_000
    for condition in CONDITIONS:
        demo.knobs.turn({"fault": "hang"})
        assert hand.post("/condition", {"condition": condition}) == {"condition": condition}
    assert demo.calls == []


def test_knobs_are_turned_listed_and_taken_back(hand: Hand, demo: Demo) -> None:
    knob = hand.post("/knobs", {"fault": "status", "settings": {"status": 503}, "match": {"path": "*"}, "times": 5})
    assert knob == {
        "id": 1, "where": "panel", "fault": "status", "match": {"path": "*"}, "left": 5, "chance": 1.0, "hits": 0,
        "settings": {"status": 503, "effect": "before", "form": "own", "code": "HttpException", "detail": ""}}
    assert Asker(demo).get("kim", "/api/client").status_code == 503
    assert hand.get("/knobs")["knobs"] == [{**knob, "left": 4, "hits": 1}]
    hand.post("/knobs", {"fault": "hang"})
    assert hand("DELETE", "/knobs/1").json == {"cleared": 1}
    assert [one["id"] for one in hand.get("/knobs")["knobs"]] == [2]
    assert hand("DELETE", "/knobs").json == {"cleared": 1}
    assert Asker(demo).get("kim", "/api/client").status_code == 200


def test_every_fault_is_explained(hand: Hand) -> None:
    faults = hand.get("/faults")["faults"]
    assert faults.keys() == FAULTS.keys()
    assert faults["hang"]["settings"]["effect"]["choices"] == ["before", "after"]
    assert all(fault["about"] and fault["where"] for fault in faults.values())


def test_the_clock_jumps_drifts_freezes_and_goes_back(hand: Hand, clock: ManualClock) -> None:
    begin = clock.now()
    assert hand.post("/clock", {"advance": 3600})["now"] == begin + 3600
    assert hand.post("/clock", {"advance": -7200})["now"] == begin - 3600
    assert hand.post("/clock", {"rate": 0})["rate"] == 0
    assert hand.post("/clock", {"rate": 1.01, "advance": 1})["rate"] == 1.01
    assert hand.get("/clock")["now"] == begin - 3599


def test_a_token_ends_when_the_clock_jumps(hand: Hand, demo: Demo) -> None:
    demo.jobs.after(600, lambda: demo.world.servers[0].subusers.clear())
    hand.post("/clock", {"advance": 601})
    Asker(demo).get("kim", "/api/client")
    assert demo.world.servers[0].subusers == []


def test_calls_are_listed_and_forgotten(hand: Hand, demo: Demo, clock: ManualClock) -> None:
    ask = Asker(demo)
    ask.get("kim", "/api/client?page=1")
    ask.get("kim", ask.server("Uno") + "/resources")
    calls = hand.get("/calls")["calls"]
    assert [call["where"] for call in calls] == ["panel", "Box", "panel"]
    assert calls[0] == {"at": clock.now(), "method": "GET", "path": "/api/client", "query": "page=1",
                        "key_owner": "kim", "status": 200, "where": "panel", "seconds": 0.0}
    assert len(hand.get("/calls?where=Box")["calls"]) == 1
    assert len(hand.get("/calls?last=2")["calls"]) == 2
    assert hand.get("/calls?last=0")["calls"] == []
    assert hand("DELETE", "/calls").json == {"forgotten": 3}
    assert (hand.get("/calls")["calls"], demo.calls) == ([], [])


def status_of(demo: Demo, name: str = "Uno") -> dict[str, Any]:
    shown = Asker(demo).get("chief", Asker(demo).server(name)).json
    assert shown is not None
    return {key: shown["attributes"][key] for key in ("status", "is_suspended", "is_transferring", "is_installing")}


def test_servers_are_suspended_and_lifted_by_hand(hand: Hand, demo: Demo) -> None:
    process = demo.processes[demo.world.servers[0].uuid]
    process.run_since(100)
    assert hand.post("/servers/Uno/suspend")["status"] == "suspended"
    assert status_of(demo)["is_suspended"]
    assert process.is_suspended
    assert hand.post("/servers/Uno/unsuspend")["status"] is None
    assert not process.is_suspended


def test_a_node_that_does_not_answer_is_no_obstacle_by_hand(hand: Hand, demo: Demo) -> None:
    demo.set_condition("node-down")
    assert hand.post("/servers/Uno/suspend")["status"] == "suspended"


@pytest.mark.parametrize("status", ["installing", "install_failed", "reinstall_failed", "restoring_backup", None])
def test_any_status_by_hand(hand: Hand, demo: Demo, status: str | None) -> None:
    assert hand.post(f"/servers/{demo.world.servers[0].identifier}/status", {"status": status})["status"] == status
    assert status_of(demo)["status"] == status
    assert demo.processes[demo.world.servers[0].uuid].is_busy is (status in ("installing", "restoring_backup"))


def test_a_transfer_by_hand(hand: Hand, demo: Demo) -> None:
    assert hand.post("/servers/1/transfer", {"is_transferring": True})["is_transferring"] is True
    assert status_of(demo)["is_transferring"]
    assert hand.post("/servers/1/transfer", {"is_transferring": False})["is_transferring"] is False


def test_another_owner_by_hand(hand: Hand, demo: Demo) -> None:
    ask = Asker(demo)
    path = ask.server("Uno")
    assert hand.post("/servers/Uno/owner", {"user": "nobody"})["owner"] == "nobody"
    assert ask.get("nobody", path).json["meta"]["is_server_owner"] is True  # type: ignore[index]
    assert ask.get("kim", path).status_code == 404
    assert ask.get("lee", path).status_code == 200


def test_a_server_is_deleted_by_hand(hand: Hand, demo: Demo) -> None:
    ask = Asker(demo)
    path = ask.server("Uno")
    assert hand.post("/servers/Uno/delete")["is_there"] is False
    assert ask.get("kim", path).status_code == 404
    assert [one.server for one in demo.world.allocations if one.port in (4000, 4001)] == [None] * 3


def test_rewinding_brings_back_the_rows_and_their_ids(hand: Hand, demo: Demo) -> None:
    ask = Asker(demo)
    path = ask.server("Uno")
    assert hand.post("/snapshot") == {"snapshots": ["default"]}
    server, before = demo.world.servers[0], ask.get("kim", path).json
    made = [ask.post("kim", "/api/client/account/api-keys", {"description": "x"}).status_code]
    logs = len(demo.world.activity_logs)
    ask.post("kim", path + "/settings/rename", {"name": "New"})
    hand.post("/servers/New/owner", {"user": "nobody"})
    hand.post("/servers/New/delete")
    assert hand.post("/rewind") == {"rewound_to": "default", "servers": 3}
    assert (ask.get("kim", path).json, demo.world.servers[0] is server, made) == (before, True, [200])
    assert len(demo.world.activity_logs) < logs
    assert (ask.post("kim", path + "/power", {"signal": "start"}).status_code) == 204
    assert len([key for key in demo.world.api_keys if key.user.username == "kim"]) == 1


def test_rewinding_twice_and_by_name(hand: Hand, demo: Demo) -> None:
    ask = Asker(demo)
    for name in ("First", "Second"):
        ask.post("kim", f"/api/client/servers/{demo.world.servers[0].identifier}/settings/rename", {"name": name})
        hand.post("/snapshot", {"name": name})
    for name in ("First", "Second", "First"):
        hand.post("/rewind", {"name": name})
        assert demo.world.servers[0].name == name


def test_rewinding_keeps_the_condition(hand: Hand, demo: Demo) -> None:
    hand.post("/condition", {"condition": "install-failed"})
    hand.post("/snapshot")
    hand.post("/condition", {"condition": "node-maintenance"})
    hand.post("/rewind")
    assert (demo.condition, demo.world.servers[0].status, demo.world.nodes[0].maintenance_mode) == (
        "node-maintenance", None, True)
    hand.post("/condition", {"condition": None})
    assert demo.world.nodes[0].maintenance_mode is False


def test_rewinding_gives_ids_out_again(hand: Hand, demo: Demo) -> None:
    hand.post("/snapshot")
    first = demo.world.next_id("servers")
    hand.post("/rewind")
    assert demo.world.next_id("servers") == first


def test_sockets_are_counted_and_acted_upon(hand: Hand) -> None:
    assert hand.get("/sockets") == {"sockets": {"Box": 0}}
    for document in (
        {"act": "close", "code": 4409, "reason": "suspended"}, {"act": "reset"}, {"act": "stall", "seconds": 1},
        {"act": "stall"}, {"act": "resume"}, {"act": "flood", "lines": 5, "length": 9}, {"act": "huge", "size": 10},
        {"act": "send", "event": "from the future", "args": ["x"]}, {"act": "restart", "node": "Box"},
        {"act": "close", "server": "Uno"},
    ):
        assert hand.post("/sockets", document) == {"act": document["act"], "sockets": 0}


def test_a_restart_of_a_node_refuses_what_was_signed_before(hand: Hand, demo: Demo, clock: ManualClock) -> None:
    clock.advance(60)
    hand.post("/sockets", {"act": "restart"})
    assert {node.booted_at for node in demo.nodes.values()} == {clock.now()}


NONSENSE: list[tuple[str, str, Any, int]] = [
    ("GET", "/nothing", None, 404), ("GET", "/condition", None, 405), ("PUT", "/knobs", None, 405),
    ("POST", "/condition", "{", 400), ("POST", "/condition", "[]", 400), ("POST", "/condition", "[" * 100_000, 400),
    ("POST", "/condition", b"\xff", 400),
    ("POST", "/condition", {"condition": "rain"}, 400), ("POST", "/condition", {}, 400),
    ("POST", "/condition", {"condition": ["node-down"]}, 400),
    ("POST", "/condition", {"condition": None, "more": 1}, 400),
    ("POST", "/knobs", {}, 400), ("POST", "/knobs", {"fault": "rain"}, 400), ("DELETE", "/knobs/7", None, 404),
    ("DELETE", "/knobs/x", None, 404), ("POST", "/knobs", {"fault": {"a": 1}}, 400),
    ("POST", "/clock", {}, 400), ("POST", "/clock", {"advance": "1"}, 400), ("POST", "/clock", {"rate": -1}, 400),
    ("POST", "/clock", {"advance": True}, 400), ("POST", "/clock", "{\"advance\": 1e999}", 400),
    ("POST", "/clock", "{\"advance\": NaN}", 400),
    ("GET", "/calls?last=x", None, 400), ("GET", "/calls?last=-1", None, 400),
    ("POST", "/servers/none/suspend", None, 404), ("POST", "/servers/Uno/dance", None, 404),
    ("POST", "/servers/Uno/status", {"status": "fine"}, 400), ("POST", "/servers/Uno/status", {}, 400),
    ("POST", "/servers/Uno/status", {"status": {}}, 400),
    ("POST", "/servers/Uno/owner", {"user": "none"}, 404), ("POST", "/servers/Uno/owner", {}, 400),
    ("POST", "/servers/Uno/transfer", {"is_transferring": 1}, 400), ("POST", "/servers/Uno/suspend", {"x": 1}, 400),
    ("POST", "/rewind", None, 404), ("POST", "/rewind", {"name": 1}, 400), ("POST", "/snapshot", {"name": ""}, 400),
    ("POST", "/sockets", {}, 400), ("POST", "/sockets", {"act": "hug"}, 400), ("POST", "/sockets", {"act": []}, 400),
    ("POST", "/sockets", {"act": "close", "code": 7}, 400), ("POST", "/sockets", {"act": "close", "code": 1000.5}, 400),
    ("POST", "/sockets", {"act": "close", "node": "Other"}, 404), ("POST", "/sockets", {"act": "send"}, 400),
    ("POST", "/sockets", {"act": "send", "event": "x", "args": [1]}, 400),
    ("POST", "/sockets", {"act": "reset", "server": "none"}, 404), ("POST", "/sockets", {"act": "reset", "x": 1}, 400),
    ("POST", "/sockets", {"act": "flood", "lines": 0}, 400),
    ("POST", "/sockets", {"act": "stall", "seconds": "x"}, 400),
    ("POST", "/outage", {"seconds": 1}, 409), ("POST", "/outage", {}, 400),
    ("POST", "/knobs", "x" * (1024 * 1024 + 1), 413),
]


@pytest.mark.parametrize(("method", "path", "document", "status"), NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_with_a_sentence(hand: Hand, demo: Demo, method: str, path: str, document: Any,
                                             status: int) -> None:
    before = demo.clock.now()
    answer = hand(method, path, document)
    assert answer.status_code == status
    assert json.loads(answer.data).keys() == {"error"}
    assert (demo.condition, demo.knobs.all(), demo.clock.now()) == (None, [], before)


@pytest.mark.parametrize("options", [
    {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}, {"environ_base": {"REMOTE_ADDR": "nobody"}},
    {"headers": {"Origin": "http://evil.example"}}, {"headers": {"Host": "evil.example:8001"}},
    {"headers": {"Host": "evil.example", "Origin": "http://evil.example"}},
], ids=["another machine", "nobody", "another page", "another name", "a page whose name leads here"])
def test_only_from_this_machine_and_from_no_other_page(hand: Hand, options: dict[str, Any]) -> None:
    assert hand("GET", "/state", **options).status_code == 403
    assert hand("GET", "/state", headers={"Origin": "http://localhost"}).status_code == 200
    for name in ("127.0.0.1:8001", "127.0.0.1", "[::1]:8001", "LOCALHOST:8001"):
        assert hand("GET", "/state", headers={"Host": name}).status_code == 200
