"""A demo on real sockets: where its nodes are, what they answer there, and what keeps its time."""
from __future__ import annotations

import base64
import http.client
import io
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from portal.demo import Clock, Demo, ManualClock, build
from portal.demo.served import CannotListen, Served
from tests.demo.wire_support import PATIENCE_SECONDS, ask, connected, fetch, is_listening, key_of
from tests.demo.worlds import FIXTURE
from tests.support.waiting import held_port, port_of

LOCAL = {**FIXTURE, "nodes": [{**FIXTURE["nodes"][0], "fqdn": "127.0.0.1", "scheme": "http", "daemon_listen": 8081}]}


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as running:
        yield running


def path_of(demo: Demo, name: str = "Uno") -> str:
    server = next(server for server in demo.world.servers if server.name == name)
    return f"/api/client/servers/{server.identifier}"


def test_each_node_is_where_its_row_says(served: Served) -> None:
    (row,) = served.demo.world.nodes
    address = served.demo.addresses["Box"]
    assert (row.fqdn, row.scheme, row.connection_address) == ("127.0.0.1", "http", address)
    assert row.daemon_listen == urlsplit(address).port
    assert fetch(address, "/api/servers").status == 401
    assert served.demo.world_file()["nodes"] == {"Box": address}


def test_a_world_that_lies_on_the_loopback_interface_keeps_its_port_and_is_dialled_elsewhere() -> None:
    with Served(build(fixture=LOCAL)) as served:
        (row,) = served.demo.world.nodes
        assert (row.daemon_listen, row.connection_address) == (8081, served.demo.addresses["Box"])
        token = ask(served, "kim", path_of(served.demo) + "/websocket").json["data"]
        assert token["socket"].startswith(served.demo.addresses["Box"].replace("http", "ws") + "/api/servers/")


def test_a_dead_node_is_not_dialled() -> None:
    with Served(build()) as served:
        dead = next(node for node in served.demo.world.nodes if node.name == "nyc-1")
        assert sorted(served.demo.addresses) == ["fra-1", "fra-2"]
        assert dead.fqdn == "nyc-1.example.com"


def test_nothing_is_changed_in_a_world_that_is_not_served() -> None:
    names = {node.fqdn.removesuffix(".example.com") for node in build().world.nodes}
    assert names == {"fra-1", "fra-2", "nyc-1"}


def test_nodes_take_ports_in_their_order() -> None:
    with held_port() as held, Served(build(fixture=FIXTURE), node_port=port_of(held)) as served:
        assert served.demo.addresses == {"Box": f"http://127.0.0.1:{port_of(held)}"}


def test_a_taken_port_is_named_and_nothing_is_left_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        demo = build(fixture=FIXTURE)
        with pytest.raises(CannotListen) as refused:
            Served(demo, node_port=port)
    assert (refused.value.port, refused.value.strerror) == (port, "Address already in use")
    assert not is_listening(demo.base)


def test_closing_frees_every_address() -> None:
    demo = build(fixture=FIXTURE, backup_disk="s3")
    served = Served(demo)
    addresses = [demo.base, *demo.addresses.values(), demo.objects.base]
    assert [is_listening(address) for address in addresses] == [True] * 3
    served.close()
    assert [is_listening(address) for address in addresses] == [False] * 3


def test_the_object_store_has_an_address_only_where_backups_lie_there(served: Served) -> None:
    assert served.store is None
    with Served(build(fixture=FIXTURE, backup_disk="s3")) as other:
        answer = fetch(other.demo.objects.base, "/backups/x/y.tar.gz")
    assert (answer.status, b"<Code>AccessDenied</Code>" in answer.body) == (403, True)


def test_a_signed_link_is_fetched_from_the_node(served: Served) -> None:
    link = ask(served, "kim", path_of(served.demo) + "/files/download?file=a.txt").json["attributes"]["url"]
    parts = urlsplit(link)
    answer = fetch(link, f"{parts.path}?{parts.query}")
    assert (answer.status, answer.body) == (200, b"12345")
    assert fetch(link, f"{parts.path}?{parts.query}").status == 404


def test_a_file_goes_up_to_the_node_and_comes_down_the_same(served: Served) -> None:
    link = urlsplit(ask(served, "kim", path_of(served.demo) + "/files/upload").json["attributes"]["url"])
    content = bytes(range(256)) * 4096
    form = (b'--x\r\nContent-Disposition: form-data; name="files"; filename="up.bin"\r\n\r\n' + content
            + b"\r\n--x--\r\n")
    told = fetch(link.geturl(), f"{link.path}?{link.query}", "POST", io.BytesIO(form),
                 Content_Type="multipart/form-data; boundary=x", Content_Length=str(len(form)))
    assert (told.status, told.body) == (200, b"")
    down = urlsplit(ask(served, "kim", path_of(served.demo) + "/files/download?file=up.bin").json["attributes"]["url"])
    assert fetch(down.geturl(), f"{down.path}?{down.query}").body == content


