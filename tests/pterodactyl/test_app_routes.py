"""The typed methods reach the 42 routes of the application API and nothing else, each just those that it names."""

from __future__ import annotations

import contextlib
import inspect
import re
from dataclasses import replace
from typing import Any

import pytest

from portal.pterodactyl import errors, models
from portal.pterodactyl.api import Group
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S, INTERACTIVE_WRITE_S, PANEL_READ_S, SYNC_READ_S
from tests.pterodactyl.app_routes import ROUTES, Routes, matched, methods
from tests.pterodactyl.app_rows import (
    BESIDES,
    BUILD_BODY,
    DETAILS_BODY,
    NEW,
    NODE_BODY,
    READS,
    ROWS,
    STARTUP_BODY,
    TWO_STEPS,
    WRITES,
    Row,
    call,
)
from tests.pterodactyl.fakes import APP_KEY, MAINTENANCE, World
from tests.support.wsgi_adapter import WsgiAdapter

NUMBERS = {"user_id", "node_id", "allocation_id", "location_id", "nest_id", "egg_id", "server_id", "database_id",
           "host", "nest", "egg", "user"}  # fmt: skip
NO_PATH = {("servers.prepare", "user"), ("nodes.create", "location_id")}
ODD = [
    "", " ", ".", "..", " . ", "a/b", "/", "../x", "a\\b", "%2e%2e", "%2E", "%2f", "a%2Fb", "%252e%252e", "%255c",
    "a\n", "\x00", "\x7f", "\ud800", None, True, 0, -1, 1.5, b"x",
]  # fmt: skip
ODD_NUMBERS = [*ODD, "1", "7/..", "abc", False, 2.0, "force", "databases"]
PLACES = [
    pytest.param(name, argument, id=f"{name}({argument})")
    for name, row in ROWS.items()
    for argument in row.arguments
    if argument in NUMBERS | {"external_id"} and (name, argument) not in NO_PATH
    if (name, argument) not in {("users.create", "external_id"), ("servers.prepare", "external_id")}
]
SIGNED = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/api/application[^` ]*)`")


def asked(name: str, row: Row) -> list[Any]:
    """What leaves when a row is called."""
    app = Routes(row.told)
    call(World(adapter=WsgiAdapter(app)).application, name, row)
    return app.sent


def test_every_typed_method_is_in_the_table() -> None:
    api = World(MAINTENANCE).application
    assert all(isinstance(group, Group) for group in vars(api).values())
    assert set(methods(api)) == set(ROWS)
    assert set(BESIDES) < set(ROWS)
    assert not set(READS) & set(WRITES)


@pytest.mark.parametrize("name", ROWS)
def test_a_call_sends_what_its_row_says(name: str) -> None:
    assert asked(name, ROWS[name]) == list(ROWS[name].requests)


@pytest.mark.parametrize("name", BESIDES)
def test_another_call_sends_what_its_row_says(name: str) -> None:
    assert asked(name, BESIDES[name]) == list(BESIDES[name].requests)


def _routes_asked(name: str) -> set[str]:
    """By the table, which the two tests above hold."""
    rows = [ROWS[name], *([BESIDES[name]] if name in BESIDES else [])]
    found = [matched(one.method, one.path) for row in rows for one in row.requests]
    return {one[0] for one in found if one}


def _plain(route: str) -> str:
    return re.sub(r"\{\w+\}", "{}", route)


def _named(name: str, known: dict[str, Any]) -> set[str]:
    """The routes that a method's docstring names, itself or by the methods that it is made of."""
    text = " ".join((inspect.getdoc(known[name]) or "").split())
    named = {f"{method} {_plain(path.removeprefix('/api/application'))}" for method, path in SIGNED.findall(text)}
    group, own = name.split(".")
    if named and not own.startswith("update_"):
        return named
    others = {f"{group}.{word}" for word in re.findall(r"`(\w+)`", text)} & set(known) - {name}
    assert others, f"{name} names no route"
    return named.union(*(_named(other, known) for other in others))


@pytest.mark.parametrize("name", ROWS)
def test_a_method_asks_exactly_the_routes_that_its_docstring_names(name: str) -> None:
    known = methods(World(MAINTENANCE).application)
    assert _named(name, known) == {_plain(route) for route in _routes_asked(name)}


@pytest.mark.parametrize("name", ROWS)
def test_a_docstring_says_which_errors_there_are(name: str) -> None:
    text = inspect.getdoc(methods(World(MAINTENANCE).application)[name]) or ""
    assert re.search(r"[Ee]rrors as\s+for|Raises|it makes only what is missing", text)


def test_together_they_reach_exactly_the_42_routes() -> None:
    assert {route for name in ROWS for route in _routes_asked(name)} == set(ROUTES)
    assert len(ROUTES) == len(set(ROUTES)) == 42


@pytest.mark.parametrize(("name", "argument"), PLACES)
def test_nothing_odd_reaches_a_path(name: str, argument: str) -> None:
    world = World((200, {}))
    left_out = argument == "nest"  # None: it is looked for
    for odd in ODD if argument == "external_id" else ODD_NUMBERS:
        if odd is None and left_out:
            continue
        with pytest.raises(ValueError):
            call(world.application, name, **{argument: odd})
    assert world.calls == 0


def test_the_table_of_places_is_what_we_think() -> None:
    assert len(PLACES) > 45
    assert {place.values[1] for place in PLACES} == (NUMBERS - {"user"}) | {"external_id"}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    *(("servers.delete", {"force": odd}) for odd in ("no", "", None, 0, 1)),
    *(("nodes.replace", {"reset_secret": odd}) for odd in ("false", None, 0)),
    *(("servers.update_startup", {"skip_scripts": odd}) for odd in ("false", None, 1)),
    *(("servers.update_startup", {"environment": odd}) for odd in (None, {"JAR": 5}, {"JAR": None}, ["JAR"])),
    *(("servers.prepare", {"environment": odd}) for odd in (None, {"JAR": 5}, [("JAR", "x")])),
    *(("servers.update_startup", {"egg": odd}) for odd in (None, "5", 0, True)),
    ("allocations.create", {"ports": "25565"}),
    ("servers.replace_build", {"add_allocations": "43"}),
    ("servers.replace_build", {"remove_allocations": ["44"]}),
    ("servers.replace_build", {"add_allocations": [True]}),
    *(("servers.replace_build", {"body": replace(BUILD_BODY, allocation=odd)}) for odd in ("42", 0, None)),
    ("nodes.deployable", {"location_ids": "35"}),
    ("nodes.deployable", {"location_ids": [0]}),
    *(("servers.replace_details", {"body": replace(DETAILS_BODY, user=odd)}) for odd in (None, "7", 0, True)),
    *(("servers.replace_startup", {"body": replace(STARTUP_BODY, egg=odd)}) for odd in (None, "5", 0)),
    ("servers.replace_startup", {"body": replace(STARTUP_BODY, skip_scripts="no")}),
    ("servers.replace_startup", {"body": replace(STARTUP_BODY, environment={"JAR": 1})}),
    *(("nodes.replace", {"body": replace(NODE_BODY, location_id=odd)}) for odd in (None, "3", 0)),
    *(("nodes.create", {"location_id": odd}) for odd in (None, "3", 0)),
    *(("servers.create", {"new": replace(NEW, user=odd)}) for odd in (None, "7", 0)),
    *(("servers.create", {"new": replace(NEW, egg=odd)}) for odd in (None, "5", 0)),
    ("servers.create", {"new": replace(NEW, environment={"JAR": None})}),
    *(("servers.create", {"new": replace(NEW, place=place)}) for place in (
        models.Deploy(("3",)), models.Deploy((), "25565"), models.Deploy((), (), "no"),  # type: ignore[arg-type]
        models.OnAllocations("42"), models.OnAllocations(42, ("43",)),  # type: ignore[arg-type]
    )),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changed"), REFUSED)
def test_what_would_mean_something_else_is_refused_before_any_call(name: str, changed: dict[str, Any]) -> None:
    world = World((200, {}))
    with pytest.raises(ValueError):
        call(world.application, name, **changed)
    assert world.calls == 0


def test_an_empty_database_id_deletes_no_server() -> None:
    """The panel takes `DELETE /servers/12/databases/` for "delete server 12"."""
    app = Routes()
    api = World(adapter=WsgiAdapter(app)).application
    for odd in ODD_NUMBERS:
        for act in (api.databases.delete, api.databases.reset_password, api.databases.view):
            with pytest.raises(ValueError):
                act(12, odd)  # type: ignore[arg-type]
    assert app.sent == []


@pytest.mark.parametrize("name", sorted(set(ROWS) - READS))
@pytest.mark.parametrize(("status", "answer"), [(500, {"errors": [{"code": "QueryException"}]}), (502, b"<html>"),
                                                (503, b""), (504, b"x"), (429, b"x")])  # fmt: skip
def test_no_write_is_ever_repeated(name: str, status: int, answer: Any) -> None:
    """Whatever fails, no POST, PATCH or DELETE goes out twice."""
    app = Routes({route: (status, answer) for route in ROUTES if not route.startswith("GET")})
    with contextlib.suppress(errors.PanelError):
        call(World(adapter=WsgiAdapter(app)).application, name)
    sent = [one for one in app.sent if one.method != "GET"]
    assert sent == [one for one in ROWS[name].requests if one.method != "GET"][: len(sent)]
    assert len(sent) == 1 or name == "servers.create_in_locations"


LONG = {"servers.create", "servers.create_once", "servers.replace_build", "servers.suspend", "servers.unsuspend",
        "servers.reinstall", "servers.delete", "allocations.create", "servers.create_in_locations",
        "servers.update_build"}  # fmt: skip
"""What a node or a name server has to answer to, twice at worst."""


@pytest.mark.parametrize("purpose", ["page", "sync"])
@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_call_has_its_deadline(name: str, purpose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ROWS[name]
    world = World(adapter=WsgiAdapter(Routes(row.told)))
    seen: list[tuple[str, float]] = []
    real = world.transport.call

    def spy(key: Any, method: str, path: str, **more: Any) -> Any:
        seen.append((method, more["deadline_s"]))
        assert more["effect"] is (method != "GET")
        return real(key, method, path, **more)

    monkeypatch.setattr(world.transport, "call", spy)
    call(world.panel.application(APP_KEY, purpose=purpose), name)
    read = PANEL_READ_S if purpose == "page" else SYNC_READ_S
    write = BACKGROUND_WRITE_S if purpose == "sync" or name in LONG else INTERACTIVE_WRITE_S
    assert seen == [(one.method, read if one.method == "GET" else write) for one in row.requests]


def test_the_kinds_of_calls_are_what_we_think() -> None:
    assert {
        "users.update_user", "nodes.update_node", "locations.update_location", "servers.update_details",
        "servers.update_build", "servers.update_startup", "databases.reset_password", "databases.delete",
    } == TWO_STEPS  # fmt: skip
    assert len(READS) == 29


@pytest.mark.parametrize("name", sorted(name for name in READS if name.endswith(".view")))
def test_another_thing_than_asked_for_is_a_bad_answer(name: str) -> None:
    asked_id = [argument for argument in ROWS[name].arguments if argument.endswith("_id")][-1]
    with pytest.raises(errors.BadAnswer) as caught:
        call(World(adapter=WsgiAdapter(Routes())).application, name, **{asked_id: 999})
    assert caught.value.path == "attributes.id"


@pytest.mark.parametrize("name", ["view", "reset_password", "delete"])
def test_a_database_of_another_server_is_not_found_before_anything_is_done(name: str) -> None:
    """The panel does not look whose it is."""
    app = Routes()
    with pytest.raises(errors.NotFound) as caught:
        call(World(adapter=WsgiAdapter(app)).application, f"databases.{name}", server_id=13)
    assert [one.method for one in app.sent] == ["GET"]
    assert caught.value.request == "GET /api/application/servers/13/databases/6"
