"""The transport's own rules: what is sent, what is repeated, what is cut, what is never shown."""

from __future__ import annotations

import copy
import gzip
import json
import logging
import pickle
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut
from requests.exceptions import ReadTimeout

from portal.pterodactyl import ApiKey, Panel, Transport, errors
from tests.demo.wire_support import serving
from tests.pterodactyl.fakes import (
    ACCOUNT,
    BASE,
    JSON,
    KEY,
    MAINTENANCE,
    NODE_SILENT,
    SECRET,
    Failing,
    Script,
    World,
    error,
)
from tests.support.wsgi_adapter import WsgiAdapter


def test_what_is_sent() -> None:
    world = World((204, b""))
    world.client.servers.send_power("abcd1234", "start")
    sent = world.adapter.requests[0]
    assert (sent.method, sent.url) == ("POST", f"{BASE}/api/client/servers/abcd1234/power")
    assert json.loads(sent.body) == {"signal": "start"}
    assert dict(sent.headers) == {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "portal",
        "Authorization": f"Bearer {SECRET}",
        "Content-Type": "application/json",
        "Content-Length": "19",
    }


def test_cookies_are_neither_kept_nor_sent() -> None:
    """Over a socket: an adapter that calls an application has nowhere for a cookie to stand."""
    script = Script((200, ACCOUNT, (*JSON, ("Set-Cookie", "pterodactyl_session=abc; Path=/"))))
    with serving(script) as server, Transport(server.address) as transport:
        client = Panel(transport).client(KEY)
        client.account.view()
        client.account.view()
    assert [environ.get("HTTP_COOKIE") for environ in script.seen] == [None, None]


def test_nothing_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine panel.test login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:1")
    world = World((200, ACCOUNT))
    world.client.account.view()
    assert world.adapter.requests[0].headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("effect", [False, True])
def test_redirects_are_not_followed_and_nothing_happened(status: int, effect: bool) -> None:
    world = World((status, b"", (("Location", "http://elsewhere.test/"),)))
    with pytest.raises(errors.BadAnswer):
        world.post(effect=effect)
    assert world.calls == 1


@pytest.mark.parametrize("location", ["http://[", "//\xe9\xff", "", "http://elsewhere.test/"])
def test_the_body_of_a_redirect_is_capped_as_well(location: str) -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 65536

    with pytest.raises(errors.BadAnswer):
        World((302, endless(), (("Location", location),))).get()
    assert given < 140


@pytest.mark.parametrize("passing", [error(500, "TypeError"), (502, b"<html>"), (503, b""), NODE_SILENT])
def test_a_read_is_repeated_once_after_a_passing_fault(passing: Any) -> None:
    world = World(passing, (200, ACCOUNT))
    assert world.client.account.view().username == "owner"
    assert world.calls == 2
    assert len(world.clock.slept) == 1
    assert 0.2 <= world.clock.slept[0] <= 0.4
    assert [(record.attempt, record.outcome) for record in world.records][1] == (2, "ok")


def test_a_read_is_repeated_only_once() -> None:
    world = World(NODE_SILENT)
    with pytest.raises(errors.NodeUnreachable):
        world.client.servers.resources("abcd1234")
    assert world.calls == 2


def test_a_cut_connection_is_tried_again() -> None:
    world = World(adapter=Failing(Cut("reset")))
    with pytest.raises(errors.PanelUnreachable):
        world.get()
    assert world.calls == 2


@pytest.mark.parametrize(
    "answer",
    [
        MAINTENANCE,
        error(404, "NotFoundHttpException"),
        error(429, "ThrottleRequestsException"),
        (200, b"<html>"),
    ],
)
def test_what_repeating_would_not_help(answer: Any) -> None:
    world = World(answer)
    with pytest.raises(errors.PanelError):
        world.get()
    assert world.calls == 1


def test_a_time_out_is_not_repeated() -> None:
    world = World(adapter=Failing(ReadTimeout("slow")))
    with pytest.raises(errors.PanelUnreachable):
        world.get()
    assert world.calls == 1


def test_no_retry_when_told_not_to() -> None:
    world = World(NODE_SILENT)
    with pytest.raises(errors.NodeUnreachable):
        world.get(retry=False)
    assert world.calls == 1


def test_no_retry_without_time_for_it() -> None:
    world = World(lambda: (world.clock.sleep(4.9), NODE_SILENT)[1])
    with pytest.raises(errors.NodeUnreachable):
        world.get(deadline_s=5.0)
    assert world.calls == 1


def test_no_retry_without_budget_and_the_first_error_stays() -> None:
    world = World(NODE_SILENT, limit=1)
    with pytest.raises(errors.NodeUnreachable):
        world.get()
    assert world.calls == 1


