"""Every condition on a node's own address: connections, signed links, websockets and the panel's calls."""
from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from portal.demo import CONDITIONS, build
from portal.demo.conditions import ANOTHER_KEY
from portal.demo.served import Served
from tests.demo.test_knobs_sockets import STATS
from tests.demo.test_serving_nodes import frame, heard_until, shake_hands
from tests.demo.wire_support import PATIENCE_SECONDS, Reply, ask, fetch, is_listening, said
from tests.demo.worlds import FIXTURE


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as running:
        yield running


def path_of(served: Served) -> str:
    return f"/api/client/servers/{served.demo.world.servers[0].identifier}"


def node_of(served: Served) -> str:
    return served.demo.addresses["Box"]


def link(served: Served) -> str:
    """A new link to a file, as path and query."""
    parts = urlsplit(ask(served, "kim", f"{path_of(served)}/files/download?file=a.txt").json["attributes"]["url"])
    return f"{parts.path}?{parts.query}"


def as_the_panel(served: Served) -> Reply:
    """The panel's own question to the node."""
    token = served.demo.world.nodes[0].daemon_token
    return fetch(node_of(served), f"/api/servers/{served.demo.world.servers[0].uuid}", Authorization=f"Bearer {token}")


def opened(served: Served) -> tuple[socket.socket, str]:
    """A websocket whose handshake is sent, and the token for it."""
    told = ask(served, "kim", path_of(served) + "/websocket").json["data"]
    return shake_hands(node_of(served), urlsplit(told["socket"]).path, served.demo.base), told["token"]


def authenticated(served: Served) -> socket.socket:
    """Nothing more is to come by itself: the server is offline."""
    connection, token = opened(served)
    heard_until(connection, b"\r\n\r\n")
    connection.sendall(frame({"event": "auth", "args": [token]}))
    heard_until(connection, STATS)
    return connection


@pytest.mark.parametrize("condition", [name for name in CONDITIONS if not name.startswith("node-")]
                         + ["node-maintenance"])
def test_what_is_no_fault_of_the_node_leaves_it_alone(served: Served, condition: str) -> None:
    path = link(served)
    connection = authenticated(served)
    served.demo.set_condition(condition)
    with connection:
        connection.sendall(frame({"event": "send stats", "args": []}))
        heard_until(connection, b'"stats"')
    assert fetch(node_of(served), path).body == b"12345"
    assert as_the_panel(served).status == 200


def test_node_down_closes_the_address_and_opens_it_again(served: Served) -> None:
    path, address = link(served), node_of(served)
    connection = authenticated(served)
    served.demo.set_condition("node-down")
    with connection:
        assert not is_listening(address)
        while connection.recv(65536):
            pass
    assert is_listening(served.demo.base), "the panel is another program"
    served.demo.set_condition(None)
    assert fetch(address, path).body == b"12345"
    authenticated(served).close()


def test_node_down_from_the_start() -> None:
    with Served(build(fixture=FIXTURE, condition="node-down")) as served:
        assert not is_listening(node_of(served))
        served.demo.set_condition(None)
        assert as_the_panel(served).status == 200


@pytest.mark.parametrize("what", ["link", "websocket", "panel"])
def test_node_hangs_accepts_and_never_answers(served: Served, what: str) -> None:
    uuid = served.demo.world.servers[0].uuid
    wanted = {"link": link(served), "websocket": f"/api/servers/{uuid}/ws", "panel": f"/api/servers/{uuid}"}[what]
    served.demo.set_condition("node-hangs")
    heard: list[bytes] = []
    with shake_hands(node_of(served), wanted, served.demo.base) as connection:
        listener = threading.Thread(target=lambda: heard.append(connection.recv(1)), daemon=True)
        listener.start()
        listener.join(0.3)
        assert heard == []
        served.demo.set_condition(None)
        listener.join(PATIENCE_SECONDS)
    assert heard == [b""], "it ends without a byte"


def test_a_websocket_that_stands_falls_silent_while_the_node_hangs(served: Served) -> None:
    connection = authenticated(served)
    with connection:
        served.demo.set_condition("node-hangs")
        connection.sendall(frame({"event": "send stats", "args": []}))
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(PATIENCE_SECONDS)
        served.demo.set_condition(None)
        heard_until(connection, b'"stats"')


@pytest.mark.parametrize("what", ["link", "websocket", "panel", "nothing"])
def test_node_garbage_is_a_page_for_everything(served: Served, what: str) -> None:
    path, uuid = link(served), served.demo.world.servers[0].uuid
    wanted = {"link": path, "websocket": f"/api/servers/{uuid}/ws", "panel": f"/api/servers/{uuid}", "nothing": "/"}
    served.demo.set_condition("node-garbage")
    heard = said(node_of(served), f"GET {wanted[what]} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nOrigin: "
                                  f"{served.demo.base}\r\nConnection: close\r\n\r\n".encode())
    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.endswith(b"<html><body>It works!</body></html>")
    served.demo.set_condition(None)
    assert fetch(node_of(served), path).body == b"12345", "nobody has touched the link"


@pytest.mark.parametrize("condition", ["node-garbage", "node-refuses"])
def test_a_websocket_that_stands_is_cut_when_the_node_is_another_one(served: Served, condition: str) -> None:
    connection = authenticated(served)
    served.demo.set_condition(condition)
    with connection, pytest.raises(ConnectionResetError):
        list(iter(lambda: connection.recv(65536), b""))


def test_node_refuses_knows_neither_the_panels_key_nor_its_signature(served: Served) -> None:
    path = link(served)
    connection, token = opened(served)
    connection.close()
    served.demo.set_condition("node-refuses")
    assert as_the_panel(served).status == 403
    assert fetch(node_of(served), path).status == 500
    uuid = served.demo.world.servers[0].uuid
    with shake_hands(node_of(served), f"/api/servers/{uuid}/ws", served.demo.base) as other:
        heard_until(other, b"\r\n\r\n")
        other.sendall(frame({"event": "auth", "args": [token]}))
        assert b"daemon error" in heard_until(other, b"}")
    assert fetch(node_of(served), f"/api/servers/{uuid}", Authorization=f"Bearer {ANOTHER_KEY}").status == 200
    served.demo.set_condition(None)
    assert as_the_panel(served).status == 200
    assert fetch(node_of(served), path).body == b"12345"


def test_conditions_in_sequence_restore_every_address(served: Served) -> None:
    addresses = (served.demo.base, node_of(served))
    for name in (*CONDITIONS, *reversed(CONDITIONS)):
        served.demo.set_condition(name)
        assert is_listening(node_of(served)) is (name != "node-down")
    served.demo.set_condition(None)
    assert addresses == (served.demo.base, node_of(served))
    assert fetch(node_of(served), link(served)).body == b"12345"
    assert json.loads(as_the_panel(served).body)["state"] == "offline"
    authenticated(served).close()
