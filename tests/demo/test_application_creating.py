from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.link import Fault
from portal.demo.world import Allocation, Node, Server
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode

SERVERS = "/api/application/servers"
FREE = 5
LIMITS = {"memory": 256, "swap": 0, "disk": 512, "io": 500, "cpu": 0}
BODY: dict[str, Any] = {
    "name": "New", "user": 2, "egg": 1, "docker_image": "example.org/image:1", "startup": "./run {{MODE}}",
    "environment": {"MODE": "hard", "SECRET": "told", "UNKNOWN": "x"}, "limits": LIMITS,
    "feature_limits": {"databases": None, "backups": None}, "allocation": {"default": FREE},
}
DEPLOY: dict[str, Any] = {"locations": [], "port_range": [], "dedicated_ip": False}


def create(ask: Asker, *, without: str = "", **change: Any) -> Any:
    return ask.post("all", SERVERS, {name: value for name, value in {**BODY, **change}.items() if name != without})


def failures(response: Any) -> list[str]:
    assert response.status_code == 422, response.json
    return [" ".join(error["meta"].values()) for error in response.json["errors"]]


def allocation(demo: Demo, number: int = FREE) -> Allocation:
    return next(row for row in demo.world.allocations if row.id == number)


def test_what_is_shown_of_a_new_server(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    node, entries = ScriptedNode(demo, 202), len(demo.world.activity_logs)
    response = create(ask, external_id="order-9", start_on_completion="1")
    shown = response.json["attributes"]
    (server,) = [row for row in demo.world.servers if row.id == 4]
    assert (response.status_code, "meta" in response.json) == (201, False)
    assert (shown["id"], shown["external_id"], shown["description"], shown["status"]) == (
        4, "order-9", "", "installing")
    assert shown["limits"] == {**LIMITS, "threads": None, "oom_disabled": True}
    assert shown["feature_limits"] == {"databases": 0, "allocations": 0, "backups": 0}
    assert (shown["user"], shown["node"], shown["allocation"], shown["nest"], shown["egg"]) == (2, 1, FREE, 1, 1)
    assert shown["container"]["environment"] == {
        "MODE": "hard", "SECRET": "told", "STARTUP": "./run {{MODE}}", "P_SERVER_LOCATION": "attic",
        "P_SERVER_UUID": server.uuid, "P_SERVER_ALLOCATION_LIMIT": 0}
    assert (server.created_at, allocation(demo).server) == (clock.now(), server)
    assert node.calls == [("POST", "/api/servers", {"uuid": server.uuid, "start_on_completion": True})]
    assert len(demo.world.activity_logs) == entries
    assert ask.get("all", f"{SERVERS}/external/ORDER-9").json == response.json


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["name required", "user required", "egg required", "docker_image required", "startup required",
          "environment present", "limits required", "limits.memory required", "limits.swap required",
          "limits.disk required", "limits.io required", "limits.cpu required", "feature_limits required",
          "feature_limits.databases present", "feature_limits.backups present", "allocation.default required"]),
    ({**BODY, "name": 5, "description": 5, "external_id": 5, "user": "x", "startup": [], "environment": "x"},
     ["external_id string", "name string", "description string", "user integer", "startup required",
      "environment array"]),
    ({**BODY, "external_id": "order-1"}, ["external_id unique"]),
    ({**BODY, "user": 99, "egg": 99}, ["user exists", "egg exists"]),
    ({**BODY, "egg": "one"}, ["egg exists"]),
    ({**BODY, "docker_image": "not/an image;"}, ["docker_image regex"]),
    ({**BODY, "docker_image": 5}, ["docker_image string"]),
    ({**BODY, "skip_scripts": "no", "oom_disabled": None, "start_on_completion": "yes"},
     ["skip_scripts boolean", "oom_disabled boolean", "start_on_completion boolean"]),
    ({**BODY, "limits": {"memory": -1, "swap": -2, "disk": "much", "io": 9, "cpu": None, "threads": "all"}},
     ["limits.memory min", "limits.swap min", "limits.disk numeric", "limits.io between", "limits.threads regex",
      "limits.cpu required"]),
    ({**BODY, "feature_limits": {"databases": -1, "allocations": "x", "backups": 1.5}},
     ["feature_limits.databases min", "feature_limits.allocations integer", "feature_limits.backups integer"]),
    ({**BODY, "allocation": {"default": 1, "additional": [2, "x", 99]}},
     ["allocation.default exists", "allocation.additional.0 exists", "allocation.additional.1 integer",
      "allocation.additional.2 exists"]),
    ({**BODY, "allocation": FREE}, ["allocation.default required"]),
    ({**BODY, "deploy": {}}, ["deploy required"]),
    ({**BODY, "deploy": None}, ["deploy required"]),
    ({**BODY, "deploy": "x"}, ["deploy array", "deploy.locations present", "deploy.dedicated_ip required_with",
                               "deploy.port_range present"]),
    ({**BODY, "deploy": {"locations": None, "port_range": "25565", "dedicated_ip": None}},
     ["deploy.locations array", "deploy.dedicated_ip required_with", "deploy.port_range array"]),
    ({**BODY, "deploy": {"locations": [0, "x"], "port_range": [25565], "dedicated_ip": 0}},
     ["deploy.locations.0 min", "deploy.locations.1 integer", "deploy.port_range.0 string"]),
])
def test_rules(ask: Asker, demo: Demo, body: dict[str, Any], expected: list[str]) -> None:
    assert failures(ask.post("all", SERVERS, body)) == expected
    assert len(demo.world.servers) == 3


