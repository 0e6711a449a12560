from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.link import Fault
from portal.demo.tokens import jti_of
from portal.demo.world import Allocation, Database, DatabaseHost, Server
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode

ONE = "/api/application/servers/1"
LIMITS: dict[str, Any] = {"memory": 100, "swap": 0, "disk": 200, "io": 500, "cpu": 10}
BUILD: dict[str, Any] = {"allocation": 1, "limits": LIMITS, "feature_limits": {"databases": 1, "backups": 2}}


@pytest.fixture
def server(demo: Demo) -> Server:
    return demo.world.servers[0]


def allocation(demo: Demo, port: int, ip: str = "203.0.113.5") -> Allocation:
    return next(row for row in demo.world.allocations if (row.ip, row.port) == (ip, port))


def failures(response: Any) -> list[str]:
    assert response.status_code == 422, response.json
    return [" ".join(error["meta"].values()) for error in response.json["errors"]]


def build(ask: Asker, **change: Any) -> Any:
    return ask("all", "PATCH", f"{ONE}/build", {**BUILD, **change})


def test_details_replace_everything(ask: Asker, server: Server, demo: Demo, clock: ManualClock) -> None:
    node = ScriptedNode(demo)
    clock.advance(9)
    response = ask("all", "PATCH", f"{ONE}/details", {"name": "Ein", "user": str(server.owner.id)})
    assert response.json is not None
    shown = response.json["attributes"]
    assert (shown["name"], shown["external_id"], shown["description"]) == ("Ein", None, "")
    assert (server.updated_at, node.calls) == (clock.now(), [])


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["name required", "user required"]),
    ({"name": "x" * 192, "user": 99}, ["name max", "user exists"]),
    ({"name": 5, "user": "x", "description": 5}, ["name string", "user integer", "description string"]),
    ({"name": "x", "user": 2, "external_id": 5}, ["external_id string"]),
    ({"name": "x", "user": 2, "external_id": "TAKEN"}, ["external_id unique"]),
])
def test_rules_of_details(ask: Asker, demo: Demo, body: dict[str, Any], expected: list[str]) -> None:
    demo.world.servers[1].external_id = "taken"
    assert failures(ask("all", "PATCH", f"{ONE}/details", body)) == expected


def test_a_new_owner_ends_the_tokens_of_the_old_one(ask: Asker, server: Server, demo: Demo) -> None:
    node, old = ScriptedNode(demo), server.owner
    lee = server.subusers[0].user
    ask("all", "PATCH", f"{ONE}/details", {"name": "Uno", "user": lee.id, "external_id": "Order-1"})
    assert node.calls == [("POST", f"/api/servers/{server.uuid}/ws/deny", {"jtis": [jti_of(old, server)]})]
    assert (server.owner, server.subusers[0].user) == (lee, lee)
    assert says(ask.get("kim", ask.server("Uno")))[2] == "The requested resource does not exist on this server."
    demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    assert ask("all", "PATCH", f"{ONE}/details", {"name": "Uno", "user": old.id}).status_code == 200


@pytest.mark.parametrize("fault", [None, Fault.NOTHING_LISTENS, Fault.TOKEN_IS_REFUSED])
def test_a_build_is_saved_whatever_the_node_says(ask: Asker, server: Server, demo: Demo, fault: Fault | None) -> None:
    demo.link.fault_everywhere = fault
    shown = build(ask, oom_disabled=0).json["attributes"]
    assert shown["limits"] == {**LIMITS, "threads": None, "oom_disabled": False}
    assert shown["feature_limits"] == {"databases": 1, "allocations": None, "backups": 2}


def test_limits_may_still_stand_at_the_top(ask: Asker, server: Server) -> None:
    body = {**LIMITS, "memory": "70", "threads": "0-1,3", "allocation": 1,
            "feature_limits": {"databases": None, "allocations": "4", "backups": None}}
    assert ask("all", "PATCH", f"{ONE}/build", body).status_code == 200
    assert (server.limits.memory, server.limits.threads, server.limits.oom_disabled) == (70, "0-1,3", True)
    assert (server.feature_limits.databases, server.feature_limits.allocations, server.feature_limits.backups) == (
        None, 4, 0)


@pytest.mark.parametrize(("change", "expected"), [
    ({"allocation": None}, ["allocation required"]),
    ({"allocation": 99}, ["allocation exists"]),
    ({"allocation": 3}, ["allocation unique"]),
    ({"limits": None, **LIMITS}, ["limits array"]),
    ({"limits": {"memory": 1, "swap": -2, "io": 9, "cpu": "x"}},
     ["limits.swap min", "limits.io between", "limits.cpu numeric", "limits.disk required_with"]),
    ({"limits": {}}, [f"{name} required_without" for name in ("memory", "swap", "io", "cpu", "disk")]),
    ({"allocation": ["x"], "remove_allocations": ["x"], "feature_limits": {}},
     ["allocation exists", "feature_limits required", "feature_limits.databases present",
      "feature_limits.backups present", "remove_allocations.0 integer"]),
    ({"limits": {**LIMITS, "threads": "all"}}, ["limits.threads regex"]),
    ({"add_allocations": None, "remove_allocations": ["x"]}, ["add_allocations array", "remove_allocations.0 integer"]),
    ({"feature_limits": {"databases": -1, "allocations": "x"}},
     ["feature_limits.databases min", "feature_limits.allocations integer", "feature_limits.backups present"]),
    ({"oom_disabled": "no"}, ["oom_disabled boolean"]),
])
def test_rules_of_builds(ask: Asker, change: dict[str, Any], expected: list[str]) -> None:
    assert failures(build(ask, **change)) == expected


