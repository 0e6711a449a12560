from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says

ALLOCATIONS = "/api/application/nodes/1/allocations"
RANGE = "Ports in an allocation must be greater than 1024 and less than or equal to 65535."
MANY = "Adding more than 1000 ports in a single range at once is not supported."
CIDR = "CIDR notation only allows masks between /25 and /32."


def mapping(port: str) -> tuple[str, str]:
    return "InvalidPortMappingException", f"The mapping provided for {port} was invalid and could not be processed."


def add(ask: Asker, ip: Any, *ports: Any, **more: Any) -> Any:
    return ask.post("all", ALLOCATIONS, {"ip": ip, "ports": list(ports), **more})


def addresses(demo: Demo) -> list[str]:
    return [allocation.address for allocation in demo.world.allocations]


def test_new_ones_are_made_and_known_ones_are_left_alone(ask: Asker, demo: Demo) -> None:
    before = addresses(demo)
    response = add(ask, "203.0.113.5", "4000-4003", "6000", alias="play.example.org")
    assert (response.status_code, response.data, response.headers.get("Content-Type")) == (204, b"", None)
    assert addresses(demo) == [*before, "203.0.113.5:4003", "203.0.113.5:6000"]
    new = demo.world.allocations[-1]
    assert (new.ip_alias, new.notes, new.server, new.node) == ("play.example.org", None, None, demo.world.nodes[0])
    assert demo.world.allocations[0].ip_alias == "games.example.org"


def test_a_network_means_each_of_its_addresses(ask: Asker, demo: Demo) -> None:
    add(ask, "198.51.100.6/30", "5001-5000")
    assert addresses(demo)[-8:] == [
        f"198.51.100.{last}:{port}" for last in (4, 5, 6, 7) for port in (5001, 5000)]


@pytest.mark.parametrize(("ip", "address"), [
    ("Games.example.org", "192.0.2.9"), ("localhost", "127.0.0.1"), ("127.1", "127.0.0.1"), ("167772161", "10.0.0.1"),
    ("2001:db8:0::1", "2001:db8::1"), ("10.0.0.1/32", "10.0.0.1"), ("10.0.0.1 255.255.255.255", "10.0.0.1"),
])
def test_names_are_resolved_by_the_panel(ask: Asker, demo: Demo, ip: str, address: str) -> None:
    demo.config.hosts["games.example.org"] = "192.0.2.9"
    assert add(ask, ip, "5000").status_code == 204
    assert addresses(demo)[-1] == f"{address}:5000"


@pytest.mark.parametrize("ip", ["nothing.example.org", "10.0.0.1-10.0.0.3", "10.0.0.*", "10.0.0.300", "ü", "x/30"])
def test_what_is_no_address(ask: Asker, ip: str) -> None:
    assert says(add(ask, ip, "5000")) == (
        400, "DisplayException", f"Could not parse provided allocation IP address ({ip}): Invalid IP address format")
    assert says(add(ask, "x" * 256, "5000"))[:2] == (500, "ErrorException")


@pytest.mark.parametrize(("ip", "port", "expected"), [
    ("10.0.0.0/26", "5000", ("CidrOutOfRangeException", CIDR)),
    ("10.0.0.0/33", "5000", ("CidrOutOfRangeException", CIDR)),
    ("10.0.0.0/x", "5000", ("CidrOutOfRangeException", CIDR)),
    ("10.0.0.1", "80-90", mapping("80-90")),
    ("10.0.0.1", "5000-", mapping("5000-")),
    ("10.0.0.1", "-5", mapping("-5")),
    ("10.0.0.1", "5000 - 5001", mapping("5000 - 5001")),
    ("10.0.0.1", "1024", ("PortOutOfRangeException", RANGE)),
    ("10.0.0.1", "65536", ("PortOutOfRangeException", RANGE)),
    ("10.0.0.1", "9" * 5000, ("PortOutOfRangeException", RANGE)),
    ("10.0.0.1", "1000-1999", ("PortOutOfRangeException", RANGE)),
    ("10.0.0.1", "2000-3000", ("TooManyPortsInRangeException", MANY)),
    ("10.0.0.1", "90000-99999", ("TooManyPortsInRangeException", MANY)),
])
def test_what_is_refused_changes_nothing(
        ask: Asker, demo: Demo, ip: str, port: str, expected: tuple[str, str]) -> None:
    before = addresses(demo)
    assert says(add(ask, ip, "5001", port)) == (400, *expected)
    assert addresses(demo) == before


