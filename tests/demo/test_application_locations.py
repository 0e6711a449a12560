from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.clock import iso
from portal.demo.world import READ
from tests.demo.conftest import Asker, says

LOCATIONS = "/api/application/locations"
TAKEN = "The Location Identifier has already been taken."


def failures(response: Any) -> list[str]:
    assert response.status_code == 422, response.json
    return [error["detail"] for error in response.json["errors"]]


def made(ask: Asker, short: str, **more: Any) -> int:
    response = ask.post("all", LOCATIONS, {"short": short, **more})
    assert response.status_code == 201
    number: int = response.json["attributes"]["id"]
    return number


def test_a_new_location_is_shown_with_its_address(ask: Asker, clock: ManualClock) -> None:
    response = ask.post("all", LOCATIONS, {"short": " cellar ", "long": "", "colour": "red"})
    assert (response.status_code, response.json) == (201, {
        "object": "location", "meta": {"resource": "http://localhost/api/application/locations/2"}, "attributes": {
            "id": 2, "short": "cellar", "long": None, "created_at": iso(clock.now()), "updated_at": iso(clock.now())}})


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["The Location Identifier field is required."]),
    ({"short": "", "long": 5}, ["The Location Identifier field is required.",
                                "The Location Description must be a string."]),
    ({"short": 5}, ["The Location Identifier must be a string."]),
    ({"short": "x" * 61, "long": "y" * 192}, ["The Location Identifier must be between 1 and 60 characters.",
                                              "The Location Description must be between 1 and 191 characters."]),
    ({"short": "ATTIC"}, [TAKEN]),
    ({"short": ["attic"]}, ["The Location Identifier must be a string."]),
])
def test_rules(ask: Asker, body: dict[str, Any], expected: list[str]) -> None:
    assert failures(ask.post("all", LOCATIONS, body)) == expected


def test_a_body_that_is_no_object_is_none(ask: Asker) -> None:
    for body in ([], "attic", 5, None):
        assert failures(ask.post("all", LOCATIONS, body)) == ["The Location Identifier field is required."]


def test_a_change_needs_the_identifier_and_keeps_an_absent_description(ask: Asker, clock: ManualClock) -> None:
    number = made(ask, "cellar", long="Below")
    first = clock.now()
    clock.advance(60)
    path = f"{LOCATIONS}/{number}"
    assert failures(ask("all", "PATCH", path, {"long": "x"})) == ["The Location Identifier field is required."]
    assert failures(ask("all", "PATCH", path, {"short": "attic"})) == [TAKEN]
    shown = ask("all", "PATCH", path, {"short": "cellar"}).json["attributes"]
    assert (shown["long"], shown["updated_at"]) == ("Below", iso(first))
    shown = ask("all", "PATCH", path, {"short": "Cellar", "long": None}).json["attributes"]
    assert (shown["short"], shown["long"], shown["updated_at"]) == ("Cellar", None, iso(clock.now()))


def test_a_location_with_nodes_stays(ask: Asker, demo: Demo) -> None:
    assert says(ask("all", "DELETE", f"{LOCATIONS}/1")) == (
        400, "HasActiveNodesException", "Cannot delete a location that has active nodes attached to it.")
    assert ask("all", "DELETE", f"{LOCATIONS}/{made(ask, 'cellar')}").status_code == 204
    assert [location.short for location in demo.world.locations] == ["attic"]
    assert made(ask, "cellar") == 3


@pytest.mark.parametrize(("query", "shown"), [
    ("filter[short]=AR", ["cellar", "garage"]), ("filter[long]=roof", ["attic"]), ("filter[short]=att,gar&sort=-id",
                                                                                ["garage", "attic"]),
    ("filter[long]=", ["attic", "cellar", "garage"]), ("per_page=1&page=2", ["cellar"]), ("page=9", []),
])
def test_lists(ask: Asker, query: str, shown: list[str]) -> None:
    made(ask, "cellar")
    made(ask, "garage")
    data = ask.get("all", f"{LOCATIONS}?{query}").json["data"]
    assert [one["attributes"]["short"] for one in data] == shown


def test_what_lists_refuse(ask: Asker) -> None:
    assert says(ask.get("all", f"{LOCATIONS}?filter[id]=1"))[1:] == (
        "InvalidFilterQuery", "Requested filter(s) `id` are not allowed. Allowed filter(s) are `short, long`.")
    assert says(ask.get("all", f"{LOCATIONS}?sort=short"))[1:] == (
        "InvalidSortQuery", "Requested sort(s) `short` is not allowed. Allowed sort(s) are `id`.")


def test_includes_two_deep_and_by_permission(ask: Asker, demo: Demo) -> None:
    grants = demo.world.api_keys[-1].grants
    assert grants is not None
    related = ask.get("reading", f"{LOCATIONS}/1?include=nodes.allocations,servers").json["attributes"]["relationships"]
    node = related["nodes"]["data"][0]["attributes"]
    assert len(node["relationships"]["allocations"]["data"]) == 5
    assert [server["attributes"]["name"] for server in related["servers"]["data"]] == ["Uno", "Due", "Tre"]
    grants["nodes"] = 0
    related = ask.get("reading", f"{LOCATIONS}/1?include=nodes").json["attributes"]["relationships"]
    assert related["nodes"] == {"object": "null_resource", "attributes": None}


def test_who_may(ask: Asker, demo: Demo) -> None:
    grants = demo.world.api_keys[-2].grants
    assert grants is not None
    grants["locations"] = READ
    assert ask.get("all", f"{LOCATIONS}/1abc").status_code == 200
    assert ask("all", "PATCH", f"{LOCATIONS}/99", {}).status_code == 404
    for method, path in (("POST", LOCATIONS), ("PATCH", f"{LOCATIONS}/1"), ("DELETE", f"{LOCATIONS}/1")):
        assert says(ask("all", method, path, {}))[:2] == (403, "AccessDeniedHttpException")


def test_wrong_verbs(ask: Asker) -> None:
    assert says(ask("all", "PUT", f"{LOCATIONS}/1")) == (
        405, "MethodNotAllowedHttpException", "The PUT method is not supported for route api/application/locations/1. "
        "Supported methods: GET, HEAD, PATCH, DELETE.")
    assert says(ask("all", "DELETE", LOCATIONS))[2].endswith("Supported methods: GET, HEAD, POST.")
