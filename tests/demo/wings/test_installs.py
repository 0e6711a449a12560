"""Installing, creating and deleting servers at a node, and whom the panel hears of it from."""
from __future__ import annotations

import uuid as uuids
from dataclasses import replace

import pytest

from portal.demo.wings.usage import Profile
from tests.demo.wings.conftest import Box


@pytest.fixture
def names(box: Box) -> list[str]:
    """Grows with the events of the server's bus."""
    seen: list[str] = []
    box.process.bus.subscribe(lambda event: seen.append(event.name))
    return seen


@pytest.mark.parametrize("path", ["/install", "/reinstall"])
def test_it_is_accepted_and_done_in_the_background(box: Box, names: list[str], path: str) -> None:
    box.server.status = "installing"
    assert box.post(path).status_code == 202
    assert (box.process.is_busy, box.server.status) == (True, "installing")
    box.work()
    assert (box.process.is_busy, box.server.status, box.process.state) == (False, None, "offline")
    assert names == ["install started", "daemon message", *["install output"] * 4, "install completed"]


@pytest.mark.parametrize(("path", "status"), [("/install", "install_failed"), ("/reinstall", "reinstall_failed")])
def test_failure_is_told_to_the_panel_by_its_kind(box: Box, names: list[str], path: str, status: str) -> None:
    box.process.profile = replace(box.process.profile, install_fails=True)
    box.server.status = "installing"
    box.post(path)
    box.work()
    assert (box.server.status, names[-1]) == (status, "install completed")


def test_a_running_server_is_stopped_before_a_reinstall(box: Box, names: list[str]) -> None:
    box.process.profile = Profile(stop_seconds=float("inf"))
    box.process.run_since(100)
    assert box.post("/reinstall").status_code == 202
    assert (box.process.state, box.process.is_busy) == ("stopping", False)
    box.work(10)
    assert (box.process.state, box.process.is_busy) == ("offline", True)
    box.work()
    assert box.process.is_busy is False
    assert names[-1] == "install completed"


def test_a_reinstall_conflicts_with_a_power_action(box: Box) -> None:
    box.process.run_since(100)
    box.process.power("stop")
    answer = box.post("/reinstall")
    assert (answer.status_code, answer.json) == (
        409, {"error": "Cannot execute server reinstall event while another power action is running."})


def test_a_suspension_outlives_an_install(box: Box) -> None:
    box.post("/install")
    box.server.status = "suspended"
    box.work()
    assert box.server.status == "suspended"


def test_an_install_of_a_server_that_the_panel_forgot_ends_quietly(box: Box, names: list[str]) -> None:
    box.post("/install")
    box.demo.world.servers.remove(box.server)
    box.work()
    assert names[-1] == "install completed"


def test_power_is_refused_meanwhile(box: Box) -> None:
    box.post("/install")
    assert box.post("/power", {"action": "start"}).status_code == 202
    assert box.process.state == "offline"
    box.work()
    box.post("/power", {"action": "start"})
    assert box.process.state == "starting"


@pytest.mark.parametrize("action", ["start", "restart", "stop", "kill"])
def test_power_is_accepted_whatever_comes_of_it(box: Box, action: str) -> None:
    box.process.is_busy = True
    assert box.post("/power", {"action": action}).status_code == 202
    assert box.process.state == "offline"


def test_commands_to_a_stopped_server_are_a_bad_gateway(box: Box) -> None:
    answer = box.post("/commands", {"commands": ["list"]})
    assert (answer.status_code, answer.json) == (
        502, {"error": "Cannot send commands to a stopped server instance."})


def created(box: Box, **document: object) -> int:
    return box.browser.post("/api/servers", json=document, headers={
        "Authorization": f"Bearer {box.server.node.daemon_token}"}).status_code


@pytest.mark.parametrize(("starts", "state"), [(True, "starting"), (False, "offline")])
def test_a_new_server_is_installed_and_started_if_asked(box: Box, starts: bool, state: str) -> None:
    del box.demo.processes[box.server.uuid]
    assert box.get("").status_code == 404
    assert created(box, uuid=box.server.uuid, start_on_completion=starts) == 202
    process = box.demo.processes[box.server.uuid]
    assert process.is_busy
    box.work()
    assert (process.is_busy, process.state) == (False, state)
    assert process.configuration.memory_mib == box.server.limits.memory


@pytest.mark.parametrize(("document", "status"), [
    ({}, 422), ({"uuid": "no uuid"}, 422), ({"uuid": str(uuids.UUID(int=1))}, 422), ({"uuid": str(uuids.uuid4())}, 500),
])
def test_what_cannot_be_created(box: Box, document: dict[str, object], status: int) -> None:
    """500: the panel knows of no such server on this node."""
    assert created(box, **document) == status


def test_creating_needs_the_nodes_key(box: Box) -> None:
    assert box.browser.post("/api/servers", json={"uuid": box.server.uuid}).status_code == 401


def test_a_deleted_server_is_gone_with_its_files(box: Box, names: list[str]) -> None:
    box.process.run_since(100)
    assert box.process.state == "running"
    root = box.files.root
    names.clear()
    assert box("DELETE", "").status_code == 204
    assert names[0] == "deleted"
    assert box.process.state == "offline"
    assert not root.exists()
    assert box.get("").status_code == 404


@pytest.mark.parametrize("document", [{"jtis": "text"}, {"jtis": [1]}, []])
def test_denials_that_are_no_list_of_texts(box: Box, document: object) -> None:
    assert box.post("/ws/deny", document).status_code == 400
    assert box.node.denied == {}


def test_denials_are_remembered_with_their_moment(box: Box) -> None:
    box.clock.advance(0.5)
    assert box.post("/ws/deny", {"jtis": ["a", "b"]}).status_code == 204
    assert box.node.denied == dict.fromkeys("ab", box.clock.now())
