"""What the typed methods of the application API answer, where that is more than types and recordings show."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes
from tests.pterodactyl.app_rows import ROWS, call, number_of
from tests.pterodactyl.fakes import World, error
from tests.pterodactyl.objects import listed
from tests.support.wsgi_adapter import WsgiAdapter

THEN = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
STAMPS = {"created_at": THEN, "updated_at": THEN}
LISTS = {
    "users": ("GET /users", made.user), "nodes": ("GET /nodes", made.node),
    "locations": ("GET /locations", made.location), "servers": ("GET /servers", made.app_server),
    "allocations": ("GET /nodes/{node}/allocations", made.allocation), "nests": ("GET /nests", made.nest),
}  # fmt: skip


def told(name: str, **changed: Any) -> Any:
    return call(World(adapter=WsgiAdapter(Routes())).application, name, **changed)


def holds(thing: Any, **values: Any) -> None:
    """Each field has this value; what was not included is None."""
    found = {one.name: getattr(thing, one.name) for one in fields(thing)}
    assert found == dict.fromkeys(found) | values


def test_a_user_says_what_the_panel_says() -> None:
    holds(
        told("users.view"), id=7, external_id="crm-7", uuid="c5b2f3c8-0000-4000-8000-000000000007", username="ann",
        email="ann@example.com", first_name="Ann", last_name="Lee", language="de", root_admin=True,
        two_factor_enabled=False, **STAMPS,
    )  # fmt: skip


def test_a_node_says_what_the_panel_says() -> None:
    holds(
        told("nodes.view"), id=4, uuid="d3b07384-0000-4000-8000-000000000004", name="Node Four",
        description="behind the door", location_id=3, fqdn="four.example.com", scheme="http", public=False,
        behind_proxy=True, maintenance_mode=True, memory_mib=8192, memory_overallocate_percent=20, disk_mib=50000,
        disk_overallocate_percent=-1, upload_size_mib=250, daemon_listen=8443, daemon_sftp=2222,
        daemon_base="/srv/elsewhere", allocated_memory_mib=2048, allocated_disk_mib=10240, **STAMPS,
    )  # fmt: skip


def test_a_configuration_says_what_the_panel_says() -> None:
    holds(
        told("nodes.configuration"), uuid="d3b07384-0000-4000-8000-000000000004", token_id="T0kenIdT0kenId00",
        token="S3CRET" * 8, remote="http://panel.test", is_debug=False, api_host="0.0.0.0", api_port=8443, is_ssl=True,
        ssl_certificate="/c.pem", ssl_key="/k.pem", upload_limit_mib=250, data_folder="/srv/elsewhere", sftp_port=2222,
        allowed_mounts=("/mnt/a",),
    )  # fmt: skip


def test_an_allocation_a_location_and_a_nest_say_what_the_panel_says() -> None:
    holds(told("allocations.list").items[0], id=42, ip="192.0.2.1", alias=None, port=25565, notes=None, assigned=False)
    holds(told("locations.view"), id=3, short="eu.de", long="Frankfurt", **STAMPS)
    holds(told("nests.view"), id=1, uuid="n-1", author="a@example.com", name="Minecraft", description=None, **STAMPS)


def test_an_egg_and_its_variable_say_what_the_panel_says() -> None:
    egg = told("eggs.list")[0]
    holds(
        egg, id=5, uuid="e-5", name="Paper", nest=1, author="a@example.com", docker_image="img:8",
        docker_images=made.IMAGES, startup="java -jar {{JAR}}", **STAMPS,
        config=models.EggConfig(
            {"server.properties": {"parser": "properties"}}, {"done": "Done ("}, "stop", {}, (), None
        ),
        script=models.EggScript(True, "#!/bin/ash", "ash", "alpine", None),
    )  # fmt: skip
    (variable,) = told("eggs.view").variables
    holds(
        variable, id=9, egg_id=5, name="Jar", description="", env_variable="JAR", default_value="server.jar",
        user_viewable=True, user_editable=False, rules="required|string",
    )  # fmt: skip


def test_a_server_says_what_the_panel_says() -> None:
    holds(
        told("servers.view_external", external_id="order-12"), internal_id=12, external_id="order-12",
        uuid="aec8fd53-0000-4000-8000-000000000012",
        identifier="aec8fd53", name="Lobby", description="all begins here", status=None, is_suspended=False,
        limits=models.Limits(
            memory_mib=1024, swap_mib=-1, disk_mib=5120, io=400, cpu_percent=150, threads="0-1", oom_disabled=False
        ),
        feature_limits=models.FeatureLimits(databases=None, allocations=3, backups=4),
        user=7, node=4, allocation=42, nest=1, egg=5,
        startup_command="java -jar {{JAR}} nogui", image="img:9", environment_names=("JAR", "STARTUP"), **STAMPS,
    )  # fmt: skip


def test_a_database_and_its_host_say_what_the_panel_says() -> None:
    thing = made.related(made.app_database(), host=made.database_host(node=4))
    app = Routes({"GET /servers/{server}/databases/{database}": (200, thing)})
    found = World(adapter=WsgiAdapter(app)).application.databases.view(12, 6, ("host",))
    assert found.included_host is not None
    holds(found.included_host, id=2, name="db", host="10.0.0.9", port=3306, username="root", node=4, **STAMPS)
    holds(
        found, id=6, server=12, host=2, database="s12_main", username="u12_x", remote="%",
        included_host=found.included_host, **STAMPS,
    )  # fmt: skip


def test_a_subuser_says_what_the_panel_says() -> None:
    thing = made.related(made.app_server(), subusers=listed(made.app_subuser()))
    app = Routes({"GET /servers/{server}": (200, thing)})
    (found,) = World(adapter=WsgiAdapter(app)).application.servers.view(12, ("subusers",)).subusers or ()
    holds(found, id=8, user_id=7, server_id=12, permissions=("control.start",), **STAMPS)


@pytest.mark.parametrize(("stored", "value"), [(None, "server.jar"), ("", ""), ("paper.jar", "paper.jar")])
def test_what_a_server_runs_with(stored: str | None, value: str) -> None:
    thing = made.related(made.app_server(), variables=listed(made.variable(server_value=stored)))
    app = Routes({"GET /servers/{server}": (200, thing)})
    (found,) = World(adapter=WsgiAdapter(app)).application.servers.view(12, ("variables",)).variables or ()
    assert (found.server_value, found.value) == (stored, value)


ODD_SHAPES: list[tuple[str, str, Any, str]] = [
    ("users.view", "GET /users/{user}", made.user(first_name=None, last_name=None), "first_name"),
    ("eggs.view", "GET /nests/{nest}/eggs/{egg}", made.egg(docker_images=[], docker_image=""), "docker_images"),
    ("eggs.view", "GET /nests/{nest}/eggs/{egg}", made.egg(startup=None), "startup"),
    ("nodes.view", "GET /nodes/{node}", made.node(description=None), "description"),
]


@pytest.mark.parametrize(("name", "route", "answer", "field"), ODD_SHAPES)
def test_empty_in_the_ways_of_php(name: str, route: str, answer: Any, field: str) -> None:
    found = call(World(adapter=WsgiAdapter(Routes({route: (200, answer)}))).application, name, include=())
    assert not getattr(found, field)


def test_config_that_is_null_or_an_empty_array() -> None:
    config = {"files": [], "startup": None, "stop": None, "logs": None, "file_denylist": None, "extends": 3}
    app = Routes({"GET /nests/{nest}/eggs/{egg}": (200, made.egg(config=config))})
    found = World(adapter=WsgiAdapter(app)).application.eggs.view(1, 5).config
    assert found == models.EggConfig({}, None, None, {}, (), 3)


@pytest.mark.parametrize("group", LISTS)
def test_every_page_is_asked_with_all_of_the_question(group: str) -> None:
    """The panel's own links lose all but the number of the page (pydactyl-parity P7)."""
    route, make = LISTS[group]
    pages = [(200, made.paged(make(number), page=number, pages=3, total=3)) for number in (1, 2, 3)]
    app = Routes().tell(route, *pages)
    found = list(getattr(World(adapter=WsgiAdapter(app)).application, group).iterate(**ROWS[f"{group}.list"].arguments))
    assert [number_of(one) for one in found] == [1, 2, 3]
    first = app.sent[0].query
    assert [one.query for one in app.sent] == [first | {"page": str(number)} for number in (1, 2, 3)]
    assert first.items() >= ROWS[f"{group}.list"].requests[0].query.items()


