from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.world import Egg, EggVariable, Nest, Server
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode

PATH = "/api/application/servers/1/startup"
BODY: dict[str, Any] = {"startup": "./run {{MODE}}", "environment": {"MODE": "hard"}, "egg": 1,
                        "image": "example.org/image:2", "skip_scripts": False}


@pytest.fixture
def server(demo: Demo) -> Server:
    return demo.world.servers[0]


@pytest.fixture
def other_egg(demo: Demo) -> Egg:
    """In another nest; one of its variables is called as one of the first egg's."""
    nest = Nest(2, "n", "Others", "a@example.org", None, 0, 0)
    egg = Egg(2, "e", nest, "Other", "a@example.org", None, "./other", {"One": "example.org/other"}, 0, 0, variables=[
        EggVariable(11, "Mode", "", "MODE", "fast", "required|string", True, True),
        EggVariable(12, "Size", "", "SIZE", "9", "nullable|numeric", True, True)])
    demo.world.nests.append(nest)
    demo.world.eggs.append(egg)
    return egg


def change(ask: Asker, *, without: str = "", **values: Any) -> Any:
    return ask("all", "PATCH", PATH, {name: value for name, value in {**BODY, **values}.items() if name != without})


def failures(response: Any) -> list[str]:
    assert response.status_code == 422, response.json
    return [" ".join(error["meta"].values()) for error in response.json["errors"]]


def environment(response: Any) -> dict[str, Any]:
    shown: dict[str, Any] = response.json["attributes"]["container"]["environment"]
    return {name: value for name, value in shown.items() if name in ("MODE", "SECRET", "SIZE")}


def test_a_change_writes_every_variable_and_tells_no_node(ask: Asker, server: Server, demo: Demo,
                                                          clock: ManualClock) -> None:
    node, entries = ScriptedNode(demo), len(demo.world.activity_logs)
    clock.advance(7)
    response = change(ask, environment={"MODE": "hard", "NOBODYS": "x"}, skip_scripts="1")
    shown = response.json["attributes"]["container"]
    assert (shown["startup_command"], shown["image"]) == ("./run {{MODE}}", "example.org/image:2")
    assert environment(response) == {"MODE": "hard", "SECRET": ""}
    assert (server.updated_at, server.skip_scripts, node.calls) == (clock.now(), True, [])
    assert len(demo.world.activity_logs) == entries


def test_an_empty_environment_leaves_the_values(ask: Asker, server: Server, clock: ManualClock) -> None:
    assert environment(change(ask, environment={})) == {"MODE": "easy", "SECRET": "hush"}
    at = clock.now()
    clock.advance(7)
    assert change(ask, environment=[]).status_code == 200
    assert server.updated_at == at


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["startup required", "environment present", "egg required", "image required", "skip_scripts present"]),
    ({**BODY, "startup": 5, "environment": None, "egg": 99, "image": "a;b", "skip_scripts": None},
     ["startup string", "environment array", "egg exists", "image regex", "skip_scripts boolean"]),
    ({**BODY, "environment": "x", "image": "x" * 192, "skip_scripts": "no"},
     ["environment array", "image max", "skip_scripts boolean"]),
    ({**BODY, "environment": {"SECRET": "x"}}, ["environment.MODE required"]),
])
def test_rules(ask: Asker, body: dict[str, Any], expected: list[str]) -> None:
    assert failures(ask("all", "PATCH", PATH, body)) == expected


def test_values_that_are_no_texts_are_refused_by_the_model(ask: Asker, server: Server, demo: Demo) -> None:
    demo.world.eggs[0].variables[1].rules = "nullable|numeric"
    assert says(change(ask, environment={"MODE": "x", "SECRET": 5})) == (
        500, "DataValidationException", "Could not save Pterodactyl\\Models\\ServerVariable[2]: failed to validate "
        'data: {"variable_value":["The variable value must be a string."]}')
    assert (server.server_values["MODE"], server.image) == ("easy", "example.org/image:1")


def test_another_egg_brings_its_nest_and_leaves_the_old_rows(ask: Asker, server: Server, other_egg: Egg) -> None:
    response = change(ask, egg="2", environment={})
    shown = response.json["attributes"]
    assert (shown["egg"], shown["nest"], shown["status"]) == (2, 2, None)
    assert environment(response) == {"MODE": "fast", "SIZE": "9"}
    listed = ask.get("all", "/api/application/servers/1?include=variables").json
    assert listed is not None
    rows = listed["attributes"]["relationships"]["variables"]["data"]
    assert [row["attributes"]["server_value"] for row in rows] == [None, None]
    assert environment(change(ask, egg=2, environment={"MODE": "slow"})) == {"MODE": "slow", "SIZE": ""}
    assert environment(change(ask, egg=1, environment={})) == {"MODE": "easy", "SECRET": "hush"}
    assert environment(change(ask, egg=2, environment={})) == {"MODE": "slow", "SIZE": ""}


def test_variables_are_those_of_the_new_egg(ask: Asker, server: Server, other_egg: Egg) -> None:
    assert failures(change(ask, egg=2, environment={"SIZE": "wide"})) == [
        "environment.MODE required", "environment.SIZE numeric"]
    assert server.egg.id == 1
    assert environment(change(ask, egg=2)) == {"MODE": "hard", "SIZE": ""}


def test_eggs_by_what_is_hardly_a_number(ask: Asker, server: Server, other_egg: Egg) -> None:
    assert says(change(ask, egg="2x"))[:2] == (500, "ErrorException")
    assert change(ask, egg="2x", environment={}).json["attributes"]["egg"] == 1
    server.change_egg(other_egg)
    assert change(ask, egg=True).json["attributes"]["egg"] == 2


def test_reading_keys_write_nothing(ask: Asker) -> None:
    assert says(ask("reading", "PATCH", PATH, {}))[:2] == (403, "AccessDeniedHttpException")
    assert says(ask.get("all", PATH))[2] == (
        "The GET method is not supported for route api/application/servers/1/startup. "
        "Supported methods: PATCH, DELETE.")
