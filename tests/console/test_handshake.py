"""What is asked before a browser is let in at all: a real handshake from a page of this portal."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
import websocket
from flask import Flask

from portal.web.origin import is_ours, origin_of
from tests.console.live import DEADLINE_S, Live

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def refused(live: Live, **options: Any) -> int:
    """The status that a handshake is refused with."""
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        live.page(**options)
    return int(caught.value.status_code)


def answer(live: Live, method: str = "GET", **headers: str) -> tuple[int, str]:
    """Status and page for a request that is no right handshake."""
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=DEADLINE_S)
    path = f"/servers/{live.world.server('Survival SMP')}/console/socket"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Cookie": live.cookie("owner")} | named)
    found = connection.getresponse()
    said = found.status, found.read().decode()
    connection.close()
    return said


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "null",
     "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}.evil.example", "HTTP://127.0.0.1:{port}", "",
     "http://127.0.0.1:{port}, http://127.0.0.1:{port}"],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused_before_the_upgrade(own: Live, origin: str) -> None:
    assert refused(own, origin=origin.format(port=own.port)) == 403
    assert own.relay.seats.taken() == 0


def test_who_says_no_origin_is_refused(own: Live) -> None:
    assert refused(own, suppress_origin=True, origin=None) == 403


def test_the_portal_s_own_address_counts_whatever_name_was_asked(own: Live) -> None:
    """Its `portal_url` is http://localhost here, and the request goes to 127.0.0.1."""
    assert own.page(origin="http://localhost").say({"hello": None}) is None
    assert refused(own, origin="http://localhost:80") == 403


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://My.Example.com", "https://my.example.com"), ("https://my.example.com:443", "https://my.example.com"),
     ("http://my.example.com:80", "http://my.example.com"), ("http://x:8080", "http://x:8080"),
     ("https://[::1]:443", "https://[::1]"), ("https://höst.example", "https://xn--hst-sna.example")],
)  # fmt: skip
def test_an_address_is_compared_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_behind_a_trusted_proxy_the_scheme_that_the_browser_used_counts() -> None:
    app = Flask("x")
    for scheme, counts in (("https", True), ("http", False)):
        with app.test_request_context(
            "/", base_url=f"{scheme}://my.example.com", headers={"Origin": "https://my.example.com"}
        ) as context:
            assert is_ours(context.request, "https://other.example.com") == counts


@pytest.mark.parametrize("host", ["my.example.com:99999999", "[::1", "a b", "", "x:y"])
def test_a_host_that_is_none_is_nobody(host: str) -> None:
    app = Flask("x")
    with app.test_request_context("/", headers={"Origin": "https://my.example.com", "Host": host}) as context:
        assert not is_ours(context.request, "https://other.example.com")


def test_a_request_that_is_no_handshake_gets_a_page(own: Live) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": f"http://127.0.0.1:{own.port}"}
    good = {**upgrade, "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": KEY}
    for method, headers in (
        ("GET", {}),
        ("GET", {"Origin": upgrade["Origin"]}),
        ("GET", {**good, "Sec_WebSocket_Version": "8"}),
        ("GET", {**good, "Sec_WebSocket_Key": "short"}),
        ("GET", {**good, "Upgrade": "h2c"}),
        ("GET", upgrade),
    ):
        status, page = answer(own, method, **headers)
        assert status == 400, headers
        assert "<h1" in page
    for method in ("HEAD", "POST", "OPTIONS"):
        assert answer(own, method, **good)[0] in (200, 400, 405)
    assert own.relay.seats.taken() == 0


def test_compression_is_not_agreed_on(own: Live) -> None:
    page = own.page(header=["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"])

    assert "sec-websocket-extensions" not in page.socket.headers
