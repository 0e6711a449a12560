"""Changes of the application API: what is not named stays, in every single case; the panel's PATCH would clear it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, get_type_hints

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes
from tests.pterodactyl.app_rows import BUILD, DETAILS, LOCATION, NODE, STARTUP, USER
from tests.pterodactyl.fakes import World, error
from tests.pterodactyl.objects import listed
from tests.support.wsgi_adapter import WsgiAdapter

VALUES: dict[str, Any] = {
    "email": "new@example.com", "username": "newname", "first_name": "New", "last_name": "Person",
    "external_id": "other", "language": "fr", "root_admin": False, "short": "us", "long": "elsewhere", "name": "other",
    "location_id": 9, "fqdn": "new.example.com", "scheme": "https", "public": True, "behind_proxy": False,
    "maintenance_mode": False, "memory_mib": 77, "memory_overallocate_percent": 0, "disk_mib": 88,
    "disk_overallocate_percent": 5, "upload_size_mib": 99, "daemon_listen": 1, "daemon_sftp": 2,
    "daemon_base": "/new", "user": 99, "description": "other words", "allocation": 43, "swap_mib": 11, "io": 500,
    "cpu_percent": 3, "threads": "5", "oom_disabled": True, "databases": 6, "allocations": 7, "backups": 8,
    "startup": "./run", "image": "img:new",
}  # fmt: skip
"""Of every field that can be changed, a value that the objects of `app_objects` do not have."""


@dataclasses.dataclass(frozen=True)
class Update:
    """A method that changes some of a body; `whole` is what it writes when nothing is named."""

    body: type
    changes: Any
    ask: Callable[..., Any]
    whole: dict[str, Any]
    more: dict[str, Any] = dataclasses.field(default_factory=dict)


UPDATES = {
    "user": Update(models.UserBody, models.UserChanges, lambda a, **c: a.users.update_user(7, **c), USER),
    "node": Update(models.NodeBody, models.NodeChanges, lambda a, **c: a.nodes.update_node(4, **c), NODE),
    "location": Update(
        models.LocationBody, models.LocationChanges, lambda a, **c: a.locations.update_location(3, **c), LOCATION
    ),
    "details": Update(
        models.ServerDetails, models.DetailChanges, lambda a, **c: a.servers.update_details(12, **c), DETAILS
    ),
    "build": Update(models.ServerBuild, models.BuildChanges, lambda a, **c: a.servers.update_build(12, **c), BUILD),
    "startup": Update(
        models.ServerStartup, models.StartupChanges, lambda a, **c: a.servers.update_startup(12, **c),
        STARTUP | {"environment": {}}, {"skip_scripts": False},
    ),
}  # fmt: skip
SINGLE = [(name, field) for name, update in UPDATES.items() for field in update.changes.__annotations__]


def world(told: Any = None) -> tuple[Routes, World]:
    app = Routes(told or {})
    return app, World(adapter=WsgiAdapter(app))


def written(name: str, told: Any = None, /, **changes: Any) -> Any:
    """What goes out for these changes."""
    app, panel = world(told)
    UPDATES[name].ask(panel.application, **(UPDATES[name].more | changes))
    assert [one.method for one in app.sent][-1] == "PATCH"
    return app.sent[-1].body


def flat(body: Any, above: str = "") -> dict[str, Any]:
    """Every value of a body by its place."""
    found: dict[str, Any] = {}
    for name, value in body.items():
        found |= flat(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}": value}
    return found


@pytest.mark.parametrize("name", UPDATES)
def test_changes_are_the_fields_of_the_body(name: str) -> None:
    update = UPDATES[name]
    body, changes = get_type_hints(update.body), get_type_hints(update.changes)
    if name == "startup":
        assert body.pop("skip_scripts") is bool  # cannot be read, so it must be said
    assert changes == body
    assert update.changes.__total__ is False
    assert update.changes.__optional_keys__ == set(changes)


@pytest.mark.parametrize("name", UPDATES)
def test_a_body_has_no_defaults(name: str) -> None:
    for field in dataclasses.fields(UPDATES[name].body):
        assert field.default is dataclasses.MISSING
        assert field.default_factory is dataclasses.MISSING
    assert dataclasses.is_dataclass(UPDATES[name].body)
    assert UPDATES[name].body.__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", UPDATES)
def test_nothing_named_writes_what_was_read(name: str) -> None:
    assert written(name) == UPDATES[name].whole


@pytest.mark.parametrize(("name", "field"), SINGLE)
def test_one_change_changes_one_value(name: str, field: str) -> None:
    if field in ("environment", "egg"):
        return  # below: more than one value
    value = VALUES[field]
    before, after = flat(UPDATES[name].whole), flat(written(name, **{field: value}))
    assert before.keys() == after.keys()
    different = {place for place in after if after[place] != before[place]}
    assert len(different) == 1
    place = different.pop()
    assert place.split(".")[-1] == field.removesuffix("_mib").removesuffix("_percent")
    assert after[place] == value


def test_every_field_that_can_be_changed_was() -> None:
    assert {field for _, field in SINGLE} == set(VALUES) | {"environment", "egg"}
    assert len(SINGLE) == 7 + 15 + 2 + 4 + 11 + 4


NULLABLE = [
    (name, field)
    for name, update in UPDATES.items()
    for field, hint in get_type_hints(update.changes).items()
    if type(None) in getattr(hint, "__args__", ())
]


def test_what_can_be_null_is_what_the_panel_takes() -> None:
    assert set(NULLABLE) == {
        ("user", "external_id"), ("location", "long"), ("details", "external_id"), ("build", "threads"),
        ("build", "databases"), ("build", "allocations"),
    }  # fmt: skip


@pytest.mark.parametrize(("name", "field"), NULLABLE)
def test_none_means_null(name: str, field: str) -> None:
    told = {"GET /servers/{server}": (200, made.app_server(feature_limits={
        "databases": 1, "allocations": 1, "backups": 1}))}  # fmt: skip
    before, after = flat(written(name, told)), flat(written(name, told, **{field: None}))
    different = {place.split(".")[-1]: after[place] for place in after if after[place] != before[place]}
    assert different == {field: None}


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("odd", ["nam", "id", "uuid", "Name", "memory", "limits", "node", "server_id_", "status"])
def test_an_unknown_keyword_is_a_type_error_before_any_call(name: str, odd: str) -> None:
    app, panel = world()
    with pytest.raises(TypeError, match=odd):
        UPDATES[name].ask(panel.application, **UPDATES[name].more, **{odd: 1})
    assert app.sent == []


def test_skip_scripts_must_be_said() -> None:
    app, panel = world()
    with pytest.raises(TypeError, match="skip_scripts"):
        panel.application.servers.update_startup(12, image="x")  # type: ignore[call-arg]
    assert app.sent == []


@pytest.mark.parametrize("name", UPDATES)
def test_what_cannot_be_read_is_not_written_over(name: str) -> None:
    route = {"user": "GET /users/{user}", "node": "GET /nodes/{node}", "location": "GET /locations/{location}"}
    for answer in ((200, {"object": "list", "data": []}), (404, b"x"), (200, made.app_server(name=5))):
        app, panel = world({route.get(name, "GET /servers/{server}"): answer})
        with pytest.raises(errors.PanelError):
            UPDATES[name].ask(panel.application, **UPDATES[name].more)
        assert {one.method for one in app.sent} == {"GET"}


# The traps of others: pydactyl-parity U-4, O-6, S-12, S-13, S-16


def test_u4_a_new_name_neither_unlinks_nor_demotes_nor_translates() -> None:
    body = written("user", first_name="Anna")
    assert (body["external_id"], body["root_admin"], body["language"]) == ("crm-7", True, "de")
    assert "password" not in body


def test_u4_a_password_is_sent_only_when_it_is_given() -> None:
    assert written("user", password="S3CRET") == USER | {"password": "S3CRET"}


def test_o6_a_partial_change_keeps_the_folder_of_the_daemon_and_who_sees_the_node() -> None:
    body = written("node", name="n")
    assert (body["daemon_base"], body["public"], body["scheme"]) == ("/srv/elsewhere", False, "http")
    assert "reset_secret" not in body
    assert written("node", reset_secret=True)["reset_secret"] is True


def test_s12_a_new_name_erases_neither_external_id_nor_description() -> None:
    assert written("details", name="n") == DETAILS | {"name": "n"}


def test_s13_memory_alone_keeps_the_other_limits_and_the_allocation_limit() -> None:
    body = written("build", memory_mib=2048)
    assert body["feature_limits"] == {"databases": None, "allocations": 3, "backups": 4}
    assert body["limits"] == BUILD["limits"] | {"memory": 2048}  # type: ignore[operator]
    assert (body["oom_disabled"], body["allocation"]) == (False, 42)


def test_s13_allocations_come_and_go_with_the_rest() -> None:
    body = written("build", add_allocations=(43, 44), remove_allocations=(45,), allocation=43)
    assert body == BUILD | {"add_allocations": [43, 44], "remove_allocations": [45], "allocation": 43}


def test_s16_one_variable_keeps_the_others_and_scripts_are_as_said() -> None:
    server = made.related(made.app_server(), variables=listed(
        made.variable("JAR", server_value="paper.jar"), made.variable("TOKEN", "", server_value="hunter2"),
        made.variable("NEVER", "default", server_value=None), made.variable("EMPTY", "filled", server_value=""),
    ))  # fmt: skip
    told = {"GET /servers/{server}": (200, server)}
    for said in (True, False):
        body = written("startup", told, environment={"JAR": "new.jar"}, skip_scripts=said)
        assert body["environment"] == {"JAR": "new.jar", "TOKEN": "hunter2", "NEVER": "default", "EMPTY": ""}
        assert body["skip_scripts"] is said
        assert (body["startup"], body["egg"], body["image"]) == ("java -jar {{JAR}} nogui", 5, "img:9")


@pytest.mark.parametrize(
    "changes", [{}, {"image": "i"}, {"startup": "./run"}, {"skip_scripts": True}, {"egg": 5}, {"environment": {}},
                {"environment": {"OTHER": "x"}}, {"environment": {"jar": "x"}, "image": "i"}],
)  # fmt: skip
def test_s16_where_no_variable_is_named_none_is_touched(changes: dict[str, Any]) -> None:
    """An environment that is not empty would give each variable a row, with the egg's default of today in it."""
    server = made.related(made.app_server(), variables=listed(
        made.variable("JAR", server_value="paper.jar"), made.variable("NEVER", "default", server_value=None)))
    body = written("startup", {"GET /servers/{server}": (200, server)}, **changes)
    assert body["environment"] == {}
    assert body.keys() == STARTUP.keys()


