"""Nodes: which are tried, through which server and with whose key, and that none holds the others up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from portal.doctor import dialling, node_checks, parallel
from portal.doctor.lines import FINDINGS as ANY
from portal.doctor.lines import Line, ok
from portal.doctor.node_checks import FINDINGS, check_nodes
from portal.doctor.parallel import MOST, in_parallel
from portal.doctor.probe import Probe
from portal.store import db
from tests.conftest import World
from tests.doctor.conftest import only
from tests.doctor.test_dialling import PATIENT_S, Peer

URL = "http://panel.test"
Tried = dict[str, tuple[str, str]]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Tried:
    """No socket: what would have been tried, by the line's name."""
    found: Tried = {}

    def note(name: str, address: str, origin: str) -> list[Line]:
        found[name] = (address, origin)
        return [ok(name, "It is well.")]

    monkeypatch.setattr(dialling, "try_socket", note)
    return found


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """For a job that hangs until the test is over; by the time that is waited, all others are done."""
    end, hanging = threading.Event(), set[threading.Thread]()

    class Begun(threading.Thread):
        def start(self) -> None:
            super().start()
            while self.is_alive() and self not in hanging:
                self.join(0.01)

    def wait() -> None:
        hanging.add(threading.current_thread())
        end.wait()

    monkeypatch.setattr(parallel, "threading", SimpleNamespace(Thread=Begun))
    yield wait
    end.set()


def look(world: World, *, service_works: bool = True) -> list[Line]:
    with world.app.app_context():
        probe = Probe(URL, adapter=world.adapter)
        return check_nodes(probe, URL, service_works=service_works)


def test_every_node_with_a_server_that_is_known_is_tried_once(service_world: World, tried: Tried) -> None:
    service_world.calls()
    lines = look(service_world)
    assert [(one.name, one.status) for one in lines] == [
        ("node fra-1", "ok"), ("node fra-2", "warn"), ("node nyc-1", "ok"),
    ]  # fmt: skip
    assert set(tried) == {"node fra-1", "node nyc-1"}
    assert len(service_world.calls()) == 2, "one call of the panel for each node that is tried"


def test_the_origin_that_consoles_send_is_the_one_that_is_tried(make_world: Callable[..., World], tried: Tried) -> None:
    world = make_world("service", is_ready=True, console_origin="https://Panel.example.com/")
    world.app.test_cli_runner().invoke(args=["doctor"])
    assert {origin for _, origin in tried.values()} == {"https://Panel.example.com/"}


def test_the_panels_address_is_the_origin_and_no_token_leaves(service_world: World, tried: Tried) -> None:
    look(service_world)
    address, origin = tried["node fra-1"]
    assert address.startswith("wss://fra-1.example.com:8080/api/servers/")
    assert address.endswith("/ws")
    assert origin == URL


def test_a_node_in_maintenance_is_not_tried(service_world: World, tried: Tried) -> None:
    assert only(look(service_world), "node fra-2") == FINDINGS["node_maintenance"].line("node fra-2")


def test_that_no_node_is_known_yet_is_said(own_world: World, tried: Tried) -> None:
    assert look(own_world) == [ok("nodes", "No server is known yet, so there was no node to try.")]


def test_without_a_service_key_somebodys_own_key_is_used(own_world: World, tried: Tried) -> None:
    own_world.browser("owner").get("/servers")
    assert only(look(own_world, service_works=False), "node fra-1").status == "ok"


def test_a_key_of_somebody_who_may_not_open_a_console_is_not_used(own_world: World, tried: Tried) -> None:
    own_world.browser("owner").get("/servers")
    with own_world.app.app_context():
        from portal.servers.models import Grant
        from portal.store import write

        with write() as session:
            session.query(Grant).update({"is_owner": False, "permissions": '["control.start"]'})
        db.session.remove()
    own_world.calls()
    line = only(look(own_world, service_works=False), "node fra-1")
    assert line == FINDINGS["node_nobody"].line("node fra-1")
    assert own_world.calls() == []


def test_a_service_key_that_does_not_work_is_not_used(service_world: World, tried: Tried) -> None:
    service_world.calls()
    line = only(look(service_world, service_works=False), "node fra-1")
    assert line == FINDINGS["node_key_refused"].line("node fra-1")
    assert "or use a service key" not in line.cure
    assert service_world.calls() == []


def test_a_panel_that_gives_no_address_is_told(service_world: World, tried: Tried) -> None:
    for server in service_world.demo.world.servers:
        server.status = "suspended"
    line = only(look(service_world), "node fra-1")
    said = "This server is currently suspended and the functionality requested is unavailable"
    assert line == FINDINGS["node_panel"].line("node fra-1", error=said)


