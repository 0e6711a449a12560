from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.world import DatabaseHost
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import server_called

MAIN = {"database": "main", "remote": "%"}


@pytest.fixture
def path(ask: Asker, demo: Demo) -> str:
    demo.world.database_hosts[:] = [_host(1, "db.example.org", demo.world.nodes[0]), _host(2, "far.example.org", None)]
    return ask.server("Uno") + "/databases"


def _host(number: int, address: str, node: Any) -> DatabaseHost:
    return DatabaseHost(number, address, address, 3306, "root", 0, 0, node)


def test_a_new_database_has_a_name_of_its_server_and_a_secret(ask: Asker, path: str, demo: Demo) -> None:
    made = ask.post("kim", path, MAIN).json["attributes"]
    secret = made.pop("relationships")["password"]
    assert made == {"id": made["id"], "host": {"address": "db.example.org", "port": 3306}, "name": "s1_main",
                    "username": made["username"], "connections_from": "%", "max_connections": None}
    assert (len(made["id"]), made["id"].isdigit(), made["username"][:3], len(made["username"])) == (8, False, "u1_", 13)
    assert (secret["object"], len(secret["attributes"]["password"])) == ("database_password", 24)
    listed = ask.get("kim", f"{path}?include=password").json["data"][0]["attributes"]
    assert listed == {**made, "max_connections": 0, "relationships": {"password": secret}}
    assert "relationships" not in ask.get("kim", path).json["data"][0]["attributes"]
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == ("server:database.create", {"name": "s1_main"})


def test_the_password_takes_its_own_permission(ask: Asker, path: str, demo: Demo) -> None:
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["database.create", "database.read", "database.update"]
    hidden = {"object": "null_resource", "attributes": None}
    made = ask.post("lee", path, MAIN).json["attributes"]
    rotated = ask.post("lee", f"{path}/{made['id']}/rotate-password").json["attributes"]
    listed = ask.get("lee", f"{path}?include=password").json["data"][0]["attributes"]
    assert [shown["relationships"]["password"] for shown in (made, rotated, listed)] == [hidden] * 3
    subuser.permissions = ["database.read", "database.view_password"]
    listed = ask.get("lee", f"{path}?include=password").json["data"][0]["attributes"]
    assert listed["relationships"]["password"]["object"] == "database_password"


def test_a_rotation_keeps_everything_but_the_password(ask: Asker, path: str) -> None:
    made = ask.post("kim", path, MAIN).json["attributes"]
    rotated = ask.post("kim", f"{path}/{made['id']}/rotate-password").json["attributes"]
    assert made.pop("relationships") != rotated.pop("relationships")
    assert rotated == {**made, "max_connections": 0}


@pytest.mark.parametrize(("body", "failures"), [
    ({}, [("database", "required", "The database field is required."),
          ("remote", "required", "The remote field is required.")]),
    ({"database": "no spaces!", "remote": "a b"}, [
        ("database", "alpha_dash", "The database may only contain letters, numbers, and dashes."),
        ("remote", "regex", "The remote format is invalid.")]),
    ({"database": "ab", "remote": 5}, [
        ("database", "min", "The database must be at least 3 characters."),
        ("remote", "string", "The remote must be a string.")]),
    ({"database": "x" * 49, "remote": "%"}, [
        ("database", "max", "The database may not be greater than 48 characters.")]),
])
def test_refused_bodies(ask: Asker, path: str, body: Any, failures: list[tuple[str, str, str]]) -> None:
    answer = ask.post("kim", path, body)
    assert [(error["meta"]["source_field"], error["meta"]["rule"], error["detail"])
            for error in answer.json["errors"]] == failures


def test_a_number_is_a_name_and_long_names_are_cut(ask: Asker, path: str) -> None:
    names = [ask.post("kim", path, {"database": name, "remote": "10.0.0.%"}).json["attributes"]["name"]
             for name in (12345, "x" * 48)]
    assert names == ["s1_12345", "s1_" + "x" * 45]
    assert says(ask.post("kim", path, {"database": "x" * 47, "remote": "%"}))[1] == "DuplicateDatabaseNameException"


def test_a_letter_cut_in_two_does_not_pass_the_model(ask: Asker, path: str) -> None:
    assert says(ask.post("kim", path, {"database": "a" * 44 + "ö", "remote": "%"})) == (
        500, "DataValidationException", "Could not save Pterodactyl\\Models\\Database[]: failed to validate data: "
        '{"database":["The database may only contain letters, numbers, and dashes."]}')


