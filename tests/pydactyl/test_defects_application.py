"""The application API: what py-dactyl 2.1 does wrong against a panel 1.11.8, and that ours does not. Rows L to U."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from pydactyl.exceptions import PterodactylApiError

from portal.pterodactyl import errors, models
from tests.pydactyl import surface
from tests.pydactyl.asking import Asking

LIMITS = models.Limits(
    memory_mib=512, swap_mib=0, disk_mib=512, io=500, cpu_percent=0, threads=None, oom_disabled=True
)


def new_server(own: Asking, place: models.OnAllocations | models.Deploy) -> models.NewServer:
    """A server that could be made."""
    return models.NewServer(
        name="ours", user=own.stand.kim_id, egg=own.stand.egg, docker_image=own.stand.docker_image, startup="./run",
        environment={"MODE": "easy", "SECRET": ""}, limits=LIMITS,
        feature_limits=models.FeatureLimits(databases=0, allocations=0, backups=0),
        place=place, external_id=None, description="", skip_scripts=False, start_on_completion=False,
    )  # fmt: skip


def test_a_location_is_made_and_changed_in_part(own: Asking) -> None:
    """L-3 and L-4."""
    with pytest.raises(PterodactylApiError, match="short"):
        own.stand.application.locations.create_location("us.nyc", "New York")
    made = own.api.locations.create(short="us.nyc", long="New York")
    with pytest.raises(PterodactylApiError, match="short"):
        own.stand.application.locations.edit_location(made.id, description="Long Island")
    after = own.api.locations.update_location(made.id, long="Long Island")
    assert (after.short, after.long) == ("us.nyc", "Long Island")
    assert own.api.locations.update_location(made.id, long=None).short == "us.nyc"


def test_the_token_of_a_node_is_in_no_representation(own: Asking) -> None:
    """O-2."""
    assert own.stand.application.nodes.get_node_config(own.stand.node)["token"]
    told = own.api.nodes.configuration(own.stand.node)
    assert told.token
    assert told.token not in repr(told)
    assert told.token_id not in repr(told)


def test_nothing_is_written_to_the_standard_output(own: Asking, capsys: pytest.CaptureFixture[str]) -> None:
    """O-4."""
    own.stand.application.nodes.get_node_info(own.stand.node)
    assert capsys.readouterr().out
    own.api.nodes.view(own.stand.node)
    assert not capsys.readouterr().out


def test_a_node_is_made_with_the_panels_own_folder(own: Asking) -> None:
    """O-5."""
    place = own.stand.location
    old = own.stand.application.nodes.create_node("Old", "", place, "old.example.org", 1024, 1024)
    assert old["attributes"]["daemon_base"] == "/srv/daemon-data"
    new = own.api.nodes.create(
        name="New", location_id=place, fqdn="new.example.org", memory_mib=1024, disk_mib=1024)  # fmt: skip
    assert new.daemon_base == "/var/lib/pterodactyl/volumes"


def test_a_node_is_changed_in_part(own: Asking) -> None:
    """O-6. The node is one of those that are served, so that the panel can tell it."""
    with pytest.raises(KeyError):
        own.stand.application.nodes.edit_node(own.stand.node, name="Other")
    with pytest.raises(PterodactylApiError):
        own.stand.application.nodes.edit_node(own.stand.node, name="Other", use_ssl=False)
    before = own.api.nodes.view(own.stand.node)
    after = own.api.nodes.update_node(own.stand.node, name="Other", public=not before.public)
    assert (after.name, after.public) == ("Other", not before.public)
    named = ("fqdn", "scheme", "daemon_base", "daemon_listen", "memory_mib", "disk_mib", "upload_size_mib")
    assert [getattr(after, name) for name in named] == [getattr(before, name) for name in named]


def test_a_node_that_was_saved_but_not_told_is_known(own: Asking) -> None:
    """O-6: the panel answers 400 where it has saved all and only Wings did not hear of it."""
    own.stand.demo.set_condition("node-down")
    with pytest.raises(errors.NodeNotTold):
        own.api.nodes.update_node(own.stand.node, name="Other")
    assert own.api.nodes.view(own.stand.node).name == "Other"


def test_ports_are_numbers_or_ranges(own: Asking) -> None:
    """O-9."""
    with pytest.raises(PterodactylApiError, match="ports"):
        own.stand.application.nodes.create_allocations(own.stand.node, "203.0.113.5", [7000])
    own.api.allocations.create(own.stand.node, ip="203.0.113.5", ports=[7000, "7001-7002"])
    for port in (7000, 7002):
        assert own.api.allocations.find(own.stand.node, ip="203.0.113.5", port=port)


def test_databases_of_a_server_are_listed_and_made(own: Asking) -> None:
    """S-8 and S-10."""
    server = own.stand.server_id
    with pytest.raises(KeyError, match="meta"):
        own.stand.application.servers.list_server_databases(server)
    with pytest.raises(PterodactylApiError, match="remote"):
        own.stand.application.servers.create_server_database(server)
    made = own.api.databases.create(server, database="world", remote="%", host=own.stand.db_host)
    assert [one.id for one in own.api.databases.list(server)] == [made.id]


def test_a_database_of_another_server_is_not_shown(own: Asking) -> None:
    """S-9: the panel does not ask whose it is, nor does theirs."""
    mine, other = (one.internal_id for one in own.api.servers.list().items[:2])
    made = own.api.databases.create(mine, database="world", remote="%", host=own.stand.db_host)
    shown = own.stand.application.servers.get_server_database_info(other, made.id)
    assert (shown["id"], shown["server"]) == (made.id, mine)
    with pytest.raises(errors.NotFound):
        own.api.databases.view(other, made.id)
    assert own.api.databases.view(mine, made.id).id == made.id


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_id_deletes_no_server(own: Asking, empty: str | None) -> None:
    """S-14: with an empty id theirs asks for the server itself to be deleted, and the panel does."""
    server = own.stand.server_id
    with pytest.raises(ValueError):
        own.api.databases.delete(server, empty)  # type: ignore[arg-type]
    assert own.api.servers.view(server).internal_id == server
    own.stand.application.servers.delete_server_database(server, "")
    with pytest.raises(errors.NotFound):
        own.api.servers.view(server)


def test_several_locations_are_several_servers(own: Asking) -> None:
    """S-11: theirs promises it, sends them all in one call, and the panel makes a single server."""
    first, second = (one.id for one in own.api.locations.list().items)
    about = (own.stand.kim_id, own.stand.nest, own.stand.egg, 512, 0, 512)
    image = {"docker_image": own.stand.docker_image}
    before = own.api.servers.list().total
    own.stand.application.servers.create_server("theirs", *about, [first, second], **image)
    assert own.api.servers.list().total == before + 1
    with pytest.raises(PterodactylApiError, match="port_range"):
        own.stand.application.servers.create_server("ports", *about, [second], port_range=[30001], **image)
    new = new_server(own, models.Deploy())
    results = own.api.servers.create_in_locations(new, {first: "order-2-a", second: "order-2-b"})
    assert [(one.external_id, one.location, one.is_new, one.error) for one in results] == [
        ("order-2-a", first, True, None), ("order-2-b", second, True, None)]  # fmt: skip
    assert len({one.server.node for one in results if one.server}) == 2


def test_a_server_is_made_once(own: Asking) -> None:
    """P3 and S-11: asked again, or after an answer that was lost, it finds what is there."""
    allocation = own.api.allocations.find(own.stand.node, ip="203.0.113.7", port=6000)
    assert allocation is not None
    new = replace(new_server(own, models.OnAllocations(allocation.id)), external_id="order-3")
    first, again = own.api.servers.create_once(new), own.api.servers.create_once(new)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.server is not None
    assert again.server is not None
    assert first.server.internal_id == again.server.internal_id
    about = {"name": "x", "user": own.stand.kim_id, "limits": LIMITS, "place": new.place, "external_id": None}
    prepared = own.api.servers.prepare(nest=own.stand.nest, egg=own.stand.egg, **about)
    assert (prepared.docker_image, prepared.environment) == ("example.org/image:1", {"MODE": "easy", "SECRET": "hush"})


def test_details_that_are_not_named_stay(own: Asking) -> None:
    """S-12."""
    server, owner = own.stand.server_id, own.stand.kim_id
    after = own.api.servers.update_details(server, name="Renamed")
    assert (after.name, after.external_id, after.description) == ("Renamed", "Order-1", "First")
    own.stand.application.servers.update_server_details(server, "Again", owner)
    erased = own.api.servers.view(server)
    assert (erased.external_id, erased.description) == (None, "")


def test_limits_that_are_not_named_stay(own: Asking) -> None:
    """S-13."""
    before = own.api.servers.view(own.stand.server_id)
    with pytest.raises(PterodactylApiError, match="limits"):
        own.stand.application.servers.update_server_build(before.internal_id, before.allocation, memory_limit=2048)
    after = own.api.servers.update_build(before.internal_id, memory_mib=2048)
    assert after.limits.memory_mib == 2048
    assert after.limits.disk_mib == before.limits.disk_mib
    assert after.feature_limits == before.feature_limits


def test_the_install_script_is_skipped_only_where_that_is_said(own: Asking) -> None:
    """S-16: theirs skips it from the first change of a server that is installed."""
    row = own.stand.demo.world.servers[0]
    before = own.api.servers.view(row.id)
    own.api.servers.update_startup(row.id, skip_scripts=False, environment={"MODE": "hard"})
    assert row.skip_scripts is False
    assert own.api.servers.view(row.id).startup_command == before.startup_command
    own.stand.application.servers.update_server_startup(row.id, environment={"MODE": "easy"})
    assert row.skip_scripts is True
    said = inspect.signature(surface.resolve("api.servers.update_startup")).parameters["skip_scripts"]
    assert said.default is inspect.Parameter.empty


def test_another_image_stores_no_defaults(own: Asking) -> None:
    """S-16: theirs sends all values with any change, so a variable that followed its egg does so no more."""
    row = own.stand.demo.world.servers[0]
    row.server_values.clear()
    own.api.servers.update_startup(row.id, skip_scripts=False, image="example.org/image:2")
    assert (row.image, row.server_values) == ("example.org/image:2", {})
    own.stand.application.servers.update_server_startup(row.id, docker_image="example.org/image:1")
    assert row.server_values == {"MODE": "easy", "SECRET": "hush"}


def test_an_egg_of_another_nest_is_found(make: Callable[[dict[str, Any] | None], Asking]) -> None:
    """S-16: theirs looks for it in the nest of the egg that the server has."""
    own = make(None)
    server = own.api.servers.list().items[0]
    other = next(one for one in own.api.nests.iterate() if one.id != server.nest)
    egg = own.api.eggs.list(other.id, include=("variables",))[0]
    with pytest.raises(requests.HTTPError, match="404"):
        own.stand.application.servers.update_server_startup(server.internal_id, egg_id=egg.id)
    after = own.api.servers.update_startup(server.internal_id, skip_scripts=True, egg=egg.id)
    assert (after.egg, after.nest) == (egg.id, other.id)


def test_an_address_is_found_exactly(own: Asking) -> None:
    """U-1: the panel's filters find parts."""
    own.api.users.create(email="akim@example.org", username="akim", first_name="A", last_name="Kim")
    assert len(own.stand.application.user.list_users(email="kim@example.org").data) == 2
    found = own.api.users.find_by_email("kim@example.org")
    assert found is not None
    assert found.username == "kim"
    assert own.api.users.find_by_email("im@example.org") is None


