"""Whether an address is a panel, and every way in which it is not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut
from requests.exceptions import ConnectTimeout, ReadTimeout, SSLError
from urllib3.exceptions import MaxRetryError, NameResolutionError

from portal.demo import Demo
from portal.doctor import dialling
from portal.doctor.lines import Line, ok
from portal.doctor.panel_checks import FINDINGS, check_address
from portal.doctor.probe import Probe
from tests.doctor.conftest import URL, Raising, says
from tests.support.certificates import self_signed
from tests.support.wsgi_adapter import WsgiAdapter

NO_NAME = Cut(MaxRetryError(None, "", NameResolutionError("panel.test", None, socket.gaierror())))  # type: ignore[arg-type]
CHALLENGE = b"<!DOCTYPE html><title>Just a moment...</title>"


def expected(finding: str, **values: Any) -> Line:
    return FINDINGS[finding].line("panel", host="panel.test", url=URL, **values)


def found(adapter: Any) -> Line:
    return check_address(Probe(URL, adapter=adapter))


def test_a_panel_is_known_by_how_it_refuses_nobodys_key(demo: Demo, probe: Probe) -> None:
    assert check_address(probe) == ok("panel", f"The panel at {URL} answers.")
    assert [one.status for one in demo.calls] == [401]


@pytest.mark.parametrize(
    ("condition", "finding", "values"),
    [("panel-maintenance", "panel_maintenance", {}), ("panel-gateway", "panel_gateway", {"status": 502}),
     ("panel-database-down", "panel_gateway", {"status": 500})],
)  # fmt: skip
def test_a_panel_that_is_ill_is_told_by_its_illness(
    condition: str, finding: str, values: dict[str, Any], demo: Demo, probe: Probe
) -> None:
    demo.set_condition(condition)
    assert check_address(probe) == expected(finding, **values)


@pytest.mark.parametrize(
    ("error", "finding"),
    [(NO_NAME, "panel_name"), (ConnectTimeout("late"), "panel_refused"), (SSLError("expired"), "panel_tls"),
     (ReadTimeout("late"), "panel_timeout"), (Cut("reset"), "panel_cut")],
)  # fmt: skip
def test_a_panel_that_is_not_reached_is_told_by_how_far_the_call_came(error: Exception, finding: str) -> None:
    assert found(Raising(error)) == expected(finding)


@pytest.mark.parametrize(
    ("adapter", "finding", "values"),
    [
        (says(301, b"", Location="https://panel.test/"), "panel_redirect", {"status": 301}),
        (says(308, b"", Location="https://elsewhere.test/"), "panel_redirect", {"status": 308}),
        (says(200, CHALLENGE), "panel_page", {"status": 200}),
        (says(403, CHALLENGE), "panel_page", {"status": 403}),
        (says(404, b"<html>nothing</html>"), "panel_none", {}),
        (says(404, b'{"message": "no"}', "application/json"), "panel_none", {}),
        (says(200, b'{"hello": "world"}', "application/json"), "panel_odd",
         {"detail": "expected a value"}),
        (says(429, b"slow down", "text/plain", Retry_After="1"), "panel_busy", {}),
        (says(503, b"<html>nginx</html>"), "panel_gateway", {"status": 503}),
    ],
)  # fmt: skip
def test_what_is_no_panel_is_told_by_what_it_says(adapter: WsgiAdapter, finding: str, values: dict[str, Any]) -> None:
    assert found(adapter) == expected(finding, **values)


def test_something_that_takes_any_key_is_no_panel(demo: Demo) -> None:
    """An account for nobody's key: it looks like a panel but cannot be one."""
    account = (
        b'{"object": "user", "attributes": {"id": 1, "admin": true, "username": "x", "email": "x@example.com",'
        b' "first_name": "a", "last_name": "b", "language": "en"}}'
    )
    assert found(says(200, account, "application/json")) == expected("panel_none")


def test_a_name_that_nobody_knows_off_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the real connection, up to the name server."""

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    line = check_address(Probe("http://panel.invalid"))
    assert line == FINDINGS["panel_name"].line("panel", host="panel.invalid")


def test_a_port_on_which_nothing_listens_off_the_wire() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but it does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert check_address(Probe(url)) == FINDINGS["panel_refused"].line("panel", url=url)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Starts something on loopback that says one thing to everybody who connects; gives its port.

    Its thread may have to wait for a busy machine, so whoever calls it has a minute.
    """
    monkeypatch.setattr(dialling, "resolve", socket.getaddrinfo)
    monkeypatch.setitem(dialling.speaks_plain.__kwdefaults__, "deadline_s", 60.0)
    for patience in ("wire.CONNECT_S", "transport.CONNECT_S", "api.PANEL_READ_S"):
        monkeypatch.setattr(f"portal.pterodactyl.{patience}", 60.0)
    opened: list[tuple[socket.socket, threading.Thread]] = []

    def serve(listener: socket.socket, said: bytes, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:  # the test is over
                return
            with contextlib.closing(raw), contextlib.suppress(OSError):
                raw.settimeout(60)
                if tls is not None:
                    tls.wrap_socket(raw, server_side=True).close()
                else:
                    raw.recv(65536)
                    raw.sendall(said)

    def start(said: bytes = b"", tls: ssl.SSLContext | None = None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(listener, said, tls), daemon=True)
        thread.start()
        opened.append((listener, thread))
        return int(listener.getsockname()[1])

    yield start
    for listener, thread in opened:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"<!DOCTYPE HTML>\n<title>Error</title>"])
def test_an_address_with_https_of_a_panel_that_speaks_plain_http(said: bytes, listening: Callable[..., int]) -> None:
    url = f"https://127.0.0.1:{listening(said)}"
    assert check_address(Probe(url)) == FINDINGS["panel_no_tls"].line("panel", url=url)


def test_a_certificate_that_nobody_trusts_is_told_as_one(listening: Callable[..., int], tmp_path: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*self_signed(tmp_path, "127.0.0.1"))
    url = f"https://127.0.0.1:{listening(tls=server)}"
    assert check_address(Probe(url)) == FINDINGS["panel_tls"].line("panel", url=url)


def test_a_port_that_hangs_up_is_not_said_to_speak_plain_http(listening: Callable[..., int]) -> None:
    url = f"https://127.0.0.1:{listening()}"
    assert check_address(Probe(url)) == FINDINGS["panel_tls"].line("panel", url=url)


def test_a_port_on_which_nothing_listens_speaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "resolve", socket.getaddrinfo)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert not dialling.speaks_plain("127.0.0.1", taken.getsockname()[1])