def test_a_list_of_one_allocation_breaks_the_panel(ask: Asker) -> None:
    assert says(build(ask, allocation=[1]))[:2] == (500, "QueryException")


def test_limits_have_names_of_their_own(ask: Asker) -> None:
    assert says(build(ask, feature_limits={"databases": 1}))[2] == "The Backup Limit field must be present."
    assert says(build(ask, add_allocations=["x"]))[2] == "The allocation to add must be an integer."


def test_only_what_is_free_on_the_node_is_added(ask: Asker, server: Server, demo: Demo) -> None:
    free, taken = allocation(demo, 4000, "203.0.113.6"), allocation(demo, 5000)
    free.notes = "old"
    build(ask, add_allocations=[free.id, taken.id, 99])
    assert (free.server, free.notes, taken.server) == (server, None, demo.world.servers[2])


def test_removed_ones_are_free_unless_they_are_added_too(ask: Asker, server: Server, demo: Demo) -> None:
    extra = allocation(demo, 4001)
    build(ask, add_allocations=[extra.id], remove_allocations=[extra.id])
    assert extra.server is server
    build(ask, remove_allocations=[extra.id, allocation(demo, 5000).id])
    assert (extra.server, allocation(demo, 5000).server) == (None, demo.world.servers[2])


def test_a_removed_primary_needs_a_fresh_one(ask: Asker, server: Server, demo: Demo) -> None:
    primary, free = server.allocation, allocation(demo, 4000, "203.0.113.6")
    assert says(build(ask, remove_allocations=[primary.id])) == (
        400, "DisplayException", "You are attempting to delete the default allocation for this server but there is no "
        "fallback allocation to use.")
    build(ask, remove_allocations=[primary.id], add_allocations=[free.id])
    assert (server.allocation, primary.server) == (free, None)


def test_the_primary_must_be_the_servers(ask: Asker, server: Server, demo: Demo) -> None:
    free = allocation(demo, 4000, "203.0.113.6")
    assert says(build(ask, allocation=free.id)) == (
        400, "DisplayException", "The requested default allocation is not currently assigned to this server.")
    assert free.server is None
    assert build(ask, allocation=free.id, add_allocations=[free.id]).status_code == 200
    assert server.allocation is free


def test_reinstalling_lifts_a_suspension_or_changes_nothing(ask: Asker, server: Server, demo: Demo) -> None:
    server.status = "suspended"
    ScriptedNode(demo, 500)
    assert says(ask.post("all", f"{ONE}/reinstall"))[:2] == (500, "DaemonConnectionException")
    assert server.status == "suspended"
    ScriptedNode(demo, 202)
    assert ask.post("all", f"{ONE}/reinstall").status_code == 204
    assert (server.status, server.is_suspended) == ("installing", False)


def test_deletion_asks_the_node_first(ask: Asker, server: Server, demo: Demo) -> None:
    node = ScriptedNode(demo, 500)
    for path in (ONE, f"{ONE}/anything"):
        assert says(ask("all", "DELETE", path))[:2] == (500, "DaemonConnectionException")
    assert node.calls == [("DELETE", f"/api/servers/{server.uuid}", None)] * 2
    assert server in demo.world.servers


@pytest.mark.parametrize(("status", "path"), [(204, ONE), (404, ONE), (500, f"{ONE}/force")])
def test_what_was_deleted_leaves_its_allocations(ask: Asker, server: Server, demo: Demo, status: int,
                                                 path: str) -> None:
    server.allocation.notes = "kept"
    primary, short = server.allocation, ask.server("Uno")
    ScriptedNode(demo, status)
    assert ask("all", "DELETE", path).status_code == 204
    assert (primary.server, primary.notes) == (None, "kept")
    for who, gone in (("kim", short), ("all", ONE)):
        assert says(ask.get(who, gone))[2] == "The requested resource could not be found on the server."


def test_reading_keys_write_nothing(ask: Asker) -> None:
    for method, path in (("PATCH", f"{ONE}/details"), ("PATCH", f"{ONE}/build"), ("POST", f"{ONE}/reinstall"),
                         ("DELETE", ONE), ("DELETE", f"{ONE}/force")):
        assert says(ask("reading", method, path))[:2] == (403, "AccessDeniedHttpException")


def test_databases_of_a_server_with_what_belongs_to_them(ask: Asker, server: Server, demo: Demo) -> None:
    now = server.created_at
    host = DatabaseHost(1, "Local", "127.0.0.1", 3306, "panel", now, now)
    demo.world.databases.append(Database(7, server, host, "s1_web", "u1_x", "%", "secret", now, now))
    document = ask.get("all", f"{ONE}?include=databases.password,databases.host").json
    assert document is not None
    (shown,) = document["attributes"]["relationships"]["databases"]["data"]
    assert shown["object"] == "databases"
    assert (shown["attributes"]["id"], shown["attributes"]["server"], shown["attributes"]["database"]) == (
        7, 1, "s1_web")
    below = shown["attributes"]["relationships"]
    assert below["password"] == {"object": "database_password", "attributes": {"password": "secret"}}
    assert (below["host"]["object"], below["host"]["attributes"]["node"]) == ("database_host", None)