def test_a_remote_that_php_holds_to_be_empty_crashes_the_panel(ask: Asker, path: str) -> None:
    assert says(ask.post("kim", path, {"database": "main", "remote": "0"}))[:2] == (500, "InvalidArgumentException")


def test_a_long_remote_is_cut_by_the_row_and_a_longer_one_refused_by_the_database_server(ask: Asker,
                                                                                        path: str) -> None:
    assert says(ask.post("kim", path, {**MAIN, "remote": "x" * 256}))[:2] == (500, "QueryException")
    made = ask.post("kim", path, {**MAIN, "remote": "x" * 255}).json["attributes"]
    assert len(made["connections_from"]) == 255
    assert len(ask.get("kim", path).json["data"][0]["attributes"]["connections_from"]) == 191


def test_refusals_come_in_their_order(ask: Asker, path: str, demo: Demo) -> None:
    config, server = demo.panel.services.config, server_called(demo, "Uno")
    assert ask.post("kim", path, MAIN).status_code == 200
    hosts, server.feature_limits.databases = demo.world.database_hosts, 1
    config.client_databases = False
    kept = hosts[:]
    hosts.clear()
    expected = [
        (400, "NoSuitableDatabaseHostException",
         "No database host was found that meets the requirements for this server."),
        (500, "DatabaseClientFeatureNotEnabledException",
         "An unexpected error was encountered while processing this request, please try again."),
        (400, "TooManyDatabasesException",
         "Operation aborted: creating a new database would put this server over the defined limit."),
        (400, "DuplicateDatabaseNameException", "A database with that name already exists for this server."),
    ]
    told = [says(ask.post("kim", path, MAIN))]
    hosts[:] = kept
    told.append(says(ask.post("kim", path, MAIN)))
    config.client_databases = True
    told.append(says(ask.post("kim", path, MAIN)))
    server.feature_limits.databases = None
    told.append(says(ask.post("kim", path, {**MAIN, "database": "MAIN"})))
    assert told == expected


def test_only_a_node_without_hosts_uses_others_and_only_if_that_is_allowed(ask: Asker, path: str,
                                                                          demo: Demo) -> None:
    demo.world.database_hosts.pop(0)
    assert ask.post("kim", path, MAIN).json["attributes"]["host"]["address"] == "far.example.org"
    demo.panel.services.config.random_database_host = False
    assert says(ask.post("kim", path, {**MAIN, "database": "more"}))[1] == "NoSuitableDatabaseHostException"


def test_plain_ids_are_taken_and_the_database_of_another_server_is_refused_in_other_words(ask: Asker, path: str,
                                                                                         demo: Demo) -> None:
    made = ask.post("kim", path, MAIN).json["attributes"]["id"]
    other = ask.server("Tre") + "/databases"
    for known_as in (made, "1", "001"):
        assert says(ask("lee", "DELETE", f"{other}/{known_as}")) == (
            404, "NotFoundHttpException", "The requested resource was not found for this server.")
    for unknown in ("2", "1x", made.swapcase(), "-1"):
        assert says(ask("lee", "DELETE", f"{other}/{unknown}"))[2] == (
            "The requested resource could not be found on the server.")
    assert ask("kim", "DELETE", f"{path}/001").status_code == 204
    assert (demo.world.databases, demo.world.activity_logs[-1].event) == ([], "server:database.delete")


@pytest.mark.parametrize(("method", "tail", "permission"), [
    ("GET", "", "database.read"), ("POST", "", "database.create"),
    ("POST", "/1/rotate-password", "database.update"), ("DELETE", "/1", "database.delete")])
def test_each_route_takes_its_own_permission(ask: Asker, path: str, demo: Demo, method: str, tail: str,
                                             permission: str) -> None:
    ask.post("kim", path, MAIN)
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["database.view_password"]
    assert ask("lee", method, path + tail, {}).status_code == 403
    subuser.permissions = [permission]
    assert ask("lee", method, path + tail, {"database": "other", "remote": "%"}).status_code in (200, 204)


def test_one_database_cannot_be_viewed(ask: Asker, path: str) -> None:
    assert says(ask.get("kim", f"{path}/1"))[:2] == (405, "MethodNotAllowedHttpException")
