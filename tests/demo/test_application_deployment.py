from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.world import Allocation, Location, Node
from tests.demo.conftest import Asker, says
from tests.demo.test_application_creating import DEPLOY, FREE, LIMITS, allocation, create, failures

PATH = "/api/application/nodes/deployable"
NONE = (400, "NoViableNodeException",
        "No nodes satisfying the requirements specified for automatic deployment could be found.")


@pytest.fixture
def second(demo: Demo) -> Node:
    location = Location(2, "cellar", None, 0, 0)
    node = Node(2, "u", "Other", location, "other.example.org", "i", "t", 0, 0, memory=100, disk=100)
    demo.world.locations.append(location)
    demo.world.nodes.append(node)
    return node


def deploy(ask: Asker, **change: Any) -> Any:
    return create(ask, without="allocation", deploy={**DEPLOY, **change})


def ids(response: Any) -> list[int]:
    return [row["attributes"]["id"] for row in response.json["data"]]


def test_a_list_of_nodes_with_what_is_used(ask: Asker) -> None:
    response = ask.get("all", f"{PATH}?memory=0&disk=0&include=location")
    assert list(response.json) == ["object", "data"]
    (shown,) = response.json["data"]
    viewed = ask.get("all", "/api/application/nodes/1?include=location").json
    assert shown == {"object": "node", "attributes": {**viewed["attributes"], "sum_memory": "1536",
                                                      "sum_disk": "3072"}}


@pytest.mark.parametrize(("query", "expected"), [
    ("memory=100&disk=100", [1, 2]), ("memory=101&disk=0", [1]), ("memory=2560&disk=5928", [1]),
    ("memory=1&disk=1&location_ids[]=2", [2]), ("memory=1&disk=1&location_ids[]=2&location_ids[]=1", [1, 2]),
    ("memory=1&disk=1&location_ids[0]=9&location_ids[1]=2", [2]),
])
def test_what_fits(ask: Asker, second: Node, query: str, expected: list[int]) -> None:
    assert ids(ask.get("all", f"{PATH}?{query}")) == expected


@pytest.mark.parametrize("query", ["memory=2561&disk=0", "memory=0&disk=5929", "memory=1&disk=1&location_ids[]=9",
                                   "memory=1&disk=1&page=2"])
def test_nothing_that_fits_is_a_refusal(ask: Asker, query: str) -> None:
    assert says(ask.get("all", f"{PATH}?{query}")) == NONE


def test_hidden_ones_do_not_count_and_full_ones_may_give_more(ask: Asker, demo: Demo, second: Node) -> None:
    demo.world.nodes[0].public = False
    second.maintenance_mode = True
    assert ids(ask.get("all", f"{PATH}?memory=1&disk=1")) == [2]
    second.memory_overallocate, second.disk_overallocate = -1, 50
    assert ids(ask.get("all", f"{PATH}?memory=99&disk=150")) == [2]
    assert says(ask.get("all", f"{PATH}?memory=100&disk=1")) == NONE
    assert says(ask.get("all", f"{PATH}?memory=1&disk=151")) == NONE


def test_pages_where_one_is_asked_for(ask: Asker, second: Node) -> None:
    query = "memory=1&disk=1&per_page=1"
    assert "meta" not in ask.get("all", f"{PATH}?{query}").json
    first, last = (ask.get("all", f"{PATH}?{query}&page={page}") for page in (1, 2))
    assert (ids(first), ids(last)) == ([1], [2])
    assert first.json["meta"]["pagination"] == {
        "total": 2, "count": 1, "per_page": 1, "current_page": 1, "total_pages": 2,
        "links": {"next": f"http://localhost{PATH}?page=2"}}
    whole = ask.get("all", f"{PATH}?memory=1&disk=1&page=-1").json["meta"]["pagination"]
    assert (whole["per_page"], whole["current_page"]) == (50, 1)
    for per_page, code in (("some", "TypeError"), ("5x", "ErrorException")):
        assert says(ask.get("all", f"{PATH}?memory=1&disk=1&per_page={per_page}"))[:2] == (500, code)


