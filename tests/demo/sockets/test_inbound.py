"""What a peer may ask for."""
from __future__ import annotations

import json

import pytest
import websocket

from portal.demo.wings.usage import Profile
from tests.demo.conftest import Asker
from tests.demo.sockets.peers import Peer, Place
from tests.demo.sockets.test_auth import GENERIC, bare

LOCKED = "another power action is currently being processed for this server, please try again later"


def texts(peer: Peer, event: str = "console output") -> list[str]:
    return [told[1] for told in peer.settled() if told[0] == event]


@pytest.mark.parametrize("frame", [
    "", "no json", "[]", "7", '"auth"', '{"event": 7}', '{"event": "send stats", "args": "text"}',
    '{"event": "send stats", "args": [1]}', '{"event": "send stats", "args": [["x"]]}',
    '{"event": "send stats", "args": {}}', '{"event": "send stats"} {"event": "send stats"}',
    '{"event": "send stats", "args": NaN}',
])
def test_what_does_not_decode_is_dropped_without_a_word(place: Place, frame: str) -> None:
    peer = place.join()
    peer.socket.send(frame)
    assert peer.settled() == []


@pytest.mark.parametrize("frame", [
    '{"event": "send stats", "args": [null]}', '{"event": "send stats"}', '{"event": "send stats", "args": null}',
    '{"EVENT": "send stats", "more": {"is": ["ignored"]}}',
])
def test_null_arguments_and_unknown_fields_are_fine(place: Place, frame: str) -> None:
    peer = place.join()
    peer.socket.send(frame)
    assert [told[0] for told in peer.settled()] == ["stats"]


def test_binary_frames_count_as_text(place: Place) -> None:
    peer = place.join()
    peer.socket.send_binary(b'{"event": "send stats"}')
    assert [told[0] for told in peer.settled()] == ["stats"]


def test_there_is_no_read_limit(place: Place) -> None:
    peer = place.join()
    peer.send("send stats", "x" * 3_000_000)
    assert [told[0] for told in peer.settled()] == ["stats"]


@pytest.mark.parametrize("event", ["stats", "status", "console output", "deleted", "hello"])
def test_unknown_events_are_ignored(place: Place, event: str) -> None:
    peer = place.join()
    peer.send(event, "x")
    assert peer.settled() == []


def test_messages_are_handled_without_an_order(place: Place) -> None:
    """A peer that does not wait for `auth success` may be told that there is no token."""
    place.node.socket_faults.reorders = True
    peer = place.open()
    peer.send("auth", place.token("kim"))
    peer.send("send logs")
    told = peer.settled()
    assert told[:2] == [("jwt error", "jwt: no jwt present"), ("auth success",)]
    peer.send("send stats")
    assert peer.settled() == []
    place.pass_time(0.25)
    assert [one[0] for one in peer.settled()] == ["stats"]


@pytest.mark.parametrize(("action", "permission"), [
    ("start", "control.start"), ("stop", "control.stop"), ("restart", "control.restart"), ("kill", "control.stop"),
])
def test_power_needs_its_permission_and_is_silent_without(place: Place, action: str, permission: str) -> None:
    process = place.process("Uno")
    if action != "start":
        place.run("Uno")
    before = process.state
    every = {"control.start", "control.stop", "control.restart", "control.console"}
    without = place.join("lee", permissions=["websocket.connect", *(every - {permission})])
    without.send("set state", action)
    assert (without.settled(), process.state) == ([], before)
    peer = place.join("lee", permissions=["websocket.connect", permission])
    peer.send("set state", action[:2], action[2:])
    states = texts(peer, "status")
    assert states == {"start": ["starting"], "kill": ["stopping", "offline"]}.get(action, ["stopping"])
    assert process.state == states[-1]


@pytest.mark.parametrize(("action", "state", "text"), [
    ("start", "running", "server is running"),
    ("fly", "offline", "attempting to handle unknown power action"),
    ("start", "suspended", "server is currently in a suspended state"),
    ("start", "installing", "server is currently installing"),
    ("kill", "installing", "server is currently installing"),
    ("start", "transferring", "server is currently being transferred"),
    ("restart", "restoring", "server is currently being restored"),
])
def test_refused_power_is_told_to_whom_may_read_errors(place: Place, action: str, state: str, text: str) -> None:
    process = place.process("Uno")
    if state == "running":
        place.run("Uno")
    elif state == "suspended":
        place.server("Uno").status = "suspended"
    elif state != "offline":
        process.is_busy, process.busy_with = True, state  # type: ignore[assignment]
    admin, owner = place.join("chief"), place.join("kim")
    for peer, expected in ((admin, text), (owner, GENERIC)):
        peer.send("set state", action)
        (told,) = peer.settled()
        assert bare(told) == ("daemon error", expected)