def test_s16_another_egg_gets_its_variables_though_none_is_named() -> None:
    assert written("startup", egg=6)["environment"] == {"JAR": "paper.jar", "NEW": "n"}


def test_s16_unknown_variables_are_dropped() -> None:
    body = written("startup", environment={"JAR": "x", "jar": "y", "STARTUP": "z", "OTHER": "1"})
    assert body["environment"] == {"JAR": "x"}


def test_s16_another_egg_is_found_in_any_nest_with_its_own_variables() -> None:
    body = written("startup", egg=6, environment={"NEW": "given", "GONE": "x"})
    assert (body["egg"], body["environment"]) == (6, {"JAR": "paper.jar", "NEW": "given"})
    assert (body["startup"], body["image"]) == ("java -jar {{JAR}} nogui", "img:9")


def test_s16_the_same_egg_needs_no_look_through_the_nests() -> None:
    app, panel = world()
    panel.application.servers.update_startup(12, skip_scripts=False, egg=5)
    assert [one.method for one in app.sent] == ["GET", "PATCH"]


def test_s16_an_egg_that_is_not_there_is_not_found_and_nothing_is_written() -> None:
    app, panel = world()
    with pytest.raises(errors.NotFound):
        panel.application.servers.update_startup(12, skip_scripts=False, egg=99)
    assert {one.method for one in app.sent} == {"GET"}