def test_texts(ask: Asker) -> None:
    assert says(create(ask, feature_limits={"databases": 1}))[2] == "The feature limits.backups field must be present."
    assert says(create(ask, deploy={"locations": [], "port_range": []}))[2] == (
        "The deploy.dedicated ip field is required when deploy / boolean is present.")
    assert says(create(ask, docker_image=None))[2] == "The docker image field is required."


@pytest.mark.parametrize(("rules", "value", "failure"), [
    ("required|string", None, ("required", "The Mode variable field is required.")),
    ("required|string", "", ("required", "The Mode variable field is required.")),
    ("required|string|max:3", "long", ("max", "The Mode variable may not be greater than 3 characters.")),
    ("required|integer|between:1,9", "10", ("between", "The Mode variable must be between 1 and 9.")),
    ("nullable|alpha_num", "a b", ("alpha_num", "The Mode variable may only contain letters and numbers.")),
    ("required|regex:/^x+$/", "y", ("regex", "The Mode variable format is invalid.")),
    ("required|boolean", "yes", ("boolean", "The Mode variable field must be true or false.")),
    ("required|in:easy,hard", "no", ("in", "The selected Mode variable is invalid.")),
    ("required|numeric", "many", ("numeric", "The Mode variable must be a number.")),
    ("string", None, ("string", "The Mode variable must be a string.")),
])
def test_variables_are_asked_their_own_rules(ask: Asker, demo: Demo, rules: str, value: Any,
                                             failure: tuple[str, str]) -> None:
    demo.world.eggs[0].variables[0].rules = rules
    (error,) = create(ask, environment={"MODE": value}).json["errors"]
    assert (error["meta"], error["detail"]) == ({"source_field": "environment.MODE", "rule": failure[0]}, failure[1])
    assert len(demo.world.servers) == 3


def test_hidden_ones_are_asked_too_and_what_is_left_out_is_an_empty_text(ask: Asker, demo: Demo) -> None:
    hidden = demo.world.eggs[0].variables[1]
    hidden.rules = "required|string"
    assert failures(create(ask, environment={"MODE": "x"})) == ["environment.SECRET required"]
    hidden.rules = "nullable|string"
    environment = create(ask, environment={"MODE": " x "}).json["attributes"]["container"]["environment"]
    assert (environment["MODE"], environment["SECRET"]) == ("x", "")


@pytest.mark.parametrize(("rules", "value", "stored"), [
    ("required|boolean", False, "0"), ("required|boolean", True, "1"), ("required|numeric", 5, "5"),
    ("required|numeric", 2.5, "2.5"),
])
def test_values_are_stored_as_texts(ask: Asker, demo: Demo, rules: str, value: Any, stored: str) -> None:
    demo.world.eggs[0].variables[0].rules = rules
    shown = create(ask, environment={"MODE": value}).json["attributes"]
    assert shown["container"]["environment"]["MODE"] == stored


def test_a_list_breaks_the_insert_and_costs_an_id(ask: Asker, demo: Demo) -> None:
    demo.world.eggs[0].variables[0].rules = "required"
    assert says(create(ask, environment={"MODE": ["x"]}))[:2] == (500, "QueryException")
    assert (len(demo.world.servers), allocation(demo).server) == (3, None)
    assert create(ask, environment={"MODE": "x"}).json["attributes"]["id"] == 5


def test_limits_are_shown_as_they_were_sent_and_then_as_they_are(ask: Asker) -> None:
    sent = {**LIMITS, "memory": "256", "cpu": 12.7, "threads": 2}
    shown = create(ask, limits=sent).json["attributes"]["limits"]
    assert shown == {**LIMITS, "cpu": 12, "threads": 2, "oom_disabled": True}
    listed = ask.get("all", f"{SERVERS}/4").json["attributes"]["limits"]
    assert listed == {**LIMITS, "cpu": 13, "threads": "2", "oom_disabled": True}


def test_an_egg_by_a_text_that_begins_with_its_number(ask: Asker) -> None:
    assert says(create(ask, egg="1x"))[:2] == (500, "ErrorException")
    assert create(ask, egg="1").status_code == 201