@pytest.mark.parametrize("group", LISTS)
def test_a_list_that_changed_while_it_was_read_is_a_bad_answer(group: str) -> None:
    route, make = LISTS[group]
    first, last = made.paged(make(1), pages=2, total=3), made.paged(make(2), page=2, pages=2, total=3)
    world = World(adapter=WsgiAdapter(Routes().tell(route, (200, first), (200, last))))
    with pytest.raises(errors.BadAnswer) as caught:
        list(getattr(world.application, group).iterate(**ROWS[f"{group}.list"].arguments))
    assert caught.value.path == "meta.pagination.total"


@pytest.mark.parametrize(
    ("email", "found"),
    [("ann@example.com", 2), ("ANN@Example.com", 2), ("nn@example.com", None), ("ann@example.co", None)],
)
def test_an_address_is_found_exactly_or_not_at_all(email: str, found: int | None) -> None:
    """The panel's filter also finds longer ones."""
    people = made.user(1, email="joann@example.com"), made.user(2), made.user(3, email="ann@example.community")
    app = Routes({"GET /users": (200, made.paged(*people))})
    one = World(adapter=WsgiAdapter(app)).application.users.find_by_email(email)
    assert (one and one.id) == found


@pytest.mark.parametrize(
    ("ip", "port", "found"), [("192.0.2.1", 25565, 42), ("192.0.2.1", 25566, None), ("192.0.2.10", 25565, None)]
)
def test_an_allocation_is_found_exactly_or_not_at_all(ip: str, port: int, found: int | None) -> None:
    one = told("allocations.find", ip=ip, port=port)
    assert (one and one.id) == found


def test_no_node_with_room_is_no_node_and_other_refusals_are_refusals() -> None:
    route = "GET /nodes/deployable"
    app = Routes({route: error(400, "NoViableNodeException", "No nodes satisfying the requirements")})
    assert call(World(adapter=WsgiAdapter(app)).application, "nodes.deployable") == ()
    app = Routes({route: error(400, "DisplayException", "something else")})
    with pytest.raises(errors.Refused):
        call(World(adapter=WsgiAdapter(app)).application, "nodes.deployable")


@pytest.mark.parametrize(("egg", "found"), [(4, 4), (6, 6), (5, 5), (99, None)])
def test_an_egg_is_found_in_any_nest(egg: int, found: int | None) -> None:
    one = told("eggs.find", egg_id=egg)
    assert (one and one.id) == found


def test_whether_a_node_is_to_be_in_any_location_is_not_asked() -> None:
    app = Routes()
    World(adapter=WsgiAdapter(app)).application.nodes.deployable(memory_mib=0, disk_mib=0)
    assert app.sent[0].query == {"memory": "0", "disk": "0"}
