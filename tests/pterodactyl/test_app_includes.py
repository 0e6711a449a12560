"""Includes of the application API: each that the panel has can be read, down to two levels; others are never asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from portal.pterodactyl import ApplicationApi, errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes, methods
from tests.pterodactyl.app_rows import READS, call
from tests.pterodactyl.fakes import World
from tests.pterodactyl.objects import item, listed
from tests.pterodactyl.places import at, removed, replaced, spelt, walk, wrong
from tests.support.wsgi_adapter import WsgiAdapter

INHERITED = {
    "config": item("", files={"a.cfg": {"parser": "file"}}, startup={"done": "up"}, stop="end", logs=[]),
    "script": item("", privileged=True, install="#!/bin/sh", entry="sh", container="alpine"),
}
MADE: dict[str, Callable[[], dict[str, Any]]] = {
    "user": made.user, "server": made.app_server, "subuser": made.app_subuser, "node": made.node,
    "allocation": made.allocation, "location": made.location, "nest": made.nest, "egg": made.egg,
    "egg_variable": made.variable, "server_variable": lambda: made.variable(server_value="paper.jar"),
    "server_database": made.app_database, "databases": lambda: made.app_database(kind="databases"),
    "database_host": made.database_host, "database_password": lambda: item("database_password", password="S3CRET"),
    "config": lambda: INHERITED["config"], "script": lambda: INHERITED["script"],
}  # fmt: skip
ONE, MANY = False, True
OF_A_DATABASE = {"password": ("database_password", ONE), "host": ("database_host", ONE)}
CONTRACT: dict[str, dict[str, tuple[str, bool]]] = {
    "user": {"servers": ("server", MANY)},
    "node": {"allocations": ("allocation", MANY), "location": ("location", ONE), "servers": ("server", MANY)},
    "allocation": {"node": ("node", ONE), "server": ("server", ONE)},
    "location": {"nodes": ("node", MANY), "servers": ("server", MANY)},
    "server": {
        "allocations": ("allocation", MANY), "user": ("user", ONE), "subusers": ("subuser", MANY),
        "nest": ("nest", ONE), "egg": ("egg", ONE), "variables": ("server_variable", MANY),
        "location": ("location", ONE), "node": ("node", ONE), "databases": ("databases", MANY),
    },
    "nest": {"eggs": ("egg", MANY), "servers": ("server", MANY)},
    "egg": {"nest": ("nest", ONE), "servers": ("server", MANY), "variables": ("egg_variable", MANY),
            "config": ("config", ONE), "script": ("script", ONE)},
    "server_database": OF_A_DATABASE,
    "databases": OF_A_DATABASE,
    "database_host": {"databases": ("server_database", MANY)},
    "subuser": {"user": ("user", ONE), "server": ("server", ONE)},
}  # fmt: skip
"""From a thing to its includes: the name that the panel gives the object, and whether it is a list of them."""
TOP: dict[str, tuple[str, Callable[[ApplicationApi, tuple[str, ...]], Any]]] = {
    "user": ("GET /users/{user}", lambda a, names: a.users.view(7, names)),
    "node": ("GET /nodes/{node}", lambda a, names: a.nodes.view(4, names)),
    "allocation": ("GET /nodes/{node}/allocations", lambda a, names: a.allocations.list(4, include=names).items[0]),
    "location": ("GET /locations/{location}", lambda a, names: a.locations.view(3, names)),
    "server": ("GET /servers/{server}", lambda a, names: a.servers.view(12, names)),
    "nest": ("GET /nests/{nest}", lambda a, names: a.nests.view(1, names)),
    "egg": ("GET /nests/{nest}/eggs/{egg}", lambda a, names: a.eggs.view(1, 5, names)),
    "server_database": ("GET /servers/{server}/databases/{database}", lambda a, names: a.databases.view(12, 6, names)),
}
PATHS = [(kind, name) for kind in TOP for name in CONTRACT[kind]] + [
    (kind, f"{name}.{inner}")
    for kind in TOP
    for name, (reached, _) in CONTRACT[kind].items()
    for inner in CONTRACT.get(reached, {})
]
TYPES: dict[str, Any] = {
    "user": models.AppUser, "server": models.AppServer, "subuser": models.AppSubuser, "node": models.AppNode,
    "allocation": models.AppAllocation, "location": models.AppLocation, "nest": models.AppNest, "egg": models.AppEgg,
    "egg_variable": models.AppEggVariable, "server_variable": models.ServerVariable,
    "server_database": models.AppDatabase, "databases": models.AppDatabase, "database_host": models.DatabaseHost,
    "database_password": str, "config": models.EggConfig, "script": models.EggScript,
}  # fmt: skip


def built(kind: str, names: list[str], *, null: bool = False) -> dict[str, Any]:
    """An object with these included one below the other; `null`: the last is withheld."""
    thing = MADE[kind]()
    if not names:
        return thing
    reached, is_list = CONTRACT[kind][names[0]]
    if null and len(names) == 1:
        return made.related(thing, **{names[0]: made.GONE})
    inner = built(reached, names[1:], null=null)
    return made.related(thing, **{names[0]: listed(inner) if is_list else inner})


def answered(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
    return made.paged(thing) if kind == "allocation" else thing


def shown(thing: Any, name: str, is_list: bool) -> Any:
    """What a dataclass says of an include: lists and a password by their names, other things as `included_...`."""
    return getattr(thing, name if is_list or name == "password" else f"included_{name}")


def asked(kind: str, path: str, answer: Any) -> tuple[Any, Routes]:
    app = Routes({TOP[kind][0]: (200, answer)})
    return TOP[kind][1](World(adapter=WsgiAdapter(app)).application, (path,)), app


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_each_include_is_asked_for_and_read(kind: str, path: str) -> None:
    names = path.split(".")
    thing, app = asked(kind, path, answered(kind, built(kind, names)))
    assert app.sent[0].query["include"] == path
    for name in names:
        reached, is_list = CONTRACT[kind][name]
        found = shown(thing, name, is_list)
        if is_list:
            assert isinstance(found, tuple)
            (found,) = found
        assert isinstance(found, TYPES[reached])
        kind, thing = reached, found


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_what_is_withheld_is_none(kind: str, path: str) -> None:
    names = path.split(".")
    thing, _ = asked(kind, path, answered(kind, built(kind, names, null=True)))
    for place, name in enumerate(names):
        reached, is_list = CONTRACT[kind][name]
        found = shown(thing, name, is_list)
        if place == len(names) - 1:
            assert found is None
            return
        kind, thing = reached, found[0] if is_list else found


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_what_was_not_asked_for_is_none(kind: str, path: str) -> None:
    thing, _ = asked(kind, path, answered(kind, MADE[kind]()))
    assert shown(thing, path.split(".")[0], CONTRACT[kind][path.split(".")[0]][1]) is None


def test_the_table_is_what_we_think() -> None:
    assert len([path for _, path in PATHS if "." not in path]) == 26
    assert len(PATHS) == len(set(PATHS)) > 90


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_each_place_of_an_included_thing_is_named_when_it_is_wrong(kind: str, path: str) -> None:
    """Whatever is taken away below `relationships`, or is of another type: the error names it, or nobody reads it."""
    whole = answered(kind, built(kind, path.split(".")))
    there, _ = asked(kind, path, whole)
    named = 0
    for keys in walk(whole):
        if "relationships" not in keys or keys[-1] in ("relationships", "object"):
            continue
        changed = [replaced(whole, keys, wrong(at(whole, keys)))]
        changed += [removed(whole, keys)] if isinstance(keys[-1], str) else []
        for document in changed:
            found, place = outcome(kind, path, document)
            assert place == spelt(keys) or (place is None and (found == there or _is_free(keys))), spelt(keys)
            named += place is not None
    assert named > 1


def outcome(kind: str, path: str, document: Any) -> tuple[Any, str | None]:
    """What comes of an answer, or the place that the error names."""
    try:
        return asked(kind, path, document)[0], None
    except errors.BadAnswer as bad:
        return None, bad.path


def _is_free(keys: tuple[str | int, ...]) -> bool:
    """Whatever an author or a host wrote there, and an include that is gone."""
    above = keys[-2]
    return above in ("relationships", "environment", "docker_images") or bool({"files", "startup"} & set(keys[:-1]))


INCLUDING = [
    name
    for name, method in methods(World((200, {})).application).items()
    if "include" in inspect.signature(method).parameters
]
NEVER = ["transfer", "variables.parent", "server.transfer", "nodes.servers.user", "servers.node.location", "x", "",
         ".", "Servers", "servers.", ".servers", "servers..user", "user,node", " user", "subusers.user.servers",
         "password.host", "databases.host.databases"]  # fmt: skip


@pytest.mark.parametrize("path", NEVER)
@pytest.mark.parametrize("name", INCLUDING)
def test_what_the_panel_ignores_or_breaks_over_is_never_asked(name: str, path: str) -> None:
    app = Routes()
    with pytest.raises(ValueError):
        call(World(adapter=WsgiAdapter(app)).application, name, include=(path,))
    assert app.sent == []


@pytest.mark.parametrize("name", INCLUDING)
@pytest.mark.parametrize("odd", ["servers", b"servers"])
def test_one_text_is_not_several(name: str, odd: Any) -> None:
    app = Routes()
    with pytest.raises(ValueError, match="several"):
        call(World(adapter=WsgiAdapter(app)).application, name, include=odd)
    assert app.sent == []


def test_each_method_that_reads_what_can_include_takes_an_include() -> None:
    assert set(INCLUDING) == READS - {"nodes.configuration", "eggs.find", "servers.prepare"}


def test_an_egg_that_takes_over_from_another() -> None:
    thing = made.related(made.egg(), **INHERITED)
    egg, _ = asked("egg", "config", thing)
    assert egg.included_config == models.EggConfig({"a.cfg": {"parser": "file"}}, {"done": "up"}, "end", {}, (), None)
    assert egg.included_script == models.EggScript(True, "#!/bin/sh", "sh", "alpine", None)
