from __future__ import annotations

import pytest

from portal.demo import Demo
from portal.demo.world import WRITE
from tests.demo.conftest import Asker, says

NULL = {"object": "null_resource", "attributes": None}
API = "/api/application"


def test_who_may(ask: Asker, demo: Demo) -> None:
    assert ask.get("all", f"{API}/users").status_code == 200
    assert ask.get("reading", f"{API}/users").status_code == 200
    assert ask.get("chief", f"{API}/users").status_code == 200
    assert says(ask.get("kim", f"{API}/users")) == (
        403, "AccessDeniedHttpException", "This account does not have permission to access the API.")
    assert says(ask.get("kim", f"{API}/users/999"))[0] == 404
    assert says(ask.post("reading", f"{API}/servers/1/suspend")) == (
        403, "AccessDeniedHttpException", "This action is unauthorized.")
    demo.world.users[0].root_admin = False
    assert ask.get("all", f"{API}/users").status_code == 403


def test_bits_are_checked_one_by_one(ask: Asker, demo: Demo) -> None:
    grants = demo.world.api_keys[-2].grants
    assert grants is not None
    grants["servers"] = WRITE
    grants["users"] = 0
    assert ask.get("all", f"{API}/servers/1").status_code == 403
    assert ask.post("all", f"{API}/servers/1/suspend").status_code == 204
    assert ask.get("all", f"{API}/users").status_code == 403


@pytest.mark.parametrize(("query", "shown"), [
    ("filter[email]=KIM@", ["kim"]), ("filter[username]=e", ["chief", "lee"]), ("sort=-id&per_page=1", ["nobody"]),
    ("filter[external_id]=x", []),
])
def test_user_filters(ask: Asker, query: str, shown: list[str]) -> None:
    data = ask.get("all", f"{API}/users?{query}").json["data"]
    assert [item["attributes"]["username"] for item in data] == shown


def test_paging_without_cap_and_links_that_forget(ask: Asker) -> None:
    meta = ask.get("all", f"{API}/users?per_page=1000&sort=id").json["meta"]["pagination"]
    assert meta == {"total": 4, "count": 4, "per_page": 1000, "current_page": 1, "total_pages": 1, "links": {}}
    meta = ask.get("all", f"{API}/users?per_page=2&sort=id").json["meta"]["pagination"]
    assert meta["links"] == {"next": f"http://localhost{API}/users?page=2"}
    assert says(ask.get("all", f"{API}/users?per_page=abc"))[:2] == (500, "TypeError")
    assert ask.get("all", f"{API}/users?per_page=0").json["meta"]["pagination"]["per_page"] == 15


def test_refused_filters_and_sorts(ask: Asker) -> None:
    assert says(ask.get("all", f"{API}/users?filter[root_admin]=1")) == (
        400, "InvalidFilterQuery", "Requested filter(s) `root_admin` are not allowed. "
        "Allowed filter(s) are `email, uuid, username, external_id`.")
    assert says(ask.get("all", f"{API}/servers?sort=name")) == (
        400, "InvalidSortQuery", "Requested sort(s) `name` is not allowed. Allowed sort(s) are `id, uuid`.")


def test_server_view(ask: Asker, demo: Demo) -> None:
    server = demo.world.servers[0]
    shown = ask.get("reading", f"{API}/servers/{server.id}").json["attributes"]
    assert (shown["external_id"], shown["suspended"], shown["container"]["installed"]) == ("Order-1", False, 1)
    assert shown["container"]["environment"] == {
        "MODE": "easy", "SECRET": "hush", "STARTUP": server.startup, "P_SERVER_LOCATION": "attic",
        "P_SERVER_UUID": server.uuid, "P_SERVER_ALLOCATION_LIMIT": None}
    assert ask.get("all", f"{API}/servers/external/order-1").json["attributes"]["id"] == server.id
    for wrong in ("999", "abc", server.uuid[:8] if server.uuid[0].isalpha() else "x", "external/nothing"):
        assert says(ask.get("all", f"{API}/servers/{wrong}"))[0] == 404


@pytest.mark.parametrize(("query", "shown"), [
    ("filter[name]=u", ["Uno", "Due"]), ("filter[image]=example.org", ["Uno", "Due", "Tre"]),
    ("filter[external_id]=order", ["Uno"]), ("sort=-id", ["Tre", "Due", "Uno"]),
])
def test_server_filters(ask: Asker, query: str, shown: list[str]) -> None:
    data = ask.get("all", f"{API}/servers?{query}").json["data"]
    assert [item["attributes"]["name"] for item in data] == shown


def test_includes(ask: Asker) -> None:
    every = "allocations,user,subusers,nest,egg,variables,location,node,databases"
    related = ask.get("all", f"{API}/servers/1?include={every}").json["attributes"]["relationships"]
    assert {name: item["object"] for name, item in related.items()} == {
        "allocations": "list", "user": "user", "subusers": "list", "nest": "nest", "egg": "egg", "variables": "list",
        "location": "location", "node": "node", "databases": "list"}
    assert related["node"]["attributes"]["allocated_resources"] == {"memory": 1536, "disk": 3072}
    assert [item["attributes"]["server_value"] for item in related["variables"]["data"]] == ["easy", "hush"]
    assert says(ask.get("all", f"{API}/servers/1?include=transfer"))[:2] == (500, "TypeError")
    assert "relationships" not in ask.get("all", f"{API}/servers/1?include=nonsense").json["attributes"]


def test_includes_nest_two_levels_deep(ask: Asker) -> None:
    answer = ask.get("all", f"{API}/users/2?include=servers.egg.variables").json["attributes"]
    server = answer["relationships"]["servers"]["data"][0]["attributes"]
    assert server["relationships"]["egg"]["object"] == "egg"
    assert "relationships" not in server["relationships"]["egg"]["attributes"]


def test_an_include_without_its_bit_is_null(ask: Asker, demo: Demo) -> None:
    grants = demo.world.api_keys[-1].grants
    assert grants is not None
    grants["users"] = 0
    related = ask.get("reading", f"{API}/servers/1?include=user,egg").json["attributes"]["relationships"]
    assert related["user"] == NULL
    assert related["egg"]["object"] == "egg"


def test_search_is_validated_and_ignored(ask: Asker) -> None:
    assert len(ask.get("all", f"{API}/servers?search=nothing").json["data"]) == 3
    assert says(ask.get("all", f"{API}/servers?search={'x' * 101}"))[2] == (
        "The search may not be greater than 100 characters.")
