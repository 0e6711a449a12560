"""The application API's typed methods against the demo panel: what is written is read back, all else is as before."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from portal.demo import Demo, ManualClock, build
from portal.pterodactyl import ApiKey, ApplicationApi, errors, models
from portal.pterodactyl.panel import Panel
from portal.pterodactyl.transport import Transport
from tests.demo.worlds import FIXTURE
from tests.pterodactyl.fakes import BASE
from tests.pterodactyl.test_app_includes import CONTRACT, PATHS, shown
from tests.support.wsgi_adapter import WsgiAdapter

WORLD: dict[str, Any] = copy.deepcopy(FIXTURE)
WORLD["panel"]["rate_limit"] = {"client_per_minute": 0, "application_per_minute": 0}
WORLD["locations"].append({"short": "cellar", "long": "Below the stairs"})
WORLD["nodes"].append({
    "name": "Crate", "location": "cellar", "fqdn": "crate.example.org", "scheme": "https", "memory": 1024,
    "disk": 2000, "daemon_listen": 8443, "daemon_sftp": 2200,
    "allocations": [{"ip": "203.0.113.9", "ports": [4000, 4001]}],
})  # fmt: skip
WORLD["database_hosts"] = [{"name": "Local", "host": "127.0.0.1", "port": 3306, "node": "Box"}]
LIMITS = models.Limits(memory_mib=256, disk_mib=512, cpu_percent=50)


class Lossy(WsgiAdapter):
    """An adapter that can lose the answer to a change, after the panel has done it."""

    loses = 0

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().send(request, *args, **kwargs)
        if request.method == "POST" and self.loses:
            self.loses -= 1
            raise ConnectionResetError("lost")
        return answer


@pytest.fixture
def demo() -> Demo:
    return build(fixture=WORLD, clock=ManualClock())


@pytest.fixture
def adapter(demo: Demo) -> Lossy:
    return Lossy(demo.wsgi)


@pytest.fixture
def api(demo: Demo, adapter: Lossy) -> Iterator[ApplicationApi]:
    transport = Transport(BASE, adapter=adapter, sleep=lambda _: None)
    yield Panel(transport).application(ApiKey(demo.keys["all"]))
    transport.close()


def posts(adapter: Lossy) -> int:
    return sum(one.method == "POST" for one in adapter.requests)


def prepared(api: ApplicationApi, external_id: str = "order-1001", **changed: Any) -> models.NewServer:
    egg = next(one for nest in api.nests.iterate() for one in api.eggs.list(nest.id))
    arguments: dict[str, Any] = {
        "name": "made", "user": next(one.id for one in api.users.iterate() if one.username == "kim"),
        "nest": egg.nest, "egg": egg.id, "limits": LIMITS, "place": models.Deploy(), "external_id": external_id,
    }  # fmt: skip
    return api.servers.prepare(**(arguments | changed))


def locations(api: ApplicationApi) -> dict[str, int]:
    return {one.short: one.id for one in api.locations.iterate()}


# Creating


def test_a_prepared_server_is_made_with_the_defaults_of_its_egg(api: ApplicationApi) -> None:
    done = api.servers.create_once(prepared(api, environment={"MODE": "hard"}))
    assert done.server is not None
    assert (done.is_new, done.server.status, done.server.external_id) == (True, "installing", "order-1001")
    server = api.servers.view(done.server.internal_id, ("variables",))
    assert server.variables is not None
    assert {one.variable.env_variable: one.value for one in server.variables} == {"MODE": "hard", "SECRET": "hush"}
    assert (server.image, server.limits) == ("example.org/image:1", LIMITS)


def test_a_second_time_it_is_found(api: ApplicationApi) -> None:
    first = api.servers.create_once(prepared(api))
    again = api.servers.create_once(prepared(api))
    assert first.server is not None
    assert again.server is not None
    assert (again.is_new, again.server.internal_id) == (False, first.server.internal_id)


def test_on_a_chosen_allocation_a_second_time_it_is_found_as_well(api: ApplicationApi) -> None:
    node = next(api.nodes.iterate(filters={"name": "Crate"}))
    free = api.allocations.find(node.id, ip="203.0.113.9", port=4000)
    assert free is not None
    new = prepared(api, place=models.OnAllocations(free.id))
    first, again = api.servers.create_once(new), api.servers.create_once(new)
    assert first.server is not None
    assert again.server is not None
    assert (again.is_new, again.server.internal_id) == (False, first.server.internal_id)
    assert again.server.allocation == free.id


def test_an_answer_that_was_lost_makes_no_second_server(api: ApplicationApi, adapter: Lossy) -> None:
    adapter.loses = 1
    done = api.servers.create_once(prepared(api))
    assert done.server is not None
    assert [one.external_id for one in api.servers.iterate()].count("order-1001") == 1
    assert posts(adapter) == 1


def test_one_server_in_each_location_and_only_the_missing_ones_again(
    api: ApplicationApi, demo: Demo, adapter: Lossy
) -> None:
    places = locations(api)
    ids = {places["attic"]: "order-a", places["cellar"]: "order-c"}
    large = replace(prepared(api), limits=replace(LIMITS, memory_mib=2000))
    attic, cellar = api.servers.create_in_locations(large, ids)
    assert (attic.error, attic.is_new) == (None, True)
    assert cellar.server is None
    assert isinstance(cellar.error, errors.Refused)
    assert cellar.error.code == "NoViableNodeException"
    attic, cellar = api.servers.create_in_locations(replace(large, limits=LIMITS), ids)
    assert (attic.is_new, cellar.is_new) == (False, True)
    assert attic.server is not None
    assert cellar.server is not None
    numbers = [one.server.internal_id for one in (attic, cellar) if one.server]
    where = {api.servers.view(one, ("location",)).included_location for one in numbers}
    assert {one.short for one in where if one} == {"attic", "cellar"}
    assert {one.external_id for one in api.servers.iterate()} >= {"order-a", "order-c"}


def test_a_silent_node_leaves_no_server(api: ApplicationApi, demo: Demo) -> None:
    new = prepared(api)
    demo.set_condition("node-down")
    with pytest.raises(errors.NodeUnreachable):
        api.servers.create_once(new)
    demo.set_condition(None)
    assert "order-1001" not in {one.external_id for one in api.servers.iterate()}
    assert api.servers.create_once(new).is_new


def test_a_node_that_refuses_says_why_and_leaves_no_server(api: ApplicationApi, demo: Demo) -> None:
    new = prepared(api)
    demo.set_condition("node-refuses")
    with pytest.raises(errors.NodeRefused):
        api.servers.create_once(new)
    demo.set_condition(None)
    assert api.servers.create_once(new).is_new


# Changing


def same_but(before: Any, after: Any, *names: str) -> None:
    """Nothing is another than before but these."""
    different = {one.name for one in fields(before) if getattr(before, one.name) != getattr(after, one.name)}
    assert different - {"updated_at"} == set(names)


def test_each_single_change_of_a_user_leaves_the_rest(api: ApplicationApi) -> None:
    made = api.users.create(email="a@example.org", username="annie", first_name="A", last_name="B", external_id="x-1",
                            root_admin=True, password="long-enough-9")  # fmt: skip
    before = api.users.view(made.id)
    for name, value in {"email": "n@example.org", "username": "bonnie", "first_name": "N", "last_name": "M",
                        "external_id": None, "root_admin": False}.items():  # fmt: skip
        after = api.users.update_user(made.id, **{name: value})  # type: ignore[misc]
        same_but(before, after, name)
        before = api.users.view(made.id)
    assert api.users.find_by_email("N@example.org") == before
    api.users.delete(made.id)
    with pytest.raises(errors.NotFound):
        api.users.view(made.id)


def test_each_single_change_of_a_servers_build_leaves_the_rest(api: ApplicationApi) -> None:
    server = next(one for one in api.servers.iterate() if one.name == "Uno")
    for name, value in {"memory_mib": 300, "swap_mib": -1, "disk_mib": 900, "io": 300, "cpu_percent": 70,
                        "threads": "0-1", "oom_disabled": False}.items():  # fmt: skip
        before = api.servers.view(server.internal_id)
        after = api.servers.update_build(server.internal_id, **{name: value})  # type: ignore[misc]
        same_but(before, after, "limits")
        assert after.limits == replace(before.limits, **{name: value})  # type: ignore[arg-type]
    for name, number in {"databases": 4, "allocations": 5, "backups": 6}.items():
        before = api.servers.view(server.internal_id)
        after = api.servers.update_build(server.internal_id, **{name: number})  # type: ignore[misc]
        same_but(before, after, "feature_limits")
    unlimited = api.servers.update_build(server.internal_id, databases=None).feature_limits
    assert unlimited == models.FeatureLimits(databases=None, allocations=5, backups=6)


def test_details_and_startup_keep_what_is_not_named(api: ApplicationApi) -> None:
    server = next(one for one in api.servers.iterate() if one.name == "Uno")
    assert (server.external_id, server.description) == ("Order-1", "First")
    same_but(server, api.servers.update_details(server.internal_id, name="Eins"), "name")
    before = api.servers.view(server.internal_id, ("variables",))
    api.servers.update_startup(server.internal_id, skip_scripts=False, environment={"MODE": "hard", "NONE": "x"})
    after = api.servers.view(server.internal_id, ("variables",))
    same_but(before, after, "variables")
    assert after.variables is not None
    assert {one.variable.env_variable: one.value for one in after.variables} == {"MODE": "hard", "SECRET": "hush"}


def test_nodes_locations_and_allocations(api: ApplicationApi) -> None:
    place = api.locations.create(short="loft", long="Up there")
    same_but(place, api.locations.update_location(place.id, short="loft.2"), "short")
    assert api.locations.update_location(place.id, long="Over there").short == "loft.2"
    node = api.nodes.create(name="New", location_id=place.id, fqdn="new.example.org", memory_mib=1024, disk_mib=2048,
                            daemon_base="/srv/own", public=False)  # fmt: skip
    assert (node.daemon_base, node.public, node.daemon_listen) == ("/srv/own", False, 8080)
    with pytest.raises(errors.NodeNotTold):
        api.nodes.update_node(node.id, memory_mib=4096)
    same_but(node, api.nodes.view(node.id), "memory_mib")
    token = api.nodes.configuration(node.id)
    with pytest.raises(errors.NodeNotTold):
        api.nodes.update_node(node.id, reset_secret=True)
    assert api.nodes.configuration(node.id).token != token.token
    api.allocations.create(node.id, ip="198.51.100.7", ports=(30000, "30001-30002"), alias="play.example.org")
    found = api.allocations.find(node.id, ip="198.51.100.7", port=30001)
    assert found is not None
    assert (found.alias, found.assigned) == ("play.example.org", False)
    assert len(list(api.allocations.iterate(node.id))) == 3
    api.allocations.delete(node.id, found.id)
    with pytest.raises(errors.NotFound):
        api.allocations.delete(node.id, found.id)
    with pytest.raises(errors.Refused):
        api.locations.delete(place.id)
    api.nodes.delete(node.id)
    api.locations.delete(place.id)
    assert "loft.2" not in locations(api)


def test_which_nodes_have_room(api: ApplicationApi) -> None:
    places = locations(api)
    assert {one.name for one in api.nodes.deployable(memory_mib=100, disk_mib=100)} == {"Box", "Crate"}
    assert [one.name for one in api.nodes.deployable(memory_mib=2000, disk_mib=100)] == ["Box"]
    only = api.nodes.deployable(memory_mib=100, disk_mib=100, location_ids=(places["cellar"],), include=("location",))
    assert [(one.name, one.included_location and one.included_location.short) for one in only] == [("Crate", "cellar")]
    assert api.nodes.deployable(memory_mib=10**6, disk_mib=100) == ()
    with pytest.raises(errors.Invalid):
        api.nodes.deployable(memory_mib=-1, disk_mib=0)


def test_databases_of_one_server_are_out_of_reach_through_another(api: ApplicationApi) -> None:
    one, two = [server.internal_id for server in api.servers.iterate() if server.name in ("Uno", "Due")]
    api.servers.update_build(two, databases=2)
    host = 1
    mine = api.databases.create(one, database="main", remote="%", host=host)
    assert api.databases.list(one) == (replace(mine, max_connections=api.databases.view(one, mine.id).max_connections),)
    first = api.databases.view(one, mine.id, ("password", "host"))
    assert first.password
    assert first.included_host is not None
    api.databases.reset_password(one, mine.id)
    assert api.databases.view(one, mine.id, ("password",)).password != first.password
    for act in (api.databases.view, api.databases.reset_password, api.databases.delete):
        with pytest.raises(errors.NotFound):
            act(two, mine.id)
    assert len(api.databases.list(one)) == 1
    api.databases.delete(one, mine.id)
    assert api.databases.list(one) == ()
    assert api.servers.view(one).internal_id == one


def test_a_server_is_deleted_by_force_where_the_node_is_silent(api: ApplicationApi, demo: Demo) -> None:
    server = next(one for one in api.servers.iterate() if one.name == "Tre")
    demo.set_condition("node-down")
    with pytest.raises(errors.OutcomeUnknown):
        api.servers.delete(server.internal_id)
    assert api.servers.view(server.internal_id).internal_id == server.internal_id
    api.servers.delete(server.internal_id, force=True)
    with pytest.raises(errors.NotFound):
        api.servers.view(server.internal_id)


# Includes


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_the_demo_answers_each_include_as_it_is_read(kind: str, path: str, api: ApplicationApi) -> None:
    server = next(one for one in api.servers.iterate() if one.name == "Uno")
    database = api.databases.create(server.internal_id, database="main", remote="%", host=1)
    ports = {"filters": {"ip": "203.0.113.5", "port": "4000"}, "include": (path,)}
    asked: dict[str, Any] = {
        "user": lambda: api.users.view(server.user, (path,)),
        "node": lambda: api.nodes.view(server.node, (path,)),
        "allocation": lambda: next(api.allocations.iterate(server.node, **ports)),  # type: ignore[arg-type]
        "location": lambda: api.locations.view(api.nodes.view(server.node).location_id, (path,)),
        "server": lambda: api.servers.view(server.internal_id, (path,)),
        "nest": lambda: api.nests.view(server.nest, (path,)),
        "egg": lambda: api.eggs.view(server.nest, server.egg, (path,)),
        "server_database": lambda: api.databases.view(server.internal_id, database.id, (path,)),
    }
    thing = asked[kind]()
    for name in path.split("."):
        reached, is_list = CONTRACT[kind][name]
        found = shown(thing, name, is_list)
        if reached in ("config", "script"):  # this egg takes nothing from another
            assert found is None
            return
        assert found is not None
        if is_list and not found:
            return
        kind, thing = reached, found[0] if is_list else found
