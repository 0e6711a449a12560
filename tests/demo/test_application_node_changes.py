"""Nodes made, changed and deleted over the application API, and what the machines hear of it."""
from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from portal.demo import Demo, ManualClock
from portal.demo.clock import iso
from portal.demo.world import DatabaseHost, Node
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode

NODES = "/api/application/nodes"
BODY: dict[str, Any] = {
    "name": "Box", "location_id": 1, "fqdn": "box.example.org", "scheme": "https", "memory": 4096,
    "memory_overallocate": 0, "disk": 9000, "disk_overallocate": 0, "daemon_listen": 8443, "daemon_sftp": 2200,
}
REFUSED = (
    400, "ConfigurationNotPersistedException", "The daemon configuration <strong>has been updated</strong>, however "
    "there was an error encountered while attempting to automatically update the configuration file on the Daemon. You "
    "will need to manually update the configuration file (config.yml) for the daemon to apply these changes.")


@pytest.fixture
def box(demo: Demo) -> Node:
    return demo.world.nodes[0]


def change(ask: Asker, **changes: Any) -> Any:
    return ask("all", "PATCH", f"{NODES}/1", {**BODY, **changes})


def reach(ask: Asker) -> int:
    """The status of something that the panel asks the node for."""
    return ask.get("kim", f"{ask.server('Uno')}/files/list").status_code


def test_the_configuration_is_bare(ask: Asker, box: Node) -> None:
    box.fqdn = "Box.example.org"
    response = ask.get("reading", f"{NODES}/1/configuration", headers={"Host": "panel.example.org:8080"})
    assert response.json == {
        "debug": False, "uuid": box.uuid, "token_id": box.daemon_token_id, "token": box.daemon_token,
        "api": {"host": "0.0.0.0", "port": 8443, "upload_limit": 100, "ssl": {  # noqa: S104 - as it is shown
            "enabled": True, "cert": "/etc/letsencrypt/live/box.example.org/fullchain.pem",
            "key": "/etc/letsencrypt/live/box.example.org/privkey.pem"}},
        "system": {"data": "/var/lib/pterodactyl/volumes", "sftp": {"bind_port": 2200}},
        "allowed_mounts": [], "remote": "http://panel.example.org"}
    box.behind_proxy = True
    assert ask.get("all", f"{NODES}/1/configuration").json["api"]["ssl"]["enabled"] is False


