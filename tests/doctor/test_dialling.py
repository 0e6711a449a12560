"""A node's socket, tried against real peers on loopback: well, broken in each way, and hostile."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal import clock as portal_clock
from portal.doctor import dialling
from portal.doctor.dialling import ANSWER_CAP, FINDINGS, try_socket
from portal.doctor.lines import Line
from tests.conftest import PortalSide, TestClock
from tests.support.certificates import self_signed

ORIGIN = "https://panel.example.com"
PATH = "/api/servers/11111111-2222-4333-8444-555555555555/ws"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
PATIENT_S = 60.0
"""For a peer that answers, on a machine which may let its thread wait."""


class Peer:
    """Something that listens on loopback and does one thing with each connection; `heard` is what it was sent."""

    def __init__(self, act: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self.heard = b""
        self._act, self._tls = act, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            raw, _ = self._listener.accept()
            with contextlib.closing(raw):
                sock = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
                with contextlib.closing(sock):
                    self.heard = sock.recv(65536)
                    self._act(sock)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(60)


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    made: list[Peer] = []

    def make(act: Callable[[socket.socket], None] | bytes, tls: ssl.SSLContext | None = None) -> Peer:
        said = act
        made.append(Peer((lambda sock: sock.sendall(said)) if isinstance(said, bytes) else said, tls))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(autouse=True)
def _real_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is this machine's own."""

    def here(host: str, port: int, **more: Any) -> list[Any]:
        return socket.getaddrinfo("127.0.0.1", port, **more)

    monkeypatch.setattr(dialling, "resolve", here)


@pytest.fixture
def standing() -> Iterator[TestClock]:
    """A clock that stands: what comes before the answer takes none of a deadline, however long it really takes."""
    clock = TestClock()
    before = portal_clock.use(PortalSide(clock))
    yield clock
    portal_clock.use(before)


def dial(port: int, scheme: str = "ws", host: str = "127.0.0.1", **more: Any) -> list[Line]:
    return try_socket("node a", f"{scheme}://{host}:{port}{PATH}", ORIGIN, **{"deadline_s": PATIENT_S, **more})


def expected(finding: str, port: int, host: str = "127.0.0.1", **more: Any) -> Line:
    return FINDINGS[finding].line("node a", host=host, port=port, origin=ORIGIN, **more)


def certificate(folder: Path, host: str, days: int = 60) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side, and a client's side that trusts it."""
    paths = self_signed(folder, host, days=days)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*paths)
    return server, ssl.create_default_context(cafile=str(paths[0]))


def test_a_node_that_takes_the_handshake_is_well(peer: Callable[..., Peer]) -> None:
    node = peer(SWITCHING)
    (line,) = dial(node.port)
    assert (line.status, line.cure) == ("ok", "")
    assert "takes the console's handshake" in line.said


def test_the_handshake_has_the_panels_origin_and_nothing_secret(peer: Callable[..., Peer]) -> None:
    node = peer(SWITCHING)
    dial(node.port)
    node.close()
    head = node.heard.decode().split("\r\n")
    assert head[0] == f"GET {PATH} HTTP/1.1"
    assert f"Origin: {ORIGIN}" in head
    assert f"Host: 127.0.0.1:{node.port}" in head
    assert not [one for one in head if one.lower().startswith(("authorization", "cookie"))]
    assert "token" not in node.heard.decode().lower()


@pytest.mark.parametrize(
    ("answer", "finding", "more"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\nForbidden", "node_origin", {}),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "node_unknown", {}),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "node_odd", {"answer": "status 400"}),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", "node_odd", {"answer": "status 200"}),
        (b"220 mail.example.com ESMTP\r\n", "node_odd", {"answer": "something that is not HTTP"}),
        (b"HTTP/1.1 9999 Hello\r\n", "node_odd", {"answer": "something that is not HTTP"}),
        (b"\x00\xff\r\n", "node_odd", {"answer": "something that is not HTTP"}),
        (b"", "node_odd", {"answer": "a cut connection"}),
    ],
)
def test_another_answer_is_told_by_what_it_is(
    answer: bytes, finding: str, more: dict[str, Any], peer: Callable[..., Peer]
) -> None:
    node = peer(answer)
    assert dial(node.port) == [expected(finding, node.port, **more)]


@pytest.mark.usefixtures("standing")
def test_a_node_that_says_nothing_ends_with_the_deadline(peer: Callable[..., Peer]) -> None:
    done = threading.Event()
    node = peer(lambda _sock: done.wait(60))
    assert dial(node.port, deadline_s=0.2) == [expected("node_silent", node.port)]
    done.set()


def test_a_node_that_drips_does_not_outlive_the_deadline(peer: Callable[..., Peer], standing: TestClock) -> None:
    done = threading.Event()

    def drip(sock: socket.socket) -> None:
        while not done.wait(0.001):
            standing.advance(0.02)
            sock.sendall(b"H")

    node = peer(drip)
    assert dial(node.port, deadline_s=0.3) == [expected("node_silent", node.port)]
    done.set()


def test_of_an_endless_banner_only_a_few_kilobytes_are_read(peer: Callable[..., Peer]) -> None:
    sent: list[int] = []

    def flood(sock: socket.socket) -> None:
        while len(sent) < 100_000:
            sent.append(sock.send(b"x" * ANSWER_CAP))

    node = peer(flood)
    assert dial(node.port) == [expected("node_odd", node.port, answer="something that is not HTTP")]
    node.close()
    assert len(sent) < 100_000, "the peer was cut off long before it was done"


