"""Faults of websockets, turned by knobs and by the control API, over real sockets."""
from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.demo import build
from portal.demo.served import Served
from tests.demo.test_serving_nodes import frame, heard_until, shake_hands
from tests.demo.wire_support import PATIENCE_SECONDS, ask, fetch
from tests.demo.worlds import FIXTURE
from tests.support.waiting import until


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0, control=True)) as running:
        yield running


STATS = b'}"]}\n'
"""How the frame with a server's figures ends, and no other one of those that come with it."""


def told(served: Served) -> dict[str, str]:
    path = f"/api/client/servers/{served.demo.world.servers[0].identifier}/websocket"
    found: dict[str, str] = ask(served, "kim", path).json["data"]
    return found


def shaken(served: Served, data: dict[str, str]) -> socket.socket:
    return shake_hands(served.demo.addresses["Box"], urlsplit(data["socket"]).path, served.demo.base)


def opened(served: Served) -> socket.socket:
    data = told(served)
    connection = shaken(served, data)
    heard_until(connection, b"\r\n\r\n")
    connection.sendall(frame({"event": "auth", "args": [data["token"]]}))
    return connection


def authenticated(served: Served) -> socket.socket:
    """Nothing more is to come: the server is offline."""
    connection = opened(served)
    heard_until(connection, STATS)
    return connection


def act(served: Served, **document: Any) -> Any:
    answer = fetch(served.demo.base, "/_demo/sockets", "POST", document)
    assert answer.status == 200, answer.body
    return answer.json


def knob(served: Served, fault: str, **settings: Any) -> None:
    assert fetch(served.demo.base, "/_demo/knobs", "POST",
                 {"where": "socket", "fault": fault, "settings": settings}).status == 200


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4409])
def test_a_close_code(served: Served, code: int) -> None:
    with authenticated(served) as connection:
        assert act(served, act="close", code=code, reason="so")["sockets"] == 1
        assert code.to_bytes(2, "big") + b"so" in heard_until(connection, b"so")


def test_a_reset(served: Served) -> None:
    with authenticated(served) as connection:
        act(served, act="reset", node="Box", server="Uno")
        with pytest.raises(ConnectionResetError):
            list(iter(lambda: connection.recv(65536), b""))


def test_only_the_sockets_of_one_server(served: Served) -> None:
    with authenticated(served) as connection:
        assert act(served, act="reset", server="Tre")["sockets"] == 0
        connection.sendall(frame({"event": "send stats", "args": []}))
        heard_until(connection, b'"stats"')


def test_half_open_until_it_is_resumed(served: Served) -> None:
    with authenticated(served) as connection:
        act(served, act="stall")
        act(served, act="send", event="waiting")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(PATIENCE_SECONDS)
        act(served, act="resume")
        heard_until(connection, b"waiting")


def test_a_flood(served: Served) -> None:
    with authenticated(served) as connection:
        act(served, act="flood", lines=50, length=20)
        assert heard_until(connection, b"49 xx").count(b'"console output"') == 50


def test_a_huge_frame(served: Served) -> None:
    with authenticated(served) as connection:
        act(served, act="huge", size=1_000_000)
        assert heard_until(connection, b'x"]}').count(b"x") > 999_999


def test_an_event_of_the_future(served: Served) -> None:
    with authenticated(served) as connection:
        act(served, act="send", event="from the future", args=["x", "y"])
        heard_until(connection, b'{"event":"from the future","args":["x","y"]}')


def test_messages_in_pieces(served: Served) -> None:
    knob(served, "fragment", characters=4)
    with opened(served) as connection:
        assert b"\x01\x04" in heard_until(connection, b'{"ev')


def test_tokens_are_refused_while_the_knob_is_turned(served: Served) -> None:
    knob(served, "refuse-tokens")
    with opened(served) as connection:
        heard_until(connection, b"jwt error")
        assert fetch(served.demo.base, "/_demo/knobs", "DELETE").json == {"cleared": 1}
        connection.sendall(frame({"event": "auth", "args": [told(served)["token"]]}))
        heard_until(connection, b"auth success")


def test_no_origin_is_good_enough(served: Served) -> None:
    knob(served, "refuse-origin")
    with shaken(served, told(served)) as connection:
        assert heard_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 403 ")


def test_a_token_is_looked_at_late(served: Served) -> None:
    knob(served, "delay-auth", seconds=3600)
    with opened(served) as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(PATIENCE_SECONDS)
        fetch(served.demo.base, "/_demo/clock", "POST", {"advance": 3601})
        heard_until(connection, b"jwt error")


def test_a_handshake_is_refused_by_a_knob_of_the_node(served: Served) -> None:
    served.demo.knobs.turn({"where": "node", "fault": "status", "settings": {"status": 400, "detail": "too many"},
                            "match": {"path": "*/ws"}})
    with shaken(served, told(served)) as connection:
        assert heard_until(connection, b"too many").startswith(b"HTTP/1.1 400 ")


def test_a_restart_cuts_sockets_and_refuses_older_tokens(served: Served) -> None:
    data = told(served)
    with authenticated(served) as connection:
        fetch(served.demo.base, "/_demo/clock", "POST", {"advance": 5})
        act(served, act="restart", node="Box")
        with pytest.raises(ConnectionResetError):
            list(iter(lambda: connection.recv(65536), b""))
    with shaken(served, data) as again:
        heard_until(again, b"\r\n\r\n")
        again.sendall(frame({"event": "auth", "args": [data["token"]]}))
        heard_until(again, b"jwt: created too far in past")


def test_a_websocket_is_written_down_when_it_ends(served: Served) -> None:
    with authenticated(served):
        assert fetch(served.demo.base, "/_demo/sockets").json == {"sockets": {"Box": 1}}
        act(served, act="reset")

    def calls() -> list[Any]:
        return [call for call in served.demo.log.all if call.path.endswith("/ws")]

    until(calls)
    assert [(call.where, call.status) for call in calls()] == [("Box", 101)]