def test_a_new_node_has_tokens_but_no_machine(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    response = ask.post("all", f"{NODES}?include=location,servers", {
        **BODY, "name": "Second", "description": "x", "memory": "1.5", "disk": 1e30, "scheme": 5,
        "daemon_base": "/srv"})
    shown = response.json["attributes"]
    related = shown.pop("relationships")
    assert (response.status_code, response.json["meta"]) == (201, {"resource": "http://localhost" + NODES + "/2"})
    assert shown == {
        "id": 2, "uuid": demo.world.nodes[1].uuid, "public": True, "name": "Second", "description": None,
        "location_id": 1, "fqdn": "box.example.org", "scheme": "5", "behind_proxy": False, "maintenance_mode": False,
        "memory": 2, "memory_overallocate": 0, "disk": 2**32 - 1, "disk_overallocate": 0, "upload_size": 100,
        "daemon_listen": 8443, "daemon_sftp": 2200, "daemon_base": "/srv", "created_at": iso(clock.now()),
        "updated_at": iso(clock.now()), "allocated_resources": {"memory": 0, "disk": 0}}
    assert (related["location"]["attributes"]["short"], related["servers"]["data"]) == ("attic", [])
    token = ask.get("all", f"{NODES}/2/configuration").json
    assert (len(token["token_id"]), len(token["token"])) == (16, 64)
    assert says(ask("all", "PATCH", f"{NODES}/2", {**BODY, "name": "Third"})) == REFUSED
    assert demo.world.nodes[1].name == "Third"


@pytest.mark.parametrize(("changes", "expected"), [
    ({"name": "a/b"}, ["The name format is invalid."]),
    ({"name": "x" * 101}, ["The name format is invalid."]),
    ({"name": True}, ["The name format is invalid."]),
    ({"location_id": 9}, ["The selected Location is invalid."]),
    ({"location_id": "abc"}, ["The selected Location is invalid."]),
    ({"public": "yes", "behind_proxy": None, "maintenance_mode": 2}, [
        "The Node Visibility field must be true or false.", "The behind proxy field must be true or false.",
        "The maintenance mode field must be true or false."]),
    ({"fqdn": 5}, ["The fqdn must be a string."]),
    ({"memory": 0, "disk": "x"}, ["The memory must be at least 1.", "The disk must be a number."]),
    ({"memory_overallocate": -2, "disk_overallocate": True}, [
        "The memory overallocate must be at least -1.", "The disk overallocate must be a number."]),
    ({"daemon_base": "srv"}, ["The Daemon Base Path format is invalid."]),
    ({"daemon_base": None}, ["The Daemon Base Path field is required."]),
    ({"daemon_sftp": 0, "daemon_listen": 65536}, [
        "The daemon sftp must be between 1 and 65535.", "The daemon listen must be between 1 and 65535."]),
    ({"upload_size": 1025}, ["The File Upload Size Limit must be between 1 and 1024."]),
    ({"upload_size": 1.5}, ["The File Upload Size Limit must be an integer."]),
    ({"upload_size": None}, ["The File Upload Size Limit must be an integer.",
                             "The File Upload Size Limit must be between 1 and 1024."]),
])
def test_rules(ask: Asker, changes: dict[str, Any], expected: list[str]) -> None:
    for method, path in (("POST", NODES), ("PATCH", f"{NODES}/1")):
        response = ask("all", method, path, {**BODY, **changes})
        assert response.status_code == 422
        assert [error["detail"] for error in response.json["errors"]] == expected


def test_the_required_fields_in_their_order(ask: Asker) -> None:
    for method, path in (("POST", NODES), ("PATCH", f"{NODES}/1")):
        meta = [error["meta"] for error in ask("all", method, path, {}).json["errors"]]
        assert meta == [{"source_field": name, "rule": "required"} for name in (
            "name", "location_id", "fqdn", "scheme", "memory", "memory_overallocate", "disk", "disk_overallocate",
            "daemon_sftp", "daemon_listen")]


def test_a_change_is_told_to_the_node(ask: Asker, demo: Demo, box: Node, clock: ManualClock) -> None:
    machine, first = ScriptedNode(demo, 200, "{}"), clock.now()
    box.daemon_base, box.public, box.description = "/srv", False, "Kept"
    clock.advance(60)
    shown = change(ask, memory="8192", behind_proxy="1", description="new").json["attributes"]
    ((method, path, document),) = machine.calls
    assert (method, path) == ("POST", "/api/update")
    assert document == ask.get("all", f"{NODES}/1/configuration").json
    assert (shown["memory"], shown["daemon_base"], shown["public"], shown["behind_proxy"], shown["description"],
            shown["mounts"]) == (8192, "/var/lib/pterodactyl/volumes", False, True, "Kept", [])
    assert (shown["created_at"], shown["updated_at"]) == (iso(first), iso(clock.now()))
    assert "mounts" not in ask.get("all", f"{NODES}/1").json["attributes"]
    clock.advance(60)
    assert change(ask, behind_proxy=True, memory=8192).json["attributes"]["updated_at"] == iso(clock.now() - 60)


def test_a_rotated_token_is_known_to_both(ask: Asker, box: Node) -> None:
    before = box.daemon_token, box.daemon_token_id
    for value in ("true", 1, "1", False):
        assert change(ask, reset_secret=value).status_code == 200
    assert (box.daemon_token, box.daemon_token_id) == before
    assert change(ask, reset_secret=True).status_code == 200
    assert box.daemon_token != before[0]
    assert box.daemon_token_id != before[1]
    assert reach(ask) == 200
    assert change(ask).status_code == 200


def test_a_node_that_did_not_hear_of_it_knows_the_old_token(ask: Asker, demo: Demo, box: Node) -> None:
    demo.set_condition("node-down")
    before = box.daemon_token
    assert says(change(ask, reset_secret=True, memory=1)) == REFUSED
    assert (box.memory, box.daemon_token == before) == (1, False)
    demo.set_condition(None)
    assert reach(ask) == 403
    assert says(change(ask)) == REFUSED
    by_hand = Client(demo.daemons[box.uuid]).post(
        "/api/update", json=ask.get("all", f"{NODES}/1/configuration").json,
        headers={"Authorization": f"Bearer {before}"})
    assert (by_hand.status_code, by_hand.json) == (200, {"applied": True})
    assert reach(ask) == 200


@pytest.mark.parametrize(("condition", "status"), [
    ("node-refuses", 400), ("node-hangs", 400), ("node-garbage", 200), ("node-maintenance", 200)])
def test_a_change_under_conditions(ask: Asker, demo: Demo, box: Node, condition: str, status: int) -> None:
    demo.set_condition(condition)
    assert change(ask, memory=5).status_code == status
    assert box.memory == 5


def test_a_node_is_told_under_its_new_name_and_at_its_old_port(ask: Asker, box: Node) -> None:
    assert says(change(ask, fqdn="elsewhere.example.org")) == REFUSED
    assert (box.fqdn, reach(ask)) == ("elsewhere.example.org", 504)
    assert change(ask, fqdn="BOX.example.org").status_code == 200
    assert reach(ask) == 200
    assert change(ask, daemon_listen=9999).status_code == 200
    assert reach(ask) == 504
    assert says(change(ask)) == REFUSED
    assert reach(ask) == 200
    assert change(ask, scheme="http").status_code == 200
    assert reach(ask) == 504


def test_a_rewound_panel_and_its_nodes_agree(ask: Asker, demo: Demo) -> None:
    demo.take_snapshot("before")
    change(ask, reset_secret=True)
    change(ask, daemon_listen=9999)
    demo.rewind("before")
    assert reach(ask) == 200


def test_a_node_takes_its_allocations_with_it(ask: Asker, demo: Demo, box: Node) -> None:
    assert says(ask("all", "DELETE", f"{NODES}/1")) == (
        400, "HasActiveServersException", "A node must have no servers linked to it in order to be deleted.")
    now = demo.clock.now()
    host = DatabaseHost(1, "db", "192.0.2.1", 3306, "u", now, now, box)
    demo.world.database_hosts.append(host)
    for server in list(demo.world.servers):
        demo.world.remove(server)
    assert ask("all", "DELETE", f"{NODES}/1").status_code == 204
    assert (demo.world.nodes, demo.world.allocations, host.node) == ([], [], None)
    assert ask.get("all", f"{NODES}/1/configuration").status_code == 404
    assert ask("all", "DELETE", "/api/application/locations/1").status_code == 204


def test_reading_keys_change_nothing(ask: Asker) -> None:
    for method, path in (("POST", NODES), ("PATCH", f"{NODES}/1"), ("DELETE", f"{NODES}/1")):
        assert says(ask("reading", method, path, {}))[:2] == (403, "AccessDeniedHttpException")
    assert says(ask.post("all", f"{NODES}/1/configuration"))[2].endswith("Supported methods: GET, HEAD.")
    assert says(ask.post("all", f"{NODES}/1"))[2].endswith("Supported methods: GET, HEAD, PATCH, DELETE.")