def test_a_port_that_nothing_listens_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
        assert dial(port) == [expected("node_port", port, reason="connection refused")]


def test_a_connection_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(socket.socket):
        def connect(self, address: Any) -> None:
            raise TimeoutError

    monkeypatch.setattr(dialling.socket, "socket", Slow)
    assert dial(9) == [expected("node_port", 9, reason="no answer in time")]


@pytest.mark.parametrize("error", [socket.gaierror(), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> list[Any]:
        raise error

    monkeypatch.setattr(dialling, "resolve", fail)
    assert dial(8080, host="node.test") == [expected("node_name", 8080, host="node.test")]


def test_a_certificate_of_an_authority_that_is_trusted(tmp_path: Path, peer: Callable[..., Peer]) -> None:
    server, trusting = certificate(tmp_path, "node.test")
    node = peer(SWITCHING, server)
    assert [one.status for one in dial(node.port, "wss", "node.test", tls=trusting)] == ["ok"]


def test_a_self_signed_certificate(tmp_path: Path, peer: Callable[..., Peer]) -> None:
    server, _ = certificate(tmp_path, "node.test")
    node = peer(SWITCHING, server)
    assert dial(node.port, "wss", "node.test") == [expected("node_tls_untrusted", node.port, "node.test")]


def test_a_certificate_that_has_expired(tmp_path: Path, peer: Callable[..., Peer]) -> None:
    server, trusting = certificate(tmp_path, "node.test", days=-1)
    node = peer(SWITCHING, server)
    assert dial(node.port, "wss", "node.test", tls=trusting) == [expected("node_tls_expired", node.port, "node.test")]


def test_a_certificate_for_another_name(tmp_path: Path, peer: Callable[..., Peer]) -> None:
    server, trusting = certificate(tmp_path, "other.test")
    node = peer(SWITCHING, server)
    assert dial(node.port, "wss", "node.test", tls=trusting) == [expected("node_tls_name", node.port, "node.test")]


def test_a_certificate_that_is_over_soon_is_told_beside_the_handshake(
    tmp_path: Path, peer: Callable[..., Peer]
) -> None:
    server, trusting = certificate(tmp_path, "node.test", days=5)
    node = peer(SWITCHING, server)
    soon, well = dial(node.port, "wss", "node.test", tls=trusting)
    assert soon == expected("node_tls_soon", node.port, "node.test", days=4)
    assert well.status == "ok"


def test_a_node_without_tls_where_the_panel_says_tls(peer: Callable[..., Peer]) -> None:
    node = peer(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert dial(node.port, "wss", "node.test") == [expected("node_tls", node.port, "node.test")]


@pytest.mark.usefixtures("standing")
def test_a_node_that_never_ends_its_tls_handshake(peer: Callable[..., Peer]) -> None:
    done = threading.Event()
    node = peer(lambda _sock: done.wait(60))
    assert dial(node.port, "wss", "node.test", deadline_s=0.2) == [expected("node_tls", node.port, "node.test")]
    done.set()


@pytest.mark.parametrize("path", ["/a b\r\nX-Evil: 1/ws", "/ws?token=x#y", "/\u202e/ws"])
def test_a_hostile_address_cannot_write_headers(path: str, peer: Callable[..., Peer]) -> None:
    node = peer(SWITCHING)
    try_socket("node a", f"ws://127.0.0.1:{node.port}{path}", ORIGIN, deadline_s=PATIENT_S)
    node.close()
    first, *rest = node.heard.decode("ascii").split("\r\n")
    assert len(first.split(" ")) == 3
    assert not [one for one in rest if one.startswith("X-Evil")]
    assert "?" not in first


def test_an_address_of_a_kind_that_this_machine_has_not_is_passed_over(
    peer: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without IPv6 cannot even make such a socket."""
    node = peer(SWITCHING)
    found = [
        (9999, socket.SOCK_STREAM, 6, "", ("::1", node.port, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", node.port)),
    ]
    monkeypatch.setattr(dialling, "resolve", lambda *_, **__: found)
    assert [one.status for one in dial(node.port)] == ["ok"]
    monkeypatch.setattr(dialling, "resolve", lambda *_, **__: found[:1])
    (line,) = dial(node.port)
    assert line.said.startswith(f"Port {node.port} of the node (127.0.0.1) cannot be reached from here: address family")


def test_a_process_that_may_open_no_more_files_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(dialling.socket, "socket", full)
    assert dial(9) == [expected("node_port", 9, reason="too many open files")]


def test_half_a_character_in_an_address_is_no_error(peer: Callable[..., Peer]) -> None:
    node = peer(b"HTTP/1.1 404 Not Found\r\n\r\n")
    lines = try_socket("node a", f"ws://127.0.0.1:{node.port}/ws\ud800", ORIGIN, deadline_s=PATIENT_S)
    assert lines == [expected("node_unknown", node.port)]


@pytest.mark.parametrize("address", ["ws://node.test:99999/ws", "ws://[::1/ws", "ws://node.test:x/ws"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    assert try_socket("node a", address, ORIGIN) == [FINDINGS["node_address"].line("node a")]
