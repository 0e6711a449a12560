from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.transformers.databases import hash_id
from portal.demo.world import DatabaseHost
from tests.demo.conftest import Asker, says

PATH = "/api/application/servers/1/databases"
MAIN: dict[str, Any] = {"database": "main", "remote": "10.0.%", "host": 3}
NULL = {"object": "null_resource", "attributes": None}


@pytest.fixture(autouse=True)
def host(demo: Demo) -> DatabaseHost:
    row = DatabaseHost(3, "Local", "db.example.org", 3306, "root", 0, 0, demo.world.nodes[0])
    demo.world.database_hosts[:] = [row]
    return row


def make(ask: Asker, **change: Any) -> Any:
    return ask.post("all", PATH, {**MAIN, **change})


def test_a_new_database(ask: Asker, demo: Demo) -> None:
    entries = len(demo.world.activity_logs)
    response = make(ask)
    shown = response.json["attributes"]
    assert (response.status_code, response.json["object"]) == (201, "server_database")
    assert response.json["meta"] == {"resource": f"http://localhost{PATH}/{shown['id']}"}
    assert shown == {"id": 1, "server": 1, "host": 3, "database": "s1_main", "username": shown["username"],
                     "remote": "10.0.%", "max_connections": None, "created_at": shown["created_at"],
                     "updated_at": shown["created_at"]}
    assert ask.get("all", f"{PATH}/1").json["attributes"] == {**shown, "max_connections": 0}
    assert len(demo.world.activity_logs) == entries


def test_a_list_has_no_meta(ask: Asker) -> None:
    make(ask)
    assert ask.get("all", f"{PATH}?per_page=0&filter[x]=1&sort=y").json == {
        "object": "list", "data": [ask.get("all", f"{PATH}/1").json]}
    assert ask.get("all", "/api/application/servers/2/databases").json == {"object": "list", "data": []}


def test_includes_and_who_may_see_them(ask: Asker, demo: Demo) -> None:
    made = make(ask, include="password").json["attributes"]["relationships"]
    shown = ask.get("all", f"{PATH}/1?include=password,host,host.databases,nonsense").json["attributes"]
    below = shown["relationships"]
    assert (below["password"], len(below["password"]["attributes"]["password"])) == (made["password"], 24)
    assert (below["host"]["object"], below["host"]["attributes"]["node"]) == ("database_host", 1)
    (listed,) = below["host"]["attributes"]["relationships"]["databases"]["data"]
    assert (listed["object"], listed["attributes"]["id"]) == ("server_database", 1)
    grants = next(key.grants for key in demo.world.api_keys if key.plain_text == demo.keys["all"])
    assert grants is not None
    grants["database_hosts"] = 0
    below = ask.get("all", f"{PATH}/1?include=password,host").json["attributes"]["relationships"]
    assert (below["host"], below["password"]) == (NULL, made["password"])
    grants["server_databases"] = 0
    for response in (ask.get("all", PATH), ask.get("all", f"{PATH}/1"), make(ask)):
        assert says(response)[:2] == (403, "AccessDeniedHttpException")


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["The Database Name field is required.", "The Remote Connection String field is required.",
          "The Database Host Server ID field is required."]),
    ({"database": "a b", "remote": "db.example.org", "host": "x"},
     ["The Database Name may only contain letters, numbers, and dashes.",
      "The Remote Connection String format is invalid.", "The Database Host Server ID must be an integer."]),
    ({"database": "x" * 49, "remote": "1" * 16, "host": 1},
     ["The Database Name may not be greater than 48 characters.", "The Remote Connection String format is invalid.",
      "The selected Database Host Server ID is invalid."]),
    ({"database": ["x"], "remote": 10, "host": 3},
     ["The Database Name may only contain letters, numbers, and dashes.",
      "The Remote Connection String must be a string."]),
    ({"database": "x", "remote": "::1", "host": 3}, ["The Remote Connection String format is invalid."]),
])
def test_rules(ask: Asker, demo: Demo, body: dict[str, Any], expected: list[str]) -> None:
    response = ask.post("all", PATH, body)
    assert response.status_code == 422
    assert response.json is not None
    assert [error["detail"] for error in response.json["errors"]] == expected
    assert demo.world.databases == []


def test_names_are_short_or_cut(ask: Asker) -> None:
    names = [make(ask, database=name, host="3").json["attributes"]["database"] for name in ("a", 12, "x" * 48)]
    assert names == ["s1_a", "s1_12", "s1_" + "x" * 45]
    assert says(make(ask, database="X" * 46)) == (
        400, "DuplicateDatabaseNameException", "A database with that name already exists for this server.")


def test_the_servers_limit_and_the_panels_switch(ask: Asker, demo: Demo) -> None:
    limits = demo.world.servers[0].feature_limits
    limits.databases = 1
    make(ask)
    assert says(make(ask, database="more")) == (
        400, "TooManyDatabasesException", "Operation aborted: creating a new database would put this server over the "
        "defined limit.")
    demo.panel.services.config.client_databases = False
    assert says(make(ask))[:2] == (500, "DatabaseClientFeatureNotEnabledException")


@pytest.mark.parametrize("server", [1, 2])
def test_any_server_leads_to_any_database(ask: Asker, demo: Demo, clock: ManualClock, server: int) -> None:
    made = make(ask, include="password").json["attributes"]
    (row,) = demo.world.databases
    path, before = f"/api/application/servers/{server}/databases", row.password
    clock.advance(5)
    for known_as in ("1", "01", hash_id(1)):
        assert ask.get("all", f"{path}/{known_as}").json["attributes"]["database"] == made["database"]
    response = ask.post("all", f"{path}/{hash_id(1)}/reset-password")
    assert (response.status_code, response.data, row.password != before) == (204, b"", True)
    assert row.updated_at == clock.now()
    assert ask("all", "DELETE", f"{path}/1").status_code == 204
    assert says(ask.get("all", f"{path}/1"))[:2] == (404, "NotFoundHttpException")
    assert says(ask.get("all", f"{path}/nonsense"))[:2] == (404, "NotFoundHttpException")


def test_a_database_that_is_not_named_costs_the_server(ask: Asker, demo: Demo) -> None:
    assert ask("all", "DELETE", f"{PATH}/").status_code == 204
    assert [server.id for server in demo.world.servers] == [2, 3]


def test_reading_keys_and_wrong_verbs(ask: Asker) -> None:
    make(ask)
    assert ask.get("reading", f"{PATH}/1").status_code == 200
    for method, path in (("POST", PATH), ("POST", f"{PATH}/1/reset-password"), ("DELETE", f"{PATH}/1")):
        assert says(ask("reading", method, path))[:2] == (403, "AccessDeniedHttpException")
    for method, path, supported in (("PATCH", PATH, "GET, HEAD, POST, DELETE"), ("PATCH", f"{PATH}/1",
                                    "GET, HEAD, DELETE"), ("GET", f"{PATH}/1/reset-password", "POST")):
        assert says(ask("all", method, path))[2].endswith(f"Supported methods: {supported}.")