def test_eggs_that_the_key_may_not_read_are_not_called_missing() -> None:
    told = {"GET /nests": (200, made.paged(made.related(made.nest(), eggs=made.GONE)))}
    app, panel = world(told)
    with pytest.raises(errors.NotAllowed) as caught:
        panel.application.servers.update_startup(12, skip_scripts=False, egg=6)
    assert {one.method for one in app.sent} == {"GET"}
    assert caught.value.request == "GET /api/application/nests"


@pytest.mark.parametrize("server", [made.app_server(), made.related(made.app_server(), variables=made.GONE)])
def test_variables_that_did_not_come_are_not_written_empty(server: Any) -> None:
    app, panel = world({"GET /servers/{server}": (200, server)})
    with pytest.raises(errors.BadAnswer) as caught:
        panel.application.servers.update_startup(12, skip_scripts=False)
    assert caught.value.path == "attributes.relationships.variables"
    assert caught.value.request == "GET /api/application/servers/12"
    assert {one.method for one in app.sent} == {"GET"}


def test_a_server_without_variables_writes_an_empty_object() -> None:
    told = {"GET /servers/{server}": (200, made.related(made.app_server(), variables=listed()))}
    assert json.dumps(written("startup", told)["environment"]) == "{}"
    assert json.dumps(written("startup", told, environment={"JAR": "x"})["environment"]) == "{}"


def test_an_environment_may_be_any_mapping() -> None:
    app, panel = world()
    body = models.ServerStartup("./run", 5, "i", MappingProxyType({"JAR": "x"}), False)
    panel.application.servers.replace_startup(12, body)
    assert app.sent[-1].body["environment"] == {"JAR": "x"}


def test_a_node_that_was_not_told_is_saved() -> None:
    said = "The daemon configuration <strong>has been updated</strong>, however there was an error"
    app, panel = world({"PATCH /nodes/{node}": error(400, "ConfigurationNotPersistedException", said)})
    with pytest.raises(errors.NodeNotTold) as caught:
        panel.application.nodes.update_node(4, name="n")
    assert (caught.value.status, len(app.sent)) == (400, 2)
