from __future__ import annotations

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says


def names(ask: Asker, who: str, query: str) -> list[str]:
    answer = ask.get(who, f"/api/client?{query}")
    assert answer.status_code == 200, answer.json
    return [item["attributes"]["name"] for item in answer.json["data"]]


@pytest.mark.parametrize(("who", "kind", "shown"), [
    ("kim", "", ["Uno", "Due"]), ("lee", "", ["Uno", "Tre"]), ("nobody", "", []), ("lee", "owner", ["Tre"]),
    ("kim", "admin", []), ("kim", "admin-all", []), ("chief", "", []), ("chief", "admin", ["Uno", "Due", "Tre"]),
    ("chief", "admin-all", ["Uno", "Due", "Tre"]), ("kim", "whatever", ["Uno", "Due"]),
])
def test_types(ask: Asker, who: str, kind: str, shown: list[str]) -> None:
    assert names(ask, who, f"type={kind}") == shown


@pytest.mark.parametrize(("query", "shown"), [
    ("filter[name]=UN", ["Uno"]), ("filter[name]=uno,due", ["Uno", "Due"]), ("filter[description]=first", ["Uno"]),
    ("filter[external_id]=ORDER", ["Uno"]), ("filter[name]=", ["Uno", "Due"]), ("filter=x", ["Uno", "Due"]),
    ("filter[name]=u&filter[description]=first", ["Uno"]), ("filter[name]=u%25o", ["Uno"]),
    ("filter[*]=nO", ["Uno"]), ("filter[*]=order-1", ["Uno"]), ("filter[*]=order", []),
    ("filter[*]=:400", ["Uno", "Due"]), ("filter[*]=:4001", ["Uno"]), ("filter[*]=203.0.113.5", ["Uno", "Due"]),
    ("filter[*]=203.0.113.5:4002", ["Due"]), ("filter[*]=203.0.113.6", []), ("sort=nonsense", ["Uno", "Due"]),
    ("filter[*]=203.0.113.5:400", ["Uno", "Due"]), ("filter[*]=999.0.113.5", []), ("filter[*]=:123456", []),
    ("filter[name]=,", ["Uno", "Due"]), ("filter[name][]=uno&filter[name][]=x", ["Uno"]),
    ("filter[external_id]=false", ["Uno"]), ("filter[name]=true", []),
])
def test_filters(ask: Asker, query: str, shown: list[str]) -> None:
    assert names(ask, "kim", query) == shown


def test_filter_by_uuid_and_short_id(ask: Asker, demo: Demo) -> None:
    due = demo.world.servers[1]
    for text in (due.uuid, due.identifier, due.uuid[:11].upper()):
        assert names(ask, "kim", f"filter[*]={text}") == ["Due"]
    assert names(ask, "kim", f"filter[uuid]={due.uuid[9:18]}") == ["Due"]


def test_refused_filters(ask: Asker) -> None:
    assert says(ask.get("kim", "/api/client?filter[nonsense]=1&filter[name]=x")) == (
        400, "InvalidFilterQuery", "Requested filter(s) `nonsense` are not allowed. "
        "Allowed filter(s) are `uuid, name, description, external_id, *`.")
    for who in ("kim", "nobody"):
        assert says(ask.get(who, "/api/client?filter[*]=a,b"))[:2] == (500, "TypeError")


@pytest.mark.parametrize(("asked", "per_page"), [
    ("", 50), ("1", 1), ("101", 100), ("abc", 100), ("5abc", 100), ("0", 15), ("1.9", 1), ("1e1", 10),
])
def test_per_page(ask: Asker, asked: str, per_page: int) -> None:
    meta = ask.get("kim", f"/api/client?per_page={asked}").json["meta"]["pagination"]
    assert (meta["per_page"], meta["total"], meta["count"]) == (per_page, 2, min(per_page, 2))


@pytest.mark.parametrize(("path", "code"), [
    ("/api/client?per_page=-1", "QueryException"), ("/api/client?per_page=-abc", "TypeError"),
    ("/api/client?per_page=0abc", "ErrorException"), ("/api/application/users?per_page=-1", "QueryException"),
    ("/api/application/users?per_page=abc", "TypeError"), ("/api/application/users?per_page=5abc", "ErrorException"),
    ("/api/application/users?per_page[]=5", "TypeError"), ("/api/client?include[a][b]=egg", "TypeError"),
])
def test_what_crashes_the_panel(ask: Asker, path: str, code: str) -> None:
    answer = ask.get("chief" if "application" in path else "kim", path)
    assert says(answer)[:2] == (500, code)
    assert "X-RateLimit-Limit" in answer.headers


def test_nothing_to_page_does_not_crash(ask: Asker) -> None:
    meta = ask.get("nobody", "/api/client?per_page=-1").json["meta"]["pagination"]
    assert (meta["per_page"], meta["total_pages"]) == (-1, 1)


def test_page_links_keep_the_query_and_end_in_page(ask: Asker) -> None:
    page = ask.get("kim", "/api/client?per_page=1&page=2&include=egg,subusers&filter[name]=u").json
    meta = page["meta"]["pagination"]
    assert [item["attributes"]["name"] for item in page["data"]] == ["Due"]
    assert meta["links"] == {
        "previous": "http://localhost/api/client?per_page=1&include=egg%2Csubusers&filter%5Bname%5D=u&page=1"}
    past = ask.get("kim", "/api/client?per_page=1&page=9").json
    assert (past["data"], past["meta"]["pagination"]["current_page"]) == ([], 9)


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "01"])
def test_an_invalid_page_is_the_first(ask: Asker, page: str) -> None:
    assert ask.get("kim", f"/api/client?page={page}").json["meta"]["pagination"]["current_page"] == 1


def test_includes(ask: Asker) -> None:
    for query in ("include=egg,%20subusers,nonsense", "include[]=egg&include[]=subusers", "include=egg:x,subusers.",
                  "include=egg.nest,subusers"):
        related = ask.get("kim", f"{ask.server('Uno')}?{query}").json["attributes"]["relationships"]
        assert set(related) == {"allocations", "variables", "egg", "subusers"}
        assert related["subusers"]["data"][0]["attributes"]["permissions"] == [
            "control.start", "control.console", "websocket.connect"]


def test_permissions(ask: Asker) -> None:
    answer = ask.get("nobody", "/api/client/permissions").json
    keys = [key for group in answer["attributes"]["permissions"].values() for key in group["keys"]]
    assert (answer["object"], len(answer["attributes"]["permissions"]), len(keys)) == ("system_permissions", 11, 40)