def test_deadline_covers_a_slow_body() -> None:
    def drip() -> Iterator[bytes]:
        for _ in range(100):
            world.clock.sleep(1.0)
            yield b" " * 70_000

    world = World((200, drip()))
    with pytest.raises(errors.PanelUnreachable) as caught:
        world.get(deadline_s=5.0)
    assert caught.value.fault == "timeout"
    assert world.clock.now < 1008


def test_body_is_cut_at_the_cap() -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 65536

    with pytest.raises(errors.BadAnswer):
        World((200, endless())).get()
    assert given < 140, "no more than 8 MiB and a little are taken"


def test_gzip_bomb_is_cut_at_the_decoded_cap() -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)
    with pytest.raises(errors.BadAnswer):
        World((200, bomb, (*JSON, ("Content-Encoding", "gzip")))).get()


def test_gzip_that_nobody_asked_for_is_read_all_the_same() -> None:
    packed = gzip.compress(json.dumps(ACCOUNT).encode())
    assert World((200, packed, (*JSON, ("Content-Encoding", "gzip")))).client.account.view().id == 2


def test_broken_gzip_is_a_bad_answer() -> None:
    with pytest.raises(errors.BadAnswer):
        World((200, b"no gzip at all", (*JSON, ("Content-Encoding", "gzip")))).get()


def test_short_body_is_a_cut_connection() -> None:
    with pytest.raises(errors.PanelUnreachable) as caught:
        World((200, b"{}", (*JSON, ("Content-Length", "100")))).get()
    assert caught.value.fault == "cut"


BAD_BODIES = {
    "half": b'{"a": [1, 2',
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "twice": b'{"a": 1, "a": 2}',
    "deep": b"[" * 40 + b"]" * 40,
    "very deep": b"[" * 200_000 + b"]" * 200_000,
    "digits": b"1" * 100_000,
    "latin1": '{"a": "é"}'.encode("latin-1"),
    "utf16": '{"a": 1}'.encode("utf-16"),
    "surrogate": b'{"a": "\\ud800"}',
    "surrogate key": b'{"\\udc00": 1}',
    "surrogate after a pair": b'{"a": "\\ud83d\\ude00\\uDE00"}',
    "surrogate after the text of one": b'{"a": "\\\\ud83d\\ude00"}',
    "surrogate before the text of one": b'{"a": "\\ud83d\\\\ude00"}',
    "two documents": b"{}{}",
    "nul": b"\x00",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_what_is_not_strict_json_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(errors.BadAnswer):
        World((200, body)).get()


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_the_same_in_an_error_answer_is_a_bad_answer_too(body: bytes) -> None:
    with pytest.raises(errors.BadAnswer):
        World((404, body)).get()


def test_good_json_with_oddities() -> None:
    body = b'\xef\xbb\xbf{"a": "\\ud83d\\ude00", "b": ' + b"[" * 30 + b"]" * 30 + b"}"
    assert World((200, body)).get().json["a"] == "\U0001f600"


def test_empty_answer_to_a_read_is_a_bad_answer() -> None:
    with pytest.raises(errors.BadAnswer):
        World((200, b"")).client.account.view()


@pytest.mark.parametrize("value", ["\ud800", "ok\udfff"])
def test_lone_surrogates_are_refused_before_any_call(value: str) -> None:
    world = World((200, ACCOUNT))
    with pytest.raises(ValueError):
        world.client.servers.list(filters={"name": value})
    with pytest.raises(ValueError):
        world.client.servers.send_command("abcd1234", value)
    assert world.calls == 0


def test_query_values_are_encoded() -> None:
    world = World((200, {"object": "list", "data": [], "meta": {"pagination": PAGINATION}}))
    world.client.servers.list(filters={"*": "a&b=c d/é#"}, include=("egg",), type="admin-all")
    assert world.adapter.requests[0].path_url == (
        "/api/client?page=1&per_page=100&include=egg&filter%5B%2A%5D=a%26b%3Dc%20d%2F%C3%A9%23&type=admin-all"
    )


PAGINATION = {"total": 0, "count": 0, "per_page": 100, "current_page": 1, "total_pages": 1, "links": {}}


def test_the_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="portal.pterodactyl")
    echoed = error(500, f"Odd{SECRET}", f"You sent Bearer {SECRET}")
    transport = Transport(BASE, adapter=WsgiAdapter(World(echoed).script), sleep=lambda seconds: None)
    with pytest.raises(errors.PanelError) as caught:
        Panel(transport).client(KEY).account.view()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text + repr(KEY)
    assert SECRET[16:] not in shown
    assert "ptlc_Ab3" in caplog.text
    assert KEY.identifier == SECRET[:16]


