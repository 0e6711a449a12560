from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.link import Fault
from portal.demo.world import Server
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode


@pytest.fixture
def path(ask: Asker) -> str:
    return f"{ask.server('Uno')}/settings"


@pytest.fixture
def server(demo: Demo) -> Server:
    return next(server for server in demo.world.servers if server.name == "Uno")


def rename(ask: Asker, path: str, **body: Any) -> Any:
    return ask.post("kim", f"{path}/rename", body)


def image(ask: Asker, path: str, value: Any) -> Any:
    return ask("kim", "PUT", f"{path}/docker-image", {"docker_image": value})


def test_a_description_stays_unless_it_is_named(ask: Asker, path: str, server: Server, demo: Demo) -> None:
    response = rename(ask, path, name=" Eins ")
    assert (response.status_code, response.data) == (204, b"")
    assert (server.name, server.description) == ("Eins", "First")
    rename(ask, path, name="Eins", description=None)
    assert server.description == ""
    rename(ask, path, name="Zwei", description="x" * 2000)
    assert len(server.description) == 2000
    assert [(entry.event, entry.properties["old"]) for entry in demo.world.activity_logs[-4:]] == [
        ("server:settings.rename", "Uno"), ("server:settings.description", "First"),
        ("server:settings.rename", "Eins"), ("server:settings.description", "")]


@pytest.mark.parametrize(("body", "failures"), [
    ({}, ["name required"]),
    ({"name": "  "}, ["name required"]),
    ({"name": 5, "description": 5}, ["name string", "description string"]),
    ({"name": "x" * 192}, ["name max"]),
    ({"name": ["x"]}, ["name string"]),
])
def test_rename_rules(ask: Asker, path: str, body: dict[str, Any], failures: list[str]) -> None:
    response = ask.post("kim", f"{path}/rename", body)
    assert response.json is not None
    assert [" ".join(error["meta"].values()) for error in response.json["errors"]] == failures


@pytest.mark.parametrize(("value", "rules"), [
    (None, ["required"]),
    ("evil/image:latest", ["in"]),
    ("bad image;", ["regex", "in"]),
    (5, ["string", "in"]),
    ("x" * 192, ["max", "in"]),
    ("a|b:1", ["in"]),
])
def test_image_rules(ask: Asker, path: str, value: object, rules: list[str]) -> None:
    response = image(ask, path, value)
    assert response.json is not None
    assert [error["meta"] for error in response.json["errors"]] == [
        {"source_field": "docker_image", "rule": rule} for rule in rules]


def test_an_image_of_the_egg_may_be_chosen(ask: Asker, path: str, server: Server, demo: Demo) -> None:
    server.egg.docker_images["Other"] = "example.org/image:2"
    assert image(ask, path, "example.org/image:2").status_code == 204
    assert server.image == "example.org/image:2"
    before = len(demo.world.activity_logs)
    assert demo.world.activity_logs[-1].properties == {"old": "example.org/image:1", "new": "example.org/image:2"}
    image(ask, path, "example.org/image:2")
    assert len(demo.world.activity_logs) == before


def test_an_image_of_an_administrator_stays(ask: Asker, path: str, server: Server) -> None:
    server.image = "example.org/special"
    assert says(image(ask, path, "nothing"))[0] == 422
    assert says(image(ask, path, "example.org/image:1")) == (
        400, "BadRequestHttpException", "This server's Docker image has been manually set by an administrator and "
        "cannot be updated.")


def test_reinstalling_is_asked_of_the_node(ask: Asker, path: str, server: Server, demo: Demo) -> None:
    node = ScriptedNode(demo, 202)
    response = ask.post("kim", f"{path}/reinstall")
    assert (response.status_code, response.json) == (202, [])
    assert node.calls == [("POST", f"/api/servers/{server.uuid}/reinstall", None)]
    assert (server.status, demo.world.activity_logs[-1].event) == ("installing", "server:reinstall")
    assert says(ask.post("kim", f"{path}/reinstall"))[:2] == (409, "ServerStateConflictException")


@pytest.mark.parametrize("status", [None, "reinstall_failed"])
def test_a_node_that_refuses_changes_nothing(ask: Asker, path: str, server: Server, demo: Demo, clock: ManualClock,
                                             status: Any) -> None:
    clock.advance(5)
    server.status = status
    before = len(demo.world.activity_logs), server.updated_at
    ScriptedNode(demo, 409, '{"error": "Busy."}')
    assert says(ask.post("kim", f"{path}/reinstall")) == (
        409, "DaemonConnectionException", "An error occurred on the remote host: Busy.. (request id: r1)")
    demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    assert says(ask.post("kim", f"{path}/reinstall"))[:2] == (504, "DaemonConnectionException")
    assert (server.status, (len(demo.world.activity_logs), server.updated_at)) == (status, before)


@pytest.mark.parametrize(("permission", "method", "route"), [
    ("settings.rename", "POST", "rename"), ("settings.reinstall", "POST", "reinstall"),
    ("startup.docker-image", "PUT", "docker-image")])
def test_permissions(ask: Asker, path: str, server: Server, permission: str, method: str, route: str) -> None:
    assert says(ask("lee", method, f"{path}/{route}"))[0] == 403
    server.subusers[0].permissions = [permission]
    assert ask("lee", method, f"{path}/{route}").status_code != 403
