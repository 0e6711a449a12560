from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.link import Fault
from portal.demo.world import Server
from tests.demo.conftest import Asker, says

UNKNOWN = (404, "NotFoundHttpException", "The requested resource could not be found on the server.")


@pytest.fixture
def path(ask: Asker) -> str:
    return f"{ask.server('Uno')}/network/allocations"


@pytest.fixture
def server(demo: Demo) -> Server:
    server = next(server for server in demo.world.servers if server.name == "Uno")
    server.feature_limits.allocations = 3
    return server


def attributes(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.json
    shown: dict[str, Any] = response.json["attributes"]
    return shown


def id_of(demo: Demo, port: int, ip: str = "203.0.113.5") -> int:
    return next(row.id for row in demo.world.allocations if (row.ip, row.port) == (ip, port))


def test_the_list_is_complete(ask: Asker, path: str) -> None:
    listed = ask.get("kim", path).json
    assert listed is not None
    assert set(listed) == {"object", "data"}
    assert [(row["attributes"]["port"], row["attributes"]["is_default"]) for row in listed["data"]] == [
        (4000, True), (4001, False)]


@pytest.mark.parametrize("limit", [None, 0, 1, 2])
def test_the_limit_counts_the_primary_and_comes_first(ask: Asker, demo: Demo, path: str, server: Server,
                                                      limit: int | None) -> None:
    server.feature_limits.allocations = limit
    demo.panel.services.config.client_allocations = False
    assert says(ask.post("kim", path)) == (
        400, "DisplayException", "Cannot assign additional allocations to this server: limit has been reached.")


def test_the_feature_may_be_off(ask: Asker, demo: Demo, path: str, server: Server) -> None:
    demo.panel.services.config.client_allocations = False
    assert says(ask.post("kim", path)) == (
        400, "AutoAllocationNotEnabledException", "Server auto-allocation is not enabled for this instance.")


def test_a_free_one_of_the_same_address_is_given(ask: Asker, demo: Demo, path: str, server: Server) -> None:
    free = next(row for row in demo.world.allocations if row.id == id_of(demo, 5000))
    free.server = None
    shown = attributes(ask.post("kim", path))
    assert (shown["id"], shown["port"], shown["is_default"]) == (free.id, 5000, False)
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == ("server:allocation.create", {"allocation": "203.0.113.5:5000"})
    assert says(ask.post("kim", path))[1] == "DisplayException"


def test_else_one_is_made_with_a_port_of_the_range(ask: Asker, demo: Demo, path: str, server: Server) -> None:
    demo.panel.services.config.allocation_range = (3999, 4002)
    before = len(demo.world.allocations)
    shown = attributes(ask.post("kim", path))
    assert (shown["ip"], shown["port"], shown["ip_alias"]) == ("203.0.113.5", 3999, None)
    assert len(demo.world.allocations) == before + 1
    server.feature_limits.allocations = 9
    assert says(ask.post("kim", path)) == (
        400, "NoAutoAllocationSpaceAvailableException",
        "Cannot assign additional allocation: no more space available on node.")


@pytest.mark.parametrize(("ports", "code"), [(None, "NoAutoAllocationSpaceAvailableException"),
                                            ((0, 5), "NoAutoAllocationSpaceAvailableException"),
                                            ((80, 90), "PortOutOfRangeException")])
def test_ranges_that_give_nothing(ask: Asker, demo: Demo, path: str, server: Server, ports: tuple[int, int] | None,
                                  code: str) -> None:
    demo.panel.services.config.allocation_range = ports
    assert says(ask.post("kim", path))[:2] == (400, code)


@pytest.mark.parametrize(("body", "rule", "detail"), [
    ({}, "present", "The notes field must be present."),
    ({"notes": 5}, "string", "The notes must be a string."),
    ({"notes": "x" * 257}, "max", "The notes may not be greater than 256 characters."),
])
def test_rules_of_notes(ask: Asker, demo: Demo, path: str, body: dict[str, Any], rule: str, detail: str) -> None:
    response = ask.post("kim", f"{path}/{id_of(demo, 4001)}", body)
    assert says(response)[2] == detail
    assert response.json is not None
    assert [error["meta"]["rule"] for error in response.json["errors"]] == [rule]


def test_notes_are_whole_in_the_answer_and_cut_afterwards(ask: Asker, demo: Demo, path: str) -> None:
    one = f"{path}/{id_of(demo, 4001)}"
    assert len(attributes(ask.post("kim", one, {"notes": "ü" * 256}))["notes"]) == 256
    listed = ask.get("kim", path).json
    assert listed is not None
    assert listed["data"][1]["attributes"]["notes"] == "ü" * 191
    assert attributes(ask.post("kim", one, {"notes": ""}))["notes"] is None
    entry = demo.world.activity_logs[-1]
    assert entry.properties == {"allocation": "203.0.113.5:4001", "old": "ü" * 191, "new": None}
    logged = len(demo.world.activity_logs)
    ask.post("kim", one, {"notes": None})
    assert len(demo.world.activity_logs) == logged


def test_primary_and_deletion_ask_no_node(ask: Asker, demo: Demo, path: str, server: Server) -> None:
    demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    extra = id_of(demo, 4001)
    assert attributes(ask.post("kim", f"{path}/{extra}/primary"))["is_default"] is True
    assert says(ask("kim", "DELETE", f"{path}/{extra}"))[2] == (
        "You cannot delete the primary allocation for this server.")
    first = next(row for row in demo.world.allocations if row.id == id_of(demo, 4000))
    first.notes = "gone with it"
    assert ask("kim", "DELETE", f"{path}/{first.id}").status_code == 204
    assert (first.server, first.notes) == (None, None)
    assert [entry.event for entry in demo.world.activity_logs[-2:]] == [
        "server:allocation.primary", "server:allocation.delete"]


@pytest.mark.parametrize("limit", [None, 0])
def test_without_a_limit_nothing_is_deleted(ask: Asker, demo: Demo, path: str, server: Server,
                                            limit: int | None) -> None:
    server.feature_limits.allocations = limit
    assert says(ask("kim", "DELETE", f"{path}/{server.allocation.id}")) == (
        400, "DisplayException", "You cannot delete allocations for this server: no allocation limit is set.")


def test_only_allocations_of_the_server_are_found(ask: Asker, demo: Demo, path: str) -> None:
    for wrong in (id_of(demo, 4002), id_of(demo, 4000, "203.0.113.6"), 999, "x"):
        assert says(ask.post("kim", f"{path}/{wrong}", {"notes": "x"})) == UNKNOWN


def test_each_route_has_its_permission(ask: Asker, demo: Demo, path: str, server: Server) -> None:
    one = f"{path}/{server.allocation.id}"
    for permission, method, url in (("read", "GET", path), ("create", "POST", path), ("update", "POST", one),
                                    ("update", "POST", f"{one}/primary"), ("delete", "DELETE", one)):
        server.subusers[0].permissions = []
        assert says(ask("lee", method, url))[:2] == (403, "AccessDeniedHttpException")
        server.subusers[0].permissions = [f"allocation.{permission}"]
        assert ask("lee", method, url).status_code != 403
