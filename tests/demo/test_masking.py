"""What a subuser sees of a server."""
from __future__ import annotations

from typing import Any

from portal.demo import Demo
from tests.demo.conftest import Asker

NULL = {"object": "null_resource", "attributes": None}


def view(ask: Asker, who: str) -> dict[str, Any]:
    answer = ask.get(who, ask.server("Uno") + "?include=subusers").json
    assert answer is not None
    return answer


def grant(demo: Demo, *permissions: str) -> None:
    demo.world.servers[0].subusers[0].permissions = list(permissions)


def test_owner_sees_everything(ask: Asker, demo: Demo) -> None:
    demo.world.servers[0].allocation.notes = "main door"
    answer = view(ask, "kim")
    related = answer["attributes"]["relationships"]
    assert answer["meta"] == {"is_server_owner": True, "user_permissions": ["*"]}
    assert related["allocations"]["data"][0]["attributes"]["notes"] == "main door"
    assert [item["attributes"]["env_variable"] for item in related["variables"]["data"]] == ["MODE"]


def test_admin_sees_everything_and_holds_more(ask: Asker) -> None:
    answer = view(ask, "chief")
    assert answer["attributes"]["server_owner"] is False
    assert answer["meta"]["user_permissions"][0] == "*"
    assert len(answer["meta"]["user_permissions"]) == 4


def test_without_permissions(ask: Asker, demo: Demo) -> None:
    demo.world.servers[0].allocation.notes = "main door"
    answer = view(ask, "lee")
    related = answer["attributes"]["relationships"]
    assert answer["attributes"]["invocation"] == "./run --port 4000 --key [hidden] [hidden]"
    assert [(item["attributes"]["port"], item["attributes"]["notes"])
            for item in related["allocations"]["data"]] == [(4000, None)]
    assert related["variables"] == NULL
    assert related["subusers"] == NULL
    assert answer["meta"] == {"is_server_owner": False,
                              "user_permissions": ["control.start", "control.console", "websocket.connect"]}


def test_each_permission_opens_its_part(ask: Asker, demo: Demo) -> None:
    grant(demo, "allocation.read")
    assert len(view(ask, "lee")["attributes"]["relationships"]["allocations"]["data"]) == 2
    grant(demo, "startup.read")
    answer = view(ask, "lee")["attributes"]
    assert answer["invocation"] == "./run --port 4000 --key [hidden] easy"
    assert answer["relationships"]["variables"]["object"] == "list"
    grant(demo, "user.read")
    assert view(ask, "lee")["attributes"]["relationships"]["subusers"]["object"] == "list"