def test_everybody_may_read_that_another_action_is_at_work(place: Place) -> None:
    place.run("Uno")
    peer = place.join("kim")
    peer.send("set state", "stop")
    peer.settled()
    peer.send("set state", "restart")
    (told,) = peer.settled()
    assert bare(told) == ("daemon error", LOCKED)
    peer.send("set state", "kill")
    assert texts(peer, "status") == ["offline"]


def test_refused_power_over_http_is_silent(place: Place, ask: Asker) -> None:
    place.run("Uno")
    peer = place.join("kim")
    assert ask.post("kim", f"{ask.server('Uno')}/power", {"signal": "start"}).status_code == 204
    assert peer.settled() == []


def test_a_command_is_shown_and_answered(place: Place) -> None:
    process = place.run("Uno")
    peer = place.join("lee")
    peer.send("send command", "say ", "hello")
    assert texts(peer) == ["say hello"]
    assert process.commands == ["say hello"]


def test_commands_to_an_offline_server_or_without_permission_are_dropped(place: Place) -> None:
    process = place.process("Uno")
    peer = place.join("kim")
    peer.send("send command", "say hello")
    assert peer.settled() == []
    place.run("Uno")
    without = place.join("lee", permissions=["websocket.connect", "control.start"])
    without.send("send command", "say hello")
    assert (without.settled(), process.commands) == ([], [])


def test_typing_the_eggs_stop_command_means_stopping(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    peer.send("send command", "stop")
    assert texts(peer, "status") == ["stopping"]
    place.pass_time(2)
    assert texts(peer, "status") == ["offline"]


def test_logs_come_only_when_asked_for(place: Place) -> None:
    process = place.run("Uno")
    for number in range(200):
        process.console.print(f"line {number}")
    process.say("a line of the node's own")
    peer = place.join("lee")
    assert peer.settled() == []
    peer.send("send logs")
    assert texts(peer) == [f"line {number}" for number in range(50, 200)]
    place.node.config.websocket_log_count = 2
    peer.send("send logs")
    assert texts(peer) == ["line 198", "line 199"]


def test_there_are_no_logs_of_a_stopped_server(place: Place) -> None:
    process = place.run("Uno")
    process.console.print("a line")
    process.power("kill")
    peer = place.join()
    peer.send("send logs")
    assert peer.settled() == []


def test_logs_begin_anew_at_each_start(place: Place) -> None:
    process = place.run("Uno")
    process.console.print("from before")
    process.power("kill")
    process.power("start")
    peer = place.join()
    peer.send("send logs")
    lines = texts(peer)
    assert lines
    assert "from before" not in lines


@pytest.mark.parametrize("is_up", [True, False])
def test_stats_are_answered_in_any_state_in_the_structs_order(place: Place, is_up: bool) -> None:
    if is_up:
        place.run("Uno")
    peer = place.join("lee", permissions=["websocket.connect"])
    peer.send("send stats")
    (text,) = texts(peer, "stats")
    document = json.loads(text)
    assert list(document) == ["memory_bytes", "memory_limit_bytes", "cpu_absolute", "network", "uptime", "state",
                              "disk_bytes"]
    assert document["state"] == ("running" if is_up else "offline")
    assert (document["uptime"] > 0) is is_up


def test_a_ping_gets_its_pong(place: Place) -> None:
    peer = place.open()
    peer.socket.ping(b"are you there")
    opcode, data = peer.socket.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"are you there")


@pytest.mark.parametrize("code", [1000, 1001, 4321])
def test_a_peer_that_closes_gets_its_code_back(place: Place, code: int) -> None:
    peer = place.join()
    peer.socket.send_close(code, b"enough")
    assert peer.closing() == (code, "")


def test_power_and_commands_are_reported_as_the_tokens_users_doing(place: Place) -> None:
    place.process("Uno").profile = Profile(start_seconds=0.0)
    peer = place.join("lee")
    peer.send("set state", "start")
    peer.settled()
    place.pass_time(1)
    peer.send("send command", "list")
    peer.send("set state", "fly")
    peer.settled()
    told = [(log.event, log.actor and log.actor.username, log.ip, log.properties, log.subjects, log.is_api)
            for log in place.demo.world.activity_logs[-2:]]
    subjects = (place.server("Uno"),)
    assert told == [("server:power.start", "lee", "192.0.2.99", {}, subjects, False),
                    ("server:console.command", "lee", "192.0.2.99", {"command": "list"}, subjects, False)]
