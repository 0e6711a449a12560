from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.world import EggVariable, Server
from tests.demo.conftest import Asker, says


@pytest.fixture
def path(ask: Asker) -> str:
    return f"{ask.server('Uno')}/startup"


@pytest.fixture
def server(demo: Demo) -> Server:
    return next(server for server in demo.world.servers if server.name == "Uno")


@pytest.fixture
def mode(server: Server) -> EggVariable:
    return server.egg.variables[0]


def put(ask: Asker, path: str, key: Any, *value: Any, who: str = "kim") -> Any:
    body = {"key": key, "value": value[0]} if value else {"key": key}
    return ask(who, "PUT", f"{path}/variable", body)


def test_only_variables_that_may_be_seen_are_listed(ask: Asker, path: str) -> None:
    listed = ask.get("kim", path).json
    assert listed is not None
    assert [row["attributes"]["env_variable"] for row in listed["data"]] == ["MODE"]
    assert listed["meta"] == {
        "startup_command": "./run --port 4000 --key [hidden] easy", "docker_images": {"Only": "example.org/image:1"},
        "raw_startup_command": "./run --port {{SERVER_PORT}} --key {{SECRET}} {{MODE}}"}


def test_a_value_shows_in_the_command(ask: Asker, path: str, demo: Demo) -> None:
    changed = put(ask, path, "mode", " hard ").json
    assert changed["attributes"]["server_value"] == "hard"
    assert changed["meta"]["startup_command"] == "./run --port 4000 --key [hidden] hard"
    assert set(changed["meta"]) == {"startup_command", "raw_startup_command"}
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == ("server:startup.edit", {"variable": "MODE", "old": "easy",
                                                                       "new": "hard"})


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_stored_as_an_empty_text_and_echoed_as_null(ask: Asker, path: str, mode: EggVariable,
                                                               value: str | None) -> None:
    mode.rules = "nullable|string"
    assert put(ask, path, "MODE", value).json["attributes"]["server_value"] is None
    listed = ask.get("kim", path).json
    assert listed is not None
    assert listed["data"][0]["attributes"]["server_value"] == ""


def test_the_panel_logs_the_same_value_but_not_the_variables_own_name(ask: Asker, path: str, demo: Demo) -> None:
    before = len(demo.world.activity_logs)
    put(ask, path, "MODE", "easy")
    assert len(demo.world.activity_logs) == before + 1
    put(ask, path, "MODE", "MODE")
    assert len(demo.world.activity_logs) == before + 1


def test_keys_that_are_unknown_hidden_or_fixed(ask: Asker, path: str, mode: EggVariable) -> None:
    assert says(put(ask, path, "NOT_THERE", "x"))[:2] == (500, "ErrorException")
    assert says(put(ask, path, "SECRET", "x")) == (
        400, "BadRequestHttpException", "The environment variable you are trying to edit does not exist.")
    mode.user_editable = False
    assert says(put(ask, path, "MODE", "")) == (
        400, "BadRequestHttpException", "The environment variable you are trying to edit is read-only.")


@pytest.mark.parametrize(("body", "failures"), [
    ({}, ["key required", "value present"]),
    ({"key": 5, "value": "x"}, ["key string"]),
    ({"key": "MODE"}, ["value present"]),
    ({"key": "MODE", "value": None}, ["value required"]),
])
def test_rules(ask: Asker, path: str, body: dict[str, Any], failures: list[str]) -> None:
    response = ask("kim", "PUT", f"{path}/variable", body)
    assert response.json is not None
    assert [" ".join(error["meta"].values()) for error in response.json["errors"]] == failures


@pytest.mark.parametrize(("rules", "value", "detail"), [
    ("required|string|between:1,20", "x" * 21, "The value must be between 1 and 20 characters."),
    ("required|alpha_num", "a b", "The value may only contain letters and numbers."),
    ("required|numeric|max:10", "11", "The value may not be greater than 10."),
    ("required|boolean", "yes", "The value field must be true or false."),
    ("required|in:a,b", "c", "The selected value is invalid."),
    ("nullable|url", "nonsense", "The value format is invalid."),
    (r"required|regex:/^[a-z]+\.jar$/", "x.zip", "The value format is invalid."),
    ("required|integer|digits_between:1,3", "1234", "The value must be between 1 and 3 digits."),
])
def test_the_variables_own_rules(ask: Asker, path: str, mode: EggVariable, rules: str, value: str,
                                 detail: str) -> None:
    mode.rules = rules
    assert says(put(ask, path, "MODE", value)) == (422, "ValidationException", detail)


@pytest.mark.parametrize(("rules", "code"), [("required|no_such_rule", "BadMethodCallException"),
                                            ("required|between:1", "InvalidArgumentException"),
                                            ("required|regex:/(/", "ErrorException"),
                                            ("required|regex:/^(a|b)$/", "ErrorException")])
def test_rules_that_break_the_panel(ask: Asker, path: str, mode: EggVariable, rules: str, code: str) -> None:
    mode.rules = rules
    assert says(put(ask, path, "MODE", "a"))[:2] == (500, code)


@pytest.mark.parametrize("value", [5, True, 1.5, ["x"]])
def test_values_that_are_no_text_are_refused_by_the_model(ask: Asker, path: str, mode: EggVariable,
                                                          value: object) -> None:
    mode.rules = "required"
    status, code, detail = says(put(ask, path, "MODE", value))
    assert (status, code) == (500, "DataValidationException")
    assert detail == ("Could not save Pterodactyl\\Models\\ServerVariable[1]: failed to validate data: "
                      '{"variable_value":["The variable value must be a string."]}')


def test_permissions(ask: Asker, path: str, server: Server) -> None:
    assert says(ask.get("lee", path))[0] == 403
    assert says(put(ask, path, "NOT_THERE", who="lee"))[0] == 403
    server.subusers[0].permissions = ["startup.read", "startup.update"]
    assert ask.get("lee", path).status_code == 200
    assert put(ask, path, "MODE", "hard", who="lee").status_code == 200