@pytest.mark.parametrize("secret", ["", "a b", "a\nb", "é", "x" * 201])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError) as caught:
        ApiKey(secret)
    assert not secret or secret not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["panel.test", "ftp://panel.test", "http://", "http://panel.test/?a=b", "http://*.test", "http://a:x"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        Transport(address)


def test_base_url_may_have_a_path() -> None:
    world = World((200, ACCOUNT))
    Panel(Transport(f"{BASE}/panel/", adapter=world.adapter)).client(KEY).account.view()
    assert world.adapter.requests[0].url == f"{BASE}/panel/api/client/account"


def test_one_record_for_each_request() -> None:
    world = World((200, ACCOUNT))
    world.panel.client(KEY, who="customer 7", purpose="live").account.view()
    (record,) = world.records
    assert (record.method, record.path, record.status) == ("GET", "/api/client/account", 200)
    assert (record.key, record.who, record.attempt, record.outcome) == ("ptlc_Ab3", "customer 7", 1, "ok")


@pytest.mark.parametrize(
    ("headers", "limit", "remaining"),
    [
        ({"X-RateLimit-Limit": "720", "X-RateLimit-Remaining": "719"}, 720, 719),
        ({"X-RateLimit-Limit": "720"}, None, None),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-1"}, None, None),
        ({"X-RateLimit-Limit": "9" * 40, "X-RateLimit-Remaining": "1"}, None, None),
    ],
)
def test_the_record_holds_the_panels_clock_and_count(
    headers: dict[str, str], limit: int | None, remaining: int | None
) -> None:
    said = headers | {"Content-Type": "application/json", "Date": "Sat, 21 Nov 2026 12:00:00 GMT"}
    world = World((200, ACCOUNT, said.items()))
    world.get()
    (record,) = world.records
    assert record.date == "Sat, 21 Nov 2026 12:00:00 GMT"
    assert (record.limit, record.remaining) == (limit, remaining)


def test_unknown_outcomes_survive_copying() -> None:
    unknown = errors.OutcomeUnknown(errors.NodeUnreachable("silent", status=504, request="POST /x"))
    for twin in (copy.copy(unknown), pickle.loads(pickle.dumps(unknown))):
        assert (str(twin), twin.cause.status) == (str(unknown), 504)


def test_answers_of_many_threads_do_not_cross() -> None:
    def mirror(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", list(JSON))
        return [json.dumps(environ["HTTP_AUTHORIZATION"]).encode()]

    transport = Transport(BASE, adapter=WsgiAdapter(mirror), on_call=lambda record: None)
    keys = [ApiKey(f"ptlc_{number:043}") for number in range(8)]
    wrong: list[str] = []

    def ask(key: ApiKey) -> None:
        for _ in range(20):
            heard = transport.call(key, "GET", "/api/client", deadline_s=5, effect=False).json
            if heard != f"Bearer {key.secret}":
                wrong.append(heard)

    threads = [threading.Thread(target=ask, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Listening(Transport):
    """A transport that only notes how it was called."""

    def __init__(self) -> None:
        super().__init__(BASE)
        self.notes: list[dict[str, Any]] = []

    def call(self, *args: Any, **more: Any) -> Any:
        self.notes.append(more)
        raise errors.NotFound("noted")


@pytest.mark.parametrize(
    ("ask", "purpose", "deadline_s", "effect"),
    [
        (lambda panel: panel.client(KEY).servers.list(), "page", 5.0, False),
        (lambda panel: panel.client(KEY).servers.view("x"), "page", 5.0, False),
        (lambda panel: panel.client(KEY, purpose="sync").servers.list(), "sync", 8.0, False),
        (lambda panel: panel.client(KEY, purpose="live").servers.resources("x"), "live", 8.0, False),
        (lambda panel: panel.client(KEY).servers.resources("x"), "page", 8.0, False),
        (lambda panel: panel.client(KEY).servers.send_power("x", "stop"), "page", 20.0, True),
        (lambda panel: panel.client(KEY).servers.send_command("x", "y"), "page", 20.0, True),
        (lambda panel: panel.application(KEY).servers.suspend(1), "sync", 30.0, True),
        (lambda panel: panel.application(KEY).servers.unsuspend(1), "sync", 30.0, True),
        (lambda panel: panel.application(KEY).users.list(), "sync", 8.0, False),
        (lambda panel: panel.application(KEY, purpose="page").users.view(1), "page", 5.0, False),
    ],
)
def test_each_call_has_its_deadline(ask: Any, purpose: str, deadline_s: float, effect: bool) -> None:
    transport = Listening()
    with pytest.raises(errors.NotFound):
        ask(Panel(transport))
    (note,) = transport.notes
    assert (note["purpose"], note["deadline_s"], note["effect"]) == (purpose, deadline_s, effect)
