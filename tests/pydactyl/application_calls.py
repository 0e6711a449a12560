"""The second half of the list in `calls.py`: what needs the application key."""

from __future__ import annotations

from typing import Any

from pydactyl.responses import PaginatedResponse as Paged

from tests.pydactyl.calls import CLIENT, ROOT, Call, attribute, given
from tests.pydactyl.stand import Stand

NODE = {
    "name": "Node Uno", "description": "text", "fqdn": "127.0.0.1", "use_ssl": False, "behind_proxy": False,
    "maintenance_mode": False, "memory": 9000, "memory_overallocate": 0, "disk": 50000, "disk_overallocate": 0,
    "upload_size": 100, "daemon_sftp": 2022, "daemon_listen": 8081,
}  # fmt: skip
LIMITS = {
    "memory_limit": 2048, "swap_limit": 0, "disk_limit": 5120, "cpu_limit": 100, "io_limit": 500,
    "database_limit": 1, "allocation_limit": 2, "backup_limit": 1,
}  # fmt: skip


def new_location(s: Stand) -> int:
    """A location that no method of theirs can make."""
    answer = s.ask("POST", f"{ROOT}/locations", {"short": "us.nyc", "long": "New York"})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["attributes"]["id"]
    s.notes["new_location"] = number
    return number


def names(paged: Any, name: str) -> set[Any]:
    """One attribute of each item of the first page."""
    return {one["attributes"][name] for one in paged.data}


def made(s: Stand) -> Any:
    """The server that the list makes, as the panel has it."""
    return s.seen(f"{ROOT}/servers/{s.made}")


def installed(s: Stand) -> bool:
    """Whether it is there and not being installed."""
    return made(s)["status"] is None


L = "locations."
LOCATIONS = (
    Call(L + "list_locations", Paged, proof=lambda s, a: "home" in names(a, "short")),
    Call(L + "get_location_info", dict, lambda s: given(s.location), lambda s, a: a["attributes"]["id"] == s.location),
    Call(L + "delete_location", 204, lambda s: given(new_location(s)),
         lambda s, _: s.gone(f"{ROOT}/locations/{s.new_location}")),
)  # fmt: skip

NESTS = (
    Call("nests.list_nests", Paged, proof=lambda s, a: s.nest in names(a, "id")),
    Call("nests.get_nest_info", dict, lambda s: given(s.nest), lambda s, a: a["attributes"]["id"] == s.nest),
    Call("nests.get_eggs_in_nest", dict, lambda s: given(s.nest),
         lambda s, a: s.egg in {one["attributes"]["id"] for one in a["data"]}),
    Call("nests.get_egg_info", dict, lambda s: given(s.nest, s.egg, includes=["variables"]),
         lambda s, a: len(a["attributes"]["relationships"]["variables"]["data"]) == 4),
)  # fmt: skip

O = "nodes."  # noqa: E741
NODES = (
    Call(O + "list_nodes", Paged, proof=lambda s, a: s.node in names(a, "id")),
    Call(O + "get_node_details", dict, lambda s: given(s.node), lambda s, a: a["attributes"]["id"] == s.node),
    Call(O + "get_node_info", dict, lambda s: given(s.node), lambda s, a: a["attributes"]["id"] == s.node),
    Call(O + "get_node_config", dict, lambda s: given(s.node), lambda s, a: a["token"] and a["token_id"]),
    Call(O + "create_node", int, lambda s: given("Node Two", "text", s.location, "node2.example.com", 4096, 20000),
         take=attribute("id"), keep="second_node"),
    Call(O + "edit_node", dict, lambda s: given(s.node, location_id=s.location, **NODE),
         lambda s, _: s.seen(f"{ROOT}/nodes/{s.node}")["memory"] == 9000),
    Call(O + "delete_node", 204, lambda s: given(s.second_node),
         lambda s, _: s.gone(f"{ROOT}/nodes/{s.second_node}")),
    Call(O + "create_allocations", 204, lambda s: given(s.node, "127.0.0.1", ["25700", "25701-25702"])),
    Call(O + "list_node_allocations", int, lambda s: given(s.node), keep="new_port", take=lambda paged: next(
        one["attributes"]["id"] for one in paged.collect() if one["attributes"]["port"] == 25700)),
    Call(O + "delete_allocation", 204, lambda s: given(s.node, s.new_port), lambda s, _: s.new_port not in {
        one["id"] for one in s.seen(f"{ROOT}/nodes/{s.node}/allocations")}),
)  # fmt: skip