def shake_hands(address: str, path: str, origin: str, more: bytes = b"") -> socket.socket:
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS)
    nonce = base64.b64encode(b"0123456789abcdef").decode()
    head = (f"GET {path} HTTP/1.1", "Host: x", f"Origin: {origin}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {nonce}", "", "")
    connection.sendall("\r\n".join(head).encode() + more)
    return connection


def heard_until(connection: socket.socket, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        piece = connection.recv(65536)
        if not piece:
            raise AssertionError(f"the connection ended after {heard!r}")
        heard += piece
    return heard


def frame(document: Any) -> bytes:
    """One text frame, masked with zeros."""
    data = json.dumps(document).encode()
    return b"\x81" + (bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")) \
        + bytes(4) + data


def test_a_websocket_is_handed_over_with_what_came_after_its_head(served: Served) -> None:
    told = ask(served, "kim", path_of(served.demo) + "/websocket").json["data"]
    auth = frame({"event": "auth", "args": [told["token"]]})
    with shake_hands(told["socket"].replace("ws", "http", 1), urlsplit(told["socket"]).path, served.demo.base,
                     auth) as connection:
        heard = heard_until(connection, b'"auth success"')
    assert heard.startswith(b"HTTP/1.1 101 ")


def test_a_websocket_of_another_page_is_refused(served: Served) -> None:
    told = ask(served, "kim", path_of(served.demo) + "/websocket").json["data"]
    with shake_hands(told["socket"].replace("ws", "http", 1), urlsplit(told["socket"]).path, "http://x") as connection:
        assert heard_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 403 ")


def test_the_pulse_does_what_is_due_though_nobody_asks(served: Served) -> None:
    done = threading.Event()
    served.demo.jobs.after(0, done.set)
    assert done.wait(PATIENCE_SECONDS)


def test_the_pulse_outlives_a_job_that_fails(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    done = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError

    served.demo.jobs.after(0, fail)
    served.demo.jobs.after(0.01, done.set)
    assert done.wait(PATIENCE_SECONDS)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_date_of_an_answer_is_the_demos() -> None:
    with Served(build(fixture=FIXTURE, clock=ManualClock(1_000_000_000.0))) as served:
        for address in (served.demo.base, served.demo.addresses["Box"]):
            assert fetch(address, "/").headers.get_all("Date") == ["Sun, 09 Sep 2001 01:46:40 GMT"]


def test_every_call_is_written_down_with_its_place(served: Served) -> None:
    ask(served, "kim", path_of(served.demo) + "/resources")
    fetch(served.demo.addresses["Box"], "/download/file?token=x")
    seen = [(call.where, call.key_owner, call.method, call.path.rpartition("/")[2], call.status)
            for call in served.demo.log.all]
    node, panel, link = seen
    assert (node[0], node[1], node[4]) == ("Box", None, 200)
    assert panel == ("panel", "kim", "GET", "resources", 200)
    assert link == ("Box", None, "GET", "file", 500)
    assert [call.where for call in served.demo.calls] == ["panel"]
    assert all(call.seconds >= 0 for call in served.demo.log.all)


def test_a_kept_connection_to_the_panel_serves_many(served: Served) -> None:
    with connected(served.demo.base) as connection:
        connection.connect()
        used = connection.sock
        for _ in range(5):
            connection.request("GET", "/api/client", headers=key_of(served.demo, "kim"))
            answer = connection.getresponse()
            answer.read()
            assert (answer.status, connection.sock is used) == (200, True)


class Watched(Clock):
    """Tells when somebody sleeps, and lets nobody wake by himself."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = threading.Event()

    def sleep(self, seconds: float) -> None:
        self.slept.set()
        super().sleep(3600)


def test_a_demo_that_ends_wakes_who_waits_for_a_node() -> None:
    clock = Watched()
    served = Served(build(fixture=FIXTURE, clock=clock))
    served.demo.set_condition("node-hangs")
    ended = threading.Event()

    def call() -> None:
        try:
            ask(served, "kim", path_of(served.demo) + "/resources")
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            ended.set()

    threading.Thread(target=call, daemon=True).start()
    assert clock.slept.wait(PATIENCE_SECONDS)
    served.close()
    assert ended.wait(PATIENCE_SECONDS / 2)
