"""Power, commands, resources and the websocket token."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from portal.demo import Demo, ManualClock
from tests.demo.conftest import Asker, says


def state(ask: Asker, clock: ManualClock) -> str:
    """Past the panel's cache."""
    clock.advance(20)
    return str(ask.get("kim", ask.server("Uno") + "/resources").json["attributes"]["current_state"])


def test_resources_are_kept_for_20_seconds_and_shared(ask: Asker, clock: ManualClock) -> None:
    path = ask.server("Uno") + "/resources"
    assert ask.get("kim", path).json["attributes"]["current_state"] == "offline"
    ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"})
    clock.advance(19)
    assert ask.get("lee", path).json["attributes"]["current_state"] == "offline"
    clock.advance(1)
    running = ask.get("lee", path).json["attributes"]
    assert running["current_state"] == "running"
    assert running["resources"]["uptime"] == 20_000
    assert running["resources"]["memory_bytes"] > 0


def test_failures_are_not_kept(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno") + "/resources"
    demo.set_condition("node-down")
    assert ask.get("kim", path).status_code == 504
    demo.set_condition(None)
    assert ask.get("kim", path).status_code == 200
    demo.set_condition("node-down")
    assert ask.get("kim", path).status_code == 200


def test_power_signals(ask: Asker, clock: ManualClock) -> None:
    path = ask.server("Uno") + "/power"
    for signal, becomes in (("stop", "offline"), ("start", "running"), ("start", "running"), ("restart", "running"),
                            ("stop", "offline"), ("restart", "running"), ("kill", "offline")):
        assert ask.post("kim", path, {"signal": signal}).status_code == 204
        assert state(ask, clock) == becomes


@pytest.mark.parametrize(("body", "rules"), [
    ({}, ["required"]), ({"signal": None}, ["required"]), ({"signal": "explode"}, ["in"]),
    ({"signal": 5}, ["string", "in"]), ({"signal": ["start"]}, ["string", "in"]), ({"signal": []}, ["required"]),
    ({"signal": True}, ["string", "in"]), ({"signal": "START"}, ["in"]), ({"signal": "  "}, ["required"]),
])
def test_refused_signals(ask: Asker, body: dict[str, object], rules: list[str]) -> None:
    answer = ask.post("kim", ask.server("Uno") + "/power", body)
    assert answer.status_code == 422
    assert [error["meta"] for error in answer.json["errors"]] == [
        {"source_field": "signal", "rule": rule} for rule in rules]


def test_a_subusers_signals(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno") + "/power"
    allowed = {signal: ask.post("lee", path, {"signal": signal}).status_code
               for signal in ("start", "stop", "kill", "restart", "explode")}
    assert allowed == {"start": 204, "stop": 403, "kill": 403, "restart": 403, "explode": 403}
    assert ask.post("lee", path, {"signal": True}).status_code == 422
    assert ask.post("lee", path, {"signal": ["start"]}).status_code == 403
    demo.world.servers[0].subusers[0].permissions = ["control.stop"]
    assert ask.post("lee", path, {"signal": "kill"}).status_code == 204


@pytest.mark.parametrize(("body", "rules"), [
    ({}, ["required"]), ({"command": "  "}, ["required"]), ({"command": []}, ["required"]),
    ({"command": 5}, ["string"]), ({"command": ["say hi"]}, ["string"]), ({"command": False}, ["string", "min"]),
])
def test_refused_commands(ask: Asker, body: dict[str, object], rules: list[str]) -> None:
    answer = ask.post("kim", ask.server("Uno") + "/command", body)
    assert answer.status_code == 422
    assert [error["meta"]["rule"] for error in answer.json["errors"]] == rules


def test_command_needs_a_running_server(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno")
    assert says(ask.post("kim", path + "/command", {"command": "list"})) == (
        502, "HttpException", "Server must be online in order to send commands.")
    ask.post("kim", path + "/power", {"signal": "start"})
    assert ask.post("lee", path + "/command", {"command": "list"}).status_code == 204
    assert demo.processes[demo.world.servers[0].uuid].commands == ["list"]
    demo.world.servers[0].subusers[0].permissions = ["control.start"]
    assert ask.post("lee", path + "/command", {"command": "list"}).status_code == 403


def test_the_nodes_own_refusal_is_quoted(ask: Asker, demo: Demo) -> None:
    demo.processes[demo.world.servers[0].uuid].is_suspended = True
    code, name, detail = says(ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"}))
    assert (code, name) == (400, "DaemonConnectionException")
    assert detail.startswith("An error occurred on the remote host: Cannot start or restart a server that is "
                             "suspended.. (request id: ")


def test_websocket_token(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    demo.base = "https://panel.example.org/"
    server, lee = demo.world.servers[0], demo.world.users[2]
    data = ask.get("lee", ask.server("Uno") + "/websocket").json["data"]
    assert data["socket"] == f"wss://box.example.org:8443/api/servers/{server.uuid}/ws"
    signed, _, signature = data["token"].rpartition(".")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
    expected = hmac.digest(server.node.daemon_token.encode(), signed.encode(), "sha256")
    assert base64.urlsafe_b64decode(signature + "=") == expected
    jti = hashlib.md5(f"{lee.id}{server.uuid}".encode()).hexdigest()
    assert header == {"typ": "JWT", "alg": "HS256", "jti": jti}
    assert len(claims.pop("unique_id")) == 16
    now = int(clock.now())
    assert claims == {
        "iss": "https://panel.example.org", "aud": ["https://box.example.org:8443"], "jti": jti, "iat": now,
        "nbf": now - 300, "exp": now + 600, "server_uuid": server.uuid, "user_uuid": lee.uuid, "user_id": lee.id,
        "permissions": ["control.start", "control.console", "websocket.connect"]}


def test_websocket_without_permission(ask: Asker, demo: Demo) -> None:
    demo.world.servers[0].subusers[0].permissions = ["file.read"]
    assert says(ask.get("lee", ask.server("Uno") + "/websocket")) == (
        403, "HttpForbiddenException", "You do not have permission to connect to this server's websocket.")