V = "user."
JANE = ("jane", "jane@example.com", "Jane", "Doe")
JANET = ("jane", "jane@example.com", "Janet", "Doe")
USERS = (
    Call(V + "create_user", int, lambda _: given(*JANE, external_id="ext-1", password="Secret-Word-1"),
         take=attribute("id"), keep="jane"),
    Call(V + "list_users", Paged, lambda _: given(email="jane@example.com"),
         lambda s, a: names(a, "id") == {s.jane}),
    Call(V + "get_user_info", dict, lambda s: given(user_id=s.jane),
         lambda s, a: a["attributes"]["external_id"] == "ext-1"),
    Call(V + "edit_user", dict, lambda s: given(s.jane, *JANET, external_id="ext-1"),
         lambda s, _: s.seen(f"{ROOT}/users/{s.jane}")["first_name"] == "Janet"),
    Call(V + "delete_user", 204, lambda _: given(external_id="ext-1"), lambda s, _: s.gone(f"{ROOT}/users/{s.jane}")),
)  # fmt: skip

M = "servers."
SERVERS = (
    Call(M + "list_servers", Paged, proof=lambda s, a: s.server_id in names(a, "id")),
    Call(M + "create_server", int, lambda s: given(
        "made", s.owner_id, s.nest, s.egg, 1024, 0, 5120, default_allocation=s.alloc_free,
        docker_image=s.docker_image, external_id="srv-1"),
        lambda s, _: s.wait(lambda: installed(s)), take=lambda answer: answer.json()["attributes"]["id"],
        keep="made", status=201),
    Call(M + "get_server_info", dict, lambda _: given(external_id="srv-1"),
         until=lambda found: found["status"] is None),
    Call(M + "get_server_info", dict, lambda s: given(s.made), lambda s, a: a["external_id"] == "srv-1"),
    Call(M + "update_server_details", 200, lambda s: given(
        s.made, "made2", s.owner_id, external_id="srv-1", description="text"),
        lambda s, _: (made(s)["name"], made(s)["description"]) == ("made2", "text")),
    Call(M + "update_server_build", 200, lambda s: given(s.made, s.alloc_free, **LIMITS),
         lambda s, _: made(s)["limits"]["memory"] == 2048),
    Call(M + "update_server_startup", 200, lambda s: given(
        s.made, environment={"SERVER_JARFILE": "paper.jar"}, skip_scripts=False),
        lambda s, _: made(s)["container"]["environment"]["SERVER_JARFILE"] == "paper.jar"),
    Call(M + "suspend_server", 204, lambda s: given(s.made), lambda s, _: made(s)["suspended"] is True),
    Call(M + "unsuspend_server", 204, lambda s: given(s.made), lambda s, _: made(s)["suspended"] is False),
    Call(M + "reinstall_server", 204, lambda s: given(s.made), lambda s, _: s.wait(lambda: installed(s))),
    Call(M + "delete_server", 204, lambda s: given(s.made), lambda s, _: s.gone(f"{ROOT}/servers/{s.made}")),
    Call(M + "get_server_info", int, lambda s: given(s.server_id, includes=["databases"]), keep="application_database",
         take=lambda found: found["relationships"]["databases"]["data"][0]["attributes"]["id"]),
    Call(M + "get_server_database_info", dict, lambda s: given(s.server_id, s.application_database),
         lambda s, a: a["id"] == s.application_database),
    Call(M + "reset_server_database_password", 204, lambda s: given(s.server_id, s.application_database)),
    Call(M + "delete_server_database", 204, lambda s: given(s.server_id, s.application_database),
         lambda s, _: s.gone(f"{ROOT}/servers/{s.server_id}/databases/{s.application_database}")),
)  # fmt: skip

APPLICATION = (*LOCATIONS, *NESTS, *NODES, *USERS, *SERVERS)
EVERY = (*CLIENT, *APPLICATION)