def test_the_widest_of_everything(ask: Asker, demo: Demo) -> None:
    before = len(demo.world.allocations)
    assert add(ask, "10.0.0.0/27", "2000-2999", "65535", "1025").status_code == 204
    assert len(demo.world.allocations) == before + 32 * 1002


@pytest.mark.parametrize(("body", "expected"), [
    ({}, ["ip required", "ports required"]),
    ({"ip": 5, "ports": "5000"}, ["ip string", "ports array"]),
    ({"ip": "10.0.0.1", "ports": []}, ["ports required"]),
    ({"ip": "10.0.0.1", "ports": [5000, "", ["5000"]]}, ["ports.0 string", "ports.1 string", "ports.2 string"]),
    ({"ip": "10.0.0.1", "ports": {"a": 5}}, ["ports.a string"]),
    ({"ip": "10.0.0.1", "ports": ["5000"], "alias": 5}, ["alias string"]),
    ({"ip": "10.0.0.1", "ports": ["5000"], "alias": "x" * 192}, ["alias max"]),
])
def test_rules(ask: Asker, body: dict[str, Any], expected: list[str]) -> None:
    response = ask.post("all", ALLOCATIONS, body)
    assert response.status_code == 422
    assert [" ".join(error["meta"].values()) for error in response.json["errors"]] == expected


def test_an_object_of_ports_is_an_array_too(ask: Asker) -> None:
    assert ask.post("all", ALLOCATIONS, {"ip": "10.0.0.1", "ports": {"a": "5000"}, "alias": None}).status_code == 204
    (shown,) = ask.get("all", f"{ALLOCATIONS}?filter[ip]=10.0.0.1").json["data"]
    assert {**shown["attributes"], "id": 0} == {
        "id": 0, "ip": "10.0.0.1", "alias": None, "port": 5000, "notes": None, "assigned": False}


@pytest.mark.parametrize(("query", "shown"), [
    ("filter[port]=4000", [1, 5]), ("filter[port]=4001,5000", [2, 4]), ("filter[ip]=203.0.113.6", [5]),
    ("filter[ip]=203.0.113", []), ("filter[ip_alias]=GAMES&per_page=2", [1, 2]), ("filter[server_id]=1", [1, 2]),
    ("filter[server_id]=0", [5]), ("filter[server_id]=false", [5]), ("filter[server_id]=true", [5]),
    ("filter[server_id]=1.5", [5]), ("filter[server_id]=99", []), ("filter[server_id]=", [1, 2, 3, 4, 5]),
    ("filter[port]=4000&filter[server_id]=1", [1]), ("sort=-id", [1, 2, 3, 4, 5]),
])
def test_filters(ask: Asker, query: str, shown: list[int]) -> None:
    data = ask.get("all", f"{ALLOCATIONS}?{query}").json["data"]
    assert [one["attributes"]["id"] for one in data] == shown


def test_what_lists_refuse(ask: Asker) -> None:
    assert says(ask.get("all", f"{ALLOCATIONS}?filter[alias]=x"))[1:] == (
        "InvalidFilterQuery", "Requested filter(s) `alias` are not allowed. Allowed filter(s) are `ip, port, ip_alias, "
        "server_id`.")
    assert says(ask.get("all", f"{ALLOCATIONS}?filter[server_id]=1,2"))[:2] == (500, "ErrorException")
    assert ask.get("all", "/api/application/nodes/9/allocations").status_code == 404


def test_includes(ask: Asker) -> None:
    data = ask.get("all", f"{ALLOCATIONS}?include=server.egg,node.location").json["data"]
    first, last = (one["attributes"]["relationships"] for one in (data[0], data[-1]))
    assert first["server"]["attributes"]["relationships"]["egg"]["object"] == "egg"
    assert first["node"]["attributes"]["relationships"]["location"]["object"] == "location"
    assert last["server"] == {"object": "null_resource", "attributes": None}


def test_one_that_a_server_has_stays(ask: Asker, demo: Demo) -> None:
    assert says(ask("all", "DELETE", f"{ALLOCATIONS}/2")) == (
        400, "ServerUsingAllocationException", "A server is currently assigned to this allocation. An allocation can "
        "only be deleted if no server is currently assigned.")
    assert ask("all", "DELETE", f"{ALLOCATIONS}/5").status_code == 204
    assert ask("all", "DELETE", f"{ALLOCATIONS}/5").status_code == 404
    assert len(demo.world.allocations) == 4
    assert ask("reading", "DELETE", f"{ALLOCATIONS}/2").status_code == 403
    assert says(ask.get("all", f"{ALLOCATIONS}/2"))[2].endswith("Supported methods: DELETE.")