def test_an_own_key_that_is_refused_meanwhile_is_put_aside(own_world: World, tried: Tried) -> None:
    own_world.browser("owner").get("/servers")
    own_world.demo.world.api_keys.clear()
    assert only(look(own_world), "node fra-1").status == "warn"
    own_world.calls()
    assert only(look(own_world), "node fra-1") == FINDINGS["node_nobody"].line("node fra-1")
    assert own_world.calls() == []


def test_names_that_nobody_knows_are_told_for_each_node(service_world: World) -> None:
    line = only(look(service_world), "node nyc-1")
    values = {"host": "nyc-1.example.com", "port": 8080, "origin": URL}
    assert line == dialling.FINDINGS["node_name"].line("node nyc-1", **values)


def test_a_node_that_hangs_does_not_hold_the_others_up(
    service_world: World, hang: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_hangs(name: str, _address: str, _origin: str) -> list[Line]:
        if name == "node fra-1":
            hang()
        return [ok(name, "It is well.")]

    monkeypatch.setattr(dialling, "try_socket", one_hangs)
    monkeypatch.setattr(node_checks, "WAIT_PER_ROUND_S", 0.1)
    lines = look(service_world)
    assert only(lines, "node fra-1") == FINDINGS["node_slow"].line("node fra-1", seconds=0)
    assert only(lines, "node nyc-1").status == "ok"


@pytest.mark.usefixtures("hang")
@pytest.mark.parametrize(("status", "finding"), [("101 Switching Protocols", None), ("403 Forbidden", "node_origin")])
def test_from_the_store_to_the_socket_of_a_node(
    status: str, finding: str | None, service_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real peer in the place of a node's Wings."""
    monkeypatch.setattr(dialling, "resolve", socket.getaddrinfo)
    monkeypatch.setitem(dialling.try_socket.__kwdefaults__, "deadline_s", PATIENT_S)
    peer = Peer(lambda sock: sock.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode()))
    node = next(one for one in service_world.demo.world.nodes if one.name == "fra-1")
    node.scheme, node.fqdn, node.daemon_listen = "http", "127.0.0.1", peer.port
    with service_world.app.app_context():
        servers = node_checks._by_node()["fra-1"]
    monkeypatch.setattr(node_checks, "_by_node", lambda: {"fra-1": servers})
    line = only(look(service_world), "node fra-1")
    peer.close()
    if finding is None:
        assert line.status == "ok"
    else:
        values = {"host": "127.0.0.1", "port": peer.port, "origin": URL}
        assert line == dialling.FINDINGS[finding].line("node fra-1", **values)
    assert f"Origin: {URL}\r\n".encode() in peer.heard


def test_at_most_eight_jobs_go_on_at_once() -> None:
    guard, now, most = threading.Lock(), [0], [0]

    def job(number: int) -> Callable[[], int]:
        def run() -> int:
            with guard:
                now[0] += 1
                most[0] = max(most[0], now[0])
            with guard:
                now[0] -= 1
            return number

        return run

    assert in_parallel([job(one) for one in range(40)], wait_s=60, otherwise=lambda *_: -1) == list(range(40))
    assert most[0] <= 8


def test_a_job_that_is_not_done_has_its_other_result(hang: Callable[[], None]) -> None:
    jobs: list[Callable[[], str]] = [lambda: "done", lambda: str(hang())]
    assert in_parallel(jobs, wait_s=0.1, otherwise=lambda index, _: f"late {index}") == ["done", "late 1"]


def test_a_job_that_fails_has_its_other_result_at_once_and_the_next_ones_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def job(number: int) -> Callable[[], str]:
        def run() -> str:
            if number < MOST:
                raise RuntimeError("unexpected")
            return str(number)

        return run

    def otherwise(index: int, error: Exception | None) -> str:
        return f"{index} {type(error).__name__}"

    results = in_parallel([job(one) for one in range(MOST + 2)], wait_s=60, otherwise=otherwise)
    assert results == [f"{one} RuntimeError" for one in range(MOST)] + [str(MOST), str(MOST + 1)]
    assert caplog.text.count("RuntimeError: unexpected") == MOST


def test_a_node_whose_check_breaks_is_a_line_of_its_own(
    service_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str, _address: str, _origin: str) -> list[Line]:
        if name == "node fra-1":
            raise RuntimeError("secret details")
        return [ok(name, "It is well.")]

    monkeypatch.setattr(dialling, "try_socket", broken)
    lines = look(service_world)
    assert only(lines, "node fra-1") == ANY["not_checked"].line("node fra-1", reason="RuntimeError")
    assert only(lines, "node nyc-1").status == "ok"


def test_all_nodes_together_have_only_the_time_that_is_left(
    service_world: World, hang: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialling, "try_socket", lambda *_: [hang()])
    with service_world.app.app_context():
        probe = Probe(URL, adapter=service_world.adapter)
        lines = check_nodes(probe, URL, service_works=True, within_s=0.1)
    assert only(lines, "node nyc-1") == FINDINGS["node_slow"].line("node nyc-1", seconds=0)