def test_additional_allocations(ask: Asker, demo: Demo) -> None:
    more = Allocation(6, demo.world.nodes[0], "203.0.113.6", 4001, notes="kept")
    demo.world.allocations.append(more)
    create(ask, allocation={"default": FREE, "additional": ["6"]})
    assert (more.server, more.notes) == (demo.world.servers[-1], "kept")


def test_with_deploy_nobody_checks_the_additional_ones(ask: Asker, demo: Demo) -> None:
    stolen = allocation(demo, 2)
    response = create(ask, allocation={"default": "nonsense", "additional": [2]}, deploy=DEPLOY)
    assert response.json["attributes"]["allocation"] == FREE
    assert stolen.server is demo.world.servers[-1]


def test_a_stolen_primary_cannot_be_used_twice(ask: Asker, demo: Demo) -> None:
    allocation(demo, 4).server = None
    assert says(create(ask, allocation={"default": 4})) == (
        500, "DataValidationException", "Could not save Pterodactyl\\Models\\Server[]: failed to validate data: "
        '{"allocation_id":["The allocation id has already been taken."]}')


@pytest.mark.parametrize(("fault", "status"), [(Fault.NOTHING_LISTENS, 504), (Fault.TOKEN_IS_REFUSED, 403)])
def test_nothing_stays_of_a_server_that_its_node_does_not_take(ask: Asker, demo: Demo, fault: Fault,
                                                               status: int) -> None:
    demo.link.fault_everywhere = fault
    assert says(create(ask, external_id="again"))[:2] == (status, "DaemonConnectionException")
    assert (len(demo.world.servers), allocation(demo).server) == (3, None)
    demo.link.fault_everywhere = None
    assert create(ask, external_id="again").json["attributes"]["id"] == 5


@pytest.mark.parametrize("status", [400, 500, 502])
def test_the_nodes_error_is_told_and_a_deletion_tried(ask: Asker, demo: Demo, status: int) -> None:
    node = ScriptedNode(demo, status)
    assert says(create(ask))[:2] == (status, "DaemonConnectionException")
    (_, _, told), second = node.calls
    assert second == ("DELETE", f"/api/servers/{told['uuid']}", None)
    assert len(demo.world.servers) == 3


def installed(demo: Demo, clock: ManualClock) -> Server:
    clock.advance(60)
    demo.pulse()
    return demo.world.servers[-1]


@pytest.mark.parametrize("starts", [True, False])
def test_the_node_installs_and_says_when_it_is_done(ask: Asker, demo: Demo, clock: ManualClock, starts: bool) -> None:
    number = create(ask, start_on_completion=starts).json["attributes"]["id"]
    assert ask.get("all", f"{SERVERS}/{number}").json["attributes"]["container"]["installed"] == 0
    server = installed(demo, clock)
    assert server.status is None
    assert (demo.nodes[server.node.uuid].processes[server.uuid].state == "offline") is not starts


def test_a_failed_installation_leaves_its_status(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    create(ask, start_on_completion=True)
    server = demo.world.servers[-1]
    process = demo.nodes[server.node.uuid].processes[server.uuid]
    process.profile = replace(process.profile, install_fails=True)
    assert (installed(demo, clock).status, process.state) == ("install_failed", "offline")


def test_without_scripts_there_is_nothing_to_install(ask: Asker, demo: Demo) -> None:
    assert create(ask, skip_scripts=1).json["attributes"]["status"] == "installing"
    server = demo.world.servers[-1]
    assert server.skip_scripts
    demo.pulse()
    assert server.status is None


def test_the_new_server_is_its_owners(ask: Asker) -> None:
    create(ask)
    assert says(ask.get("kim", f"{ask.server('New')}/resources"))[0] == 409
    assert ask.get("kim", ask.server("New")).json["attributes"]["is_installing"] is True


def test_a_row_without_a_machine_takes_no_server(ask: Asker, demo: Demo) -> None:
    first, now = demo.world.nodes[0], 0.0
    lonely = Node(2, "00000000-0000-4000-8000-000000000000", "Lonely", first.location, "far.example.org", "i", "t",
                  now, now)
    demo.world.nodes.append(lonely)
    demo.world.allocations.append(Allocation(6, lonely, "203.0.113.9", 4000))
    assert says(create(ask, allocation={"default": 6}))[:2] == (504, "DaemonConnectionException")


def test_reading_keys_make_nothing(ask: Asker) -> None:
    assert says(ask.post("reading", SERVERS, {})) == (
        403, "AccessDeniedHttpException", "This action is unauthorized.")
    assert says(ask("all", "PUT", SERVERS))[2] == (
        "The PUT method is not supported for route api/application/servers. Supported methods: GET, HEAD, POST.")