@pytest.mark.parametrize(("query", "expected"), [
    ("", ["memory required", "disk required"]),
    ("?memory=-1&disk=1.5", ["memory min", "disk integer"]),
    ("?memory=&disk=x", ["memory required", "disk integer"]),
    ("?memory=1&disk=1&location_ids=1&page=one", ["page integer", "location_ids array"]),
    ("?memory=1&disk=1&location_ids[]=x&page=", ["page integer", "location_ids.0 integer"]),
])
def test_rules(ask: Asker, query: str, expected: list[str]) -> None:
    response = ask.get("reading", PATH + query)
    assert response.status_code == 422
    assert response.json is not None
    assert [" ".join(error["meta"].values()) for error in response.json["errors"]] == expected


def test_who_may(ask: Asker, demo: Demo) -> None:
    grants = next(key.grants for key in demo.world.api_keys if key.plain_text == demo.keys["all"])
    assert grants is not None
    grants["nodes"] = 2
    assert says(ask.get("all", PATH))[:2] == (403, "AccessDeniedHttpException")
    assert ask.get("chief", f"{PATH}?memory=1&disk=1").status_code == 200
    assert says(ask("chief", "DELETE", PATH))[:2] == (404, "NotFoundHttpException")


@pytest.mark.parametrize(("change", "fits"), [
    ({"memory": 2560}, True), ({"memory": 2561}, False), ({"disk": 5928}, True), ({"disk": 5929}, False),
])
def test_deployment_fills_nodes_to_the_brim(ask: Asker, change: dict[str, int], fits: bool) -> None:
    response = create(ask, without="allocation", deploy=DEPLOY, limits={**LIMITS, **change})
    if fits:
        assert response.json["attributes"]["node"] == 1
    else:
        assert says(response) == (400, "NoViableNodeException", "No nodes satisfying the requirements specified for "
                                  "automatic deployment could be found.")


@pytest.mark.parametrize(("attribute", "value", "status"), [
    ("public", False, 400), ("maintenance_mode", True, 201), ("memory_overallocate", -1, 400),
    ("memory_overallocate", 100, 201), ("disk_overallocate", -50, 400),
])
def test_which_nodes_count(ask: Asker, demo: Demo, attribute: str, value: Any, status: int) -> None:
    setattr(demo.world.nodes[0], attribute, value)
    limits = {**LIMITS, "memory": 2560, "disk": 5000}
    assert create(ask, without="allocation", deploy=DEPLOY, limits=limits).status_code == status


@pytest.mark.parametrize(("change", "expected"), [
    ({"locations": [1, "1"]}, 201), ({"locations": [2]}, "NoViableNodeException"),
    ({"port_range": ["4000"]}, 201), ({"port_range": ["4001"]}, "NoViableAllocationException"),
    ({"port_range": ["3999-4001"]}, 201), ({"port_range": ["4001-3999"]}, "NoViableAllocationException"),
    ({"port_range": ["4001", "3000-4000"]}, 201), ({"port_range": ["any", "40-50"]}, 201),
    ({"port_range": ["any", "4001"]}, "NoViableAllocationException"),
    ({"port_range": ["10000-11000"]}, "NoViableAllocationException"),
    ({"port_range": ["10000-11001"]}, "DisplayException"),
    ({"port_range": ["10000-11001"], "locations": [2]}, "NoViableNodeException"),
    ({"dedicated_ip": True}, 201), ({"dedicated_ip": ["x"]}, "TypeError"), ({"locations": [True]},
                                                                           "InvalidArgumentException"),
])
def test_where_a_server_is_deployed(ask: Asker, change: dict[str, Any], expected: int | str) -> None:
    response = deploy(ask, **change)
    if expected == 201:
        assert response.json["attributes"]["allocation"] == FREE
    else:
        assert says(response)[1] == expected


def test_a_dedicated_address_is_nobody_elses_on_that_node(ask: Asker, demo: Demo) -> None:
    demo.world.allocations.append(Allocation(6, demo.world.nodes[0], "203.0.113.5", 6000))
    allocation(demo).server = demo.world.servers[0]
    assert says(deploy(ask, dedicated_ip="yes")) == (
        400, "NoViableAllocationException", "No allocations satisfying the requirements for automatic deployment were "
        "found.")
    assert deploy(ask, dedicated_ip="0").json["attributes"]["allocation"] == 6


def test_a_node_and_its_allocation_come_before_the_variables(ask: Asker) -> None:
    assert says(create(ask, environment={}, deploy={**DEPLOY, "port_range": ["1"]}))[1] == (
        "NoViableAllocationException")
    assert failures(create(ask, environment={}, deploy=DEPLOY)) == ["environment.MODE required"]
