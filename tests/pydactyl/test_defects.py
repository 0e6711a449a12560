"""Transport and shape: what py-dactyl 2.1 does wrong against a panel 1.11.8, and that ours does not. Rows P1 to P16."""

from __future__ import annotations

import contextlib
import inspect
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from pydactyl import PterodactylClient
from pydactyl.exceptions import PterodactylApiError
from requests.adapters import HTTPAdapter

from portal.pterodactyl import ApiKey, Panel, Transport, errors
from tests.demo.wire_support import serving
from tests.pterodactyl.fakes import SECRET, Script
from tests.pterodactyl.listening import Listener
from tests.pydactyl import theirs, worlds
from tests.pydactyl.asking import Asking

NAMED: dict[str, Any] = {"email": "x@example.org", "username": "xenia", "first_name": "X", "last_name": "Y"}


class Cutting(Listener):
    """Takes each request and cuts the connection instead of an answer."""

    def talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            heard = b""
            while not heard.endswith(b"}") and (piece := connection.recv(65536)):
                heard += piece


@pytest.fixture
def cutting() -> Iterator[Cutting]:
    one = Cutting()
    yield one
    one.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[requests.PreparedRequest, Any]]:
    """Every request that goes out through `requests`, and its time-out."""
    seen: list[tuple[requests.PreparedRequest, Any]] = []
    send = HTTPAdapter.send

    def spy(adapter: HTTPAdapter, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        seen.append((request, more["timeout"]))
        return send(adapter, request, **more)

    monkeypatch.setattr(HTTPAdapter, "send", spy)
    return seen


def test_p1_every_call_has_an_end(own: Asking, sent: list[tuple[requests.PreparedRequest, Any]]) -> None:
    own.stand.customer.client.servers.get_server(own.stand.server)
    own.client.servers.view(own.stand.server)
    (_, their_end), (_, our_end) = sent
    assert their_end is None
    assert our_end.total <= 5
    assert our_end.connect_timeout <= 3


def test_p2_one_connection_serves_many_calls(own: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    server = own.stand.served.panel._server
    assert server is not None
    accept = server.get_request
    monkeypatch.setattr(server, "get_request", lambda: (opened.append(1), accept())[1])  # type: ignore[func-returns-value]
    for _ in range(5):
        own.stand.customer.client.servers.files.list_files(own.stand.server)
    assert len(opened) == 5
    for _ in range(5):
        own.client.files.list(own.stand.server)
    assert len(opened) == 6


def test_p3_a_post_whose_answer_is_lost_goes_out_once(cutting: Cutting) -> None:
    base = f"http://{cutting.address}"
    with pytest.raises(requests.ConnectionError):
        PterodactylClient(base, SECRET, backoff_factor=0).user.create_user("xenia", "x@example.org", "X", "Y")
    assert cutting.accepted == 4
    transport = Transport(base)
    with contextlib.closing(transport), pytest.raises(errors.OutcomeUnknown):
        Panel(transport).application(ApiKey(SECRET)).users.create(**NAMED)
    assert cutting.accepted == 5


def test_p4_an_error_carries_what_the_panel_said(own: Asking) -> None:
    with pytest.raises(PterodactylApiError) as refused:
        own.stand.application.user.create_user("chief", "chief@example.org", "X", "Y")
    assert vars(refused.value) == {}
    with pytest.raises(errors.Invalid) as invalid:
        own.api.users.create(**NAMED | {"username": "chief"})
    assert (invalid.value.status, invalid.value.code) == (422, "ValidationException")
    assert [(one.source_field, one.rule) for one in invalid.value.errors] == [("username", "unique")]
    with pytest.raises(requests.HTTPError) as missing:
        own.stand.application.user.get_user_info(999)
    assert "resource" not in str(missing.value)
    with pytest.raises(errors.NotFound) as unknown:
        own.api.users.view(999)
    assert unknown.value.detail == "The requested resource could not be found on the server."
    assert unknown.value.request == "GET /api/application/users/999"


def test_p4_too_many_calls_say_when_to_come_back(make: Callable[[dict[str, Any] | None], Asking]) -> None:
    own = make(worlds.small(panel={"rate_limit": {"application_per_minute": 1}}))
    hasty = PterodactylClient(own.stand.base, own.stand.demo.keys["application"], retries=0)
    hasty.user.list_users()
    with pytest.raises(requests.exceptions.RetryError) as lost:
        hasty.user.list_users()
    assert lost.value.response is None
    with pytest.raises(errors.Busy) as busy:
        own.api.users.list()
    assert (busy.value.status, busy.value.local) == (429, False)
    assert 0 < busy.value.retry_after_s <= 60


def test_p5_a_silent_node_is_told_from_a_silent_panel(own: Asking) -> None:
    own.stand.demo.set_condition("node-down")
    with pytest.raises(requests.HTTPError):
        own.stand.customer.client.servers.files.list_files(own.stand.server)
    with pytest.raises(errors.NodeUnreachable):
        own.client.files.list(own.stand.server)
    own.stand.demo.set_condition("panel-database-down")
    with pytest.raises(requests.HTTPError):
        own.stand.customer.client.servers.files.list_files(own.stand.server)
    with pytest.raises(errors.PanelUnreachable):
        own.client.files.list(own.stand.server)


def test_p7_pages_keep_their_size_and_their_filter(make: Callable[[dict[str, Any] | None], Asking]) -> None:
    own = make(worlds.large())
    node = own.stand.demo.world.nodes[1].id
    doubled = own.stand.application.nodes.list_node_allocations(node, params={"per_page": 100}).collect()
    assert len(doubled) == 177
    assert len({one.id for one in own.api.allocations.iterate(node)}) == worlds.PORTS
    guests = own.stand.application.user.list_users(email="guest").collect()
    assert {one["attributes"]["email"] for one in guests if "guest" not in one["attributes"]["email"]}
    found = [one.email for one in own.api.users.iterate(filters={"email": "guest"})]
    assert len(found) == len(set(found)) == worlds.GUESTS
    assert all("guest" in one for one in found)


def test_p8_a_list_is_of_things_and_can_be_walked_through_again(own: Asking) -> None:
    users = own.stand.application.user.list_users(params={"per_page": 2})
    assert (len(users.data), len(users)) == (2, 4)
    users = own.stand.application.user.list_users()
    assert len(users.collect()) == 4
    with pytest.raises(AttributeError):
        users.collect()
    page = own.api.users.list(per_page=2)
    assert (len(page.items), page.total) == (2, 4)
    for _ in range(2):
        assert [one.username for one in own.api.users.iterate()] == ["chief", "kim", "lee", "nobody"]


def test_p9_an_id_reaches_no_other_route(own: Asking) -> None:
    server = own.stand.server_id
    with pytest.raises(requests.HTTPError):
        own.stand.application.servers.get_server_info(external_id="a/b")
    assert own.stand.log[-1][1] == "/api/application/servers/external/a/b"
    asked = len(own.stand.log)
    for odd in ("a/b", "", "..", "%2e%2e"):
        with pytest.raises(ValueError):
            own.api.servers.view_external(odd)
        with pytest.raises(ValueError):
            own.api.users.view_external(odd)
    for wrong in ("", "1", None, True, 0, -1, 1.0):
        with pytest.raises(ValueError):
            own.api.databases.delete(server, wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError):
            own.client.schedules.delete(own.stand.server, wrong)  # type: ignore[arg-type]
    assert len(own.stand.log) == asked


def test_p10_and_p11_their_defaults_are_shared_lists(own: Asking) -> None:
    """Ours: `test_no_default_can_be_changed`, `test_what_can_be_walked_through_can_be_paged...`."""
    shared = [
        parameter.name
        for name in theirs.methods()
        for parameter in inspect.signature(theirs.called(own.stand.customer, name)).parameters.values()
        if isinstance(parameter.default, list | dict)
    ]
    assert sorted(shared) == ["environment", "environment", "includes", "location_ids", "port_range"]
    assert list(inspect.signature(own.stand.customer.client.servers.backups.list_backups).parameters) == ["server_id"]


def test_p12_each_request_says_who_asks(own: Asking, sent: list[tuple[requests.PreparedRequest, Any]]) -> None:
    own.stand.customer.client.account.get_account()
    own.client.account.view()
    assert [request.headers["User-Agent"].split("/")[0] for request, _ in sent] == ["python-requests", "portal"]


def test_p13_what_their_readme_shows_does_not_run() -> None:
    """Ours: `test_the_example_runs`."""
    with pytest.raises(TypeError):
        PterodactylClient(theirs.NOWHERE, SECRET, debug=True)


def test_p14_a_cookie_of_the_panel_is_not_sent_back() -> None:
    """It would turn later calls into those of a browser, which need a token of their own."""
    headers = [("Set-Cookie", "pterodactyl_session=x; path=/"), ("Content-Type", "application/json")]
    page = {"total": 0, "count": 0, "per_page": 100, "current_page": 1, "total_pages": 1, "links": {}}
    script = Script((200, {"object": "list", "data": [], "meta": {"pagination": page}}, headers))
    with serving(script) as server, contextlib.closing(Transport(server.address)) as transport:
        they = PterodactylClient(server.address, SECRET)
        we = Panel(transport).application(ApiKey(SECRET))
        for ask in (they.user.list_users, we.users.list):
            ask()
            ask()
        they._session.close()
    cookies = [environ.get("HTTP_COOKIE") for environ in script.seen]
    assert cookies == [None, "pterodactyl_session=x", None, None]


def test_p16_their_asynchronous_twin_has_grown_apart() -> None:
    """Ours has none: docs/decisions/0014-asynchronous-twin.md."""
    from pydactyl import AsyncPterodactylClient

    twin = AsyncPterodactylClient(theirs.NOWHERE, SECRET)
    restore = theirs.called(twin, "client.servers.backups.restore_backup")
    assert "delete_existing_files" not in inspect.signature(restore).parameters