def test_an_administrator_stays_one(own: Asking) -> None:
    """U-4."""
    made = own.api.users.create(
        email="x@example.org", username="xenia", first_name="X", last_name="Y", external_id="ext-1", root_admin=True)
    after = own.api.users.update_user(made.id, first_name="Xenia")
    assert (after.first_name, after.external_id, after.root_admin) == ("Xenia", "ext-1", True)
    own.stand.application.user.edit_user(made.id, "xenia", "x@example.org", "Xenia", "Y")
    undone = own.api.users.view(made.id)
    assert (undone.external_id, undone.root_admin) == (None, False)


def test_deleting_an_account_is_no_error(own: Asking) -> None:
    """U-5."""
    first, second = (
        own.api.users.create(email=f"{name}@example.org", username=name, first_name="X", last_name="Y")
        for name in ("first", "second")
    )
    with pytest.raises(TypeError):
        own.stand.application.user.delete_user(first.id, detail=False)
    with pytest.raises(errors.NotFound):
        own.api.users.view(first.id)
    assert own.api.users.delete(second.id) is None  # type: ignore[func-returns-value]


def test_an_id_of_another_system_is_compared_letter_for_letter(own: Asking) -> None:
    """S-2: the panel's database takes A for a, and theirs gives what it finds."""
    assert own.stand.application.servers.get_server_info(external_id="ORDER-1")["external_id"] == "Order-1"
    with pytest.raises(errors.NotFound):
        own.api.servers.view_external("ORDER-1")
    assert own.api.servers.view_external("Order-1").internal_id == own.stand.server_id


def test_an_id_of_another_system_is_text(own: Asking) -> None:
    """S-2: theirs puts it into the address as it is, and finds a server that has another one."""
    assert own.stand.application.servers.get_server_info(external_id="Order-1?x")["external_id"] == "Order-1"
    with pytest.raises(errors.NotFound):
        own.api.servers.view_external("Order-1?x")
    own.api.servers.update_details(own.stand.server_id, external_id="Order 1?x")
    assert own.api.servers.view_external("Order 1?x").internal_id == own.stand.server_id
