"""Readers say exactly where an answer is wrong, and forgive what the panel may add."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.pterodactyl.client.reading.activity import read_activity
from portal.pterodactyl.client.reading.servers import read_stats, read_view, read_websocket
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.errors import BadAnswer
from tests.pterodactyl.fakes import ACCOUNT, World

LIMITS = {
    "memory": 1024,
    "swap": 0,
    "disk": 5120,
    "io": 500,
    "cpu": 200,
    "threads": None,
    "oom_disabled": True,
}
ALLOCATION = {
    "id": 31,
    "ip": "192.0.2.10",
    "ip_alias": None,
    "port": 25565,
    "notes": None,
    "is_default": True,
}


def server() -> dict[str, Any]:
    """The wire sample of the contract."""
    return {
        "object": "server",
        "attributes": {
            "server_owner": True,
            "identifier": "5c0f9e21",
            "internal_id": 12,
            "uuid": "5c0f9e21-7d34-4b6a-9f02-3ab1c4d5e6f7",
            "name": "Lobby",
            "node": "eu-1",
            "is_node_under_maintenance": False,
            "sftp_details": {"ip": "node1.example.com", "port": 2022},
            "description": "",
            "limits": dict(LIMITS),
            "invocation": "java",
            "docker_image": "yolks:java_17",
            "egg_features": None,
            "feature_limits": {"databases": None, "allocations": None, "backups": 0},
            "status": None,
            "is_suspended": False,
            "is_installing": False,
            "is_transferring": False,
            "relationships": {
                "allocations": {
                    "object": "list",
                    "data": [{"object": "allocation", "attributes": dict(ALLOCATION)}],
                },
                "variables": {"object": "null_resource", "attributes": None},
                "subusers": {"object": "null_resource", "attributes": None},
            },
        },
        "meta": {"is_server_owner": True, "user_permissions": {"0": "a", "2": "b"}},
    }


def test_permissions_with_holes_arrive_as_an_object() -> None:
    view = read_view(Reader(server()))
    assert view.user_permissions == ("a", "b")
    assert (view.server.egg_features, view.server.variables, view.server.subusers) == ((), None, None)
    assert view.server.feature_limits.databases is None


def test_unknown_fields_are_ignored() -> None:
    answer = server()
    answer["attributes"]["new"] = {"deep": [1]}
    answer["attributes"]["limits"]["gpu"] = "x"
    assert read_view(Reader(answer)).server.limits.memory_mib == 1024


def test_no_allocation_is_primary() -> None:
    answer = server()
    answer["attributes"]["relationships"]["allocations"]["data"][0]["attributes"]["is_default"] = False
    assert read_view(Reader(answer)).server.primary_allocation is None


Break = Callable[[dict[str, Any]], Any]
BREAKS: list[tuple[str, Break]] = [
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].pop("memory")),
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].update(memory="1024")),
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].update(memory=True)),
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].update(memory=1.5)),
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].update(memory=10**40)),
    ("attributes.limits.memory", lambda a: a["attributes"]["limits"].update(memory=None)),
    ("attributes.limits.oom_disabled", lambda a: a["attributes"]["limits"].update(oom_disabled=1)),
    ("attributes.name", lambda a: a["attributes"].update(name=None)),
    ("attributes.egg_features[1]", lambda a: a["attributes"].update(egg_features=["eula", 5])),
    ("attributes.relationships", lambda a: a["attributes"].pop("relationships")),
    (
        "attributes.relationships.allocations.data[0].attributes.port",
        lambda a: a["attributes"]["relationships"]["allocations"]["data"][0]["attributes"].update(port="25565"),
    ),
    (
        "attributes.relationships.allocations.data[0].object",
        lambda a: a["attributes"]["relationships"]["allocations"]["data"][0].update(object="backup"),
    ),
    ("attributes.relationships.variables", lambda a: a["attributes"]["relationships"].update(variables=None)),
    ("meta", lambda a: a.pop("meta")),
    ("meta.user_permissions.2", lambda a: a["meta"]["user_permissions"].update({"2": 2})),
    ("object", lambda a: a.update(object="backup")),
    ("attributes", lambda a: a.update(attributes=[])),
]


@pytest.mark.parametrize(("path", "change"), BREAKS)
def test_the_path_is_exact(path: str, change: Break) -> None:
    answer = server()
    change(answer)
    with pytest.raises(BadAnswer) as caught:
        read_view(Reader(answer))
    assert caught.value.path == path


def test_the_path_of_a_list_has_the_index() -> None:
    answer = {"object": "list", "data": [server(), server()], "meta": {}}
    answer["data"][1]["attributes"]["limits"]["memory"] = "much"  # type: ignore[index]
    with pytest.raises(BadAnswer) as caught:
        World((200, answer)).client.servers.list()
    assert caught.value.path == "data[1].attributes.limits.memory"
    assert caught.value.request == "GET /api/client"


def test_numbers_may_have_a_fraction_where_numbers_are_meant() -> None:
    used = dict.fromkeys(("memory_bytes", "disk_bytes", "network_rx_bytes", "network_tx_bytes", "uptime"), 5.0)
    stats = read_stats(
        Reader({"current_state": "running", "is_suspended": False, "resources": used | {"cpu_absolute": 12}})
    )
    assert (stats.cpu_percent, stats.memory_bytes) == (12.0, 5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, True, "5", None])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(BadAnswer):
        Reader(value).number()


def test_moments_become_utc() -> None:
    assert Reader("2024-05-01T12:30:00+02:00").moment() == datetime(2024, 5, 1, 10, 30, tzinfo=UTC)
    assert Reader("2024-10-24T17:30:24.000000Z").moment().tzinfo is UTC


@pytest.mark.parametrize("value", ["2024-05-01T12:30:00", "yesterday", "", 5, None, "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment(value: Any) -> None:
    with pytest.raises(BadAnswer):
        Reader(value).moment()


def activity(**changed: Any) -> dict[str, Any]:
    attributes = {
        "id": "bd307a3e",
        "batch": None,
        "event": "server:console.command",
        "is_api": True,
        "ip": None,
        "description": None,
        "properties": {"command": "say hi"},
        "has_additional_metadata": False,
        "timestamp": "2024-05-01T12:30:00+00:00",
    }
    return {"object": "activity_log", "attributes": attributes | changed}


def test_activity_with_its_actor() -> None:
    actor = {
        "uuid": "u",
        "username": "alice",
        "email": "a@example.com",
        "image": "https://gravatar.com/avatar/x",
        "2fa_enabled": False,
        "created_at": "2024-05-01T12:30:00+00:00",
    }
    entry = read_activity(Reader(activity(relationships={"actor": {"object": "user", "attributes": actor}})))
    assert entry.actor is not None
    assert entry.actor.username == "alice"
    assert entry.properties == {"command": "say hi"}


def test_activity_of_nobody_with_nothing() -> None:
    nobody = {"actor": {"object": "null_resource", "attributes": None}}
    entry = read_activity(Reader(activity(relationships=nobody, properties=[])))
    assert (entry.actor, dict(entry.properties)) == (None, {})


@pytest.mark.parametrize(
    "socket",
    ["http://n/ws", "ws://", "wss:///x", "javascript:alert(1)", "ws://[", "ws://n:x/",
     "ws://u:p@n/x", "ws://n\n/x", "ws://n /x", "wss://n\\@m/x", "ws://n:0/x", "ws://ä/x"],
)  # fmt: skip
def test_what_is_no_socket(socket: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_websocket(Reader({"data": {"token": "t", "socket": socket}}))
    assert caught.value.path == "data.socket"


def test_account() -> None:
    assert World((200, ACCOUNT)).client.account.view().username == "owner"
    nameless = ACCOUNT | {"attributes": ACCOUNT["attributes"] | {"first_name": None, "last_name": None}}  # type: ignore[operator]
    found = World((200, nameless)).client.account.view()
    assert (found.first_name, found.last_name) == ("", "")
