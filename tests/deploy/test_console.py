"""A console's socket through the installed site: let in, kept open, and told of a restart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import websocket

from tests.deploy.conftest import PASSWORD
from tests.deploy.machine import HOST, ROOT, Machine, wait_until

pytestmark = pytest.mark.nginx


@pytest.fixture
def path_and_cookie(machine: Machine) -> tuple[str, str]:
    """The socket of the owner's first server, and the cookie of their browser."""
    browser = machine.browser()
    browser.submit("/login", {"email": "owner@example.com", "password": PASSWORD})
    server = re.search(r'href="(/servers/\w{8})"', browser.get("/servers").text)
    assert server is not None
    return f"{server[1]}/console/socket", "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


@pytest.fixture
def opened(machine: Machine, path_and_cookie: tuple[str, str]) -> Iterator[Any]:
    """Opens a console as a page of the portal would; all are gone afterwards."""
    path, cookie = path_and_cookie
    made: list[websocket.WebSocket] = []

    def open_one(**options: Any) -> websocket.WebSocket:
        context = machine.browser().context
        one = websocket.create_connection(
            f"wss://127.0.0.1:{machine.https_port}{path}", host=HOST, cookie=cookie, timeout=60,
            sslopt={"context": context, "server_hostname": HOST}, **{"origin": f"https://{HOST}"} | options,
        )  # fmt: skip
        made.append(one)
        return one

    yield open_one
    for one in made:
        with suppress(OSError, websocket.WebSocketException):
            one.close(timeout=2)
        one.shutdown()


def first_word(one: websocket.WebSocket) -> dict[str, Any]:
    one.send(json.dumps({"hello": None}))
    return dict(json.loads(one.recv()))


def test_a_console_opens_through_the_site(opened: Any) -> None:
    told = first_word(opened(header=["Sec-WebSocket-Extensions: permessage-deflate"]))

    assert told["hello"]["may_command"] is True


def test_a_page_of_another_site_is_refused_by_the_app_behind_it(opened: Any) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        opened(origin="https://evil.example")
    assert caught.value.status_code == 403


@contextmanager
def patience(machine: Machine, seconds: int) -> Iterator[None]:
    """gunicorn waits so long for what is on its way when it stops; inside, it has been started anew."""
    file = machine.root / "etc/roost/environment"
    before = file.read_text() if file.exists() else ""
    file.write_text(f"{before}GUNICORN_CMD_ARGS=--graceful-timeout={seconds}\n")
    try:
        machine.web.restart()
        yield
    finally:
        file.write_text(before)


def test_a_restart_says_goodbye_and_the_console_is_let_in_again(machine: Machine, opened: Any) -> None:
    """Not after `graceful_timeout`, which is what a socket that nobody closes would cost."""
    with patience(machine, 600):
        pages = [opened() for _ in range(6)]
        for one in pages:
            first_word(one)
        codes = set()
        assert machine.web.process is not None
        machine.web.process.terminate()
        for one in pages:
            opcode, data = one.recv_data()
            while opcode != websocket.ABNF.OPCODE_CLOSE:
                opcode, data = one.recv_data()
            codes.add(int.from_bytes(data[:2], "big"))
            assert data[2:].decode() == "The portal restarts. The console comes back by itself."
        machine.web.process.wait(60)
    assert codes == {1012}
    machine.web.start()
    wait_until(lambda: machine.browser().get("/login").status == 200, "the portal does not come back", machine.logs)

    assert "hello" in first_word(opened())


def test_the_site_waits_longer_than_the_app_pings() -> None:
    from portal.console.browser import PING_S

    site = (ROOT / "deploy/nginx/server.conf").read_text()
    place = site[site.index("/console/socket$") :].partition("}")[0]
    waits = [int(number) for number in re.findall(r"timeout (\d+)s", place)]
    assert len(waits) == 2
    assert min(waits) >= 3 * PING_S
