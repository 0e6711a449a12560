"""A panel whose answers are wrong in every way: no 500 of ours, and nothing of it is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.servers.models import Grant, LiveState, Snapshot
from portal.store import read
from tests.conftest import World
from tests.servers.support import Bent, names, see, servers_in

pytestmark = pytest.mark.fuzz


def change(**values: Any) -> Callable[[str, Any], Any]:
    """Every server with these attributes instead."""

    def bend(path: str, document: Any) -> Any:
        for one in servers_in(document):
            one.update(values)
        return _usage(document, values)

    return bend


def _usage(document: Any, values: dict[str, Any]) -> Any:
    if document.get("object") == "stats":
        document["attributes"]["resources"]["memory_bytes"] = next(iter(values.values()))
    return document


def drop(path: str, document: Any) -> Any:
    """Without a field that must be there."""
    for one in servers_in(document):
        del one["limits"]
    document.get("attributes", {}).pop("resources", None)
    return document


def wrong_limits(value: Any) -> Callable[[str, Any], Any]:
    def bend(path: str, document: Any) -> Any:
        for one in servers_in(document):
            one["limits"]["memory"] = value
        return _usage(document, {"": value})

    return bend


def twice(path: str, document: Any) -> Any:
    """Two servers under one identifier."""
    for one in servers_in(document)[1:]:
        one["identifier"] = "deadbeef"
    return document if document.get("object") == "list" else b"{}"


def deep(path: str, document: Any) -> Any:
    return b'{"object": "list", "data": ' + b"[" * 5000 + b"]" * 5000 + b"}"


BENT: dict[str, Callable[[str, Any], Any]] = {
    "a number for a name": change(name=5),
    "a list for a status": change(status=["suspended"]),
    "a missing field": drop,
    "a text for a limit": wrong_limits("much"),
    "NaN": wrong_limits(float("nan")),
    "infinity": wrong_limits(float("inf")),
    "65 bits": wrong_limits(2**65),
    "half a character": change(name="\ud800", uuid="\udfff"),
    "a page": lambda path, document: b"<!doctype html><title>Hello</title>",
    "cut": lambda path, document: json.dumps(document).encode()[:-40],
    "nine MiB": lambda path, document: b'"' + b"x" * (9 << 20) + b'"',
    "nothing": lambda path, document: b"",
    "null": lambda path, document: b"null",
    "an array": lambda path, document: [document],
    "another kind": lambda path, document: {**document, "object": "nest"},
    "nested deeply": deep,
    "one identifier for all": twice,
    "no text at all": lambda path, document: b"\xff\xfe\x00",
}


def stored(world: World) -> list[Any]:
    """All that the store knows of servers, without when it was read."""
    with world.app.app_context(), read() as session:
        snapshots = select(Snapshot.scope, Snapshot.server_uuid, Snapshot.facts).order_by(Snapshot.server_uuid)
        grants = select(Grant.server_uuid, Grant.panel_user_id, Grant.permissions).order_by(Grant.server_uuid)
        figures = select(LiveState.server_uuid, LiveState.memory_bytes).where(LiveState.read_at.is_not(None))
        return [session.execute(one).all() for one in (snapshots, grants, figures.order_by(LiveState.server_uuid))]


def test_the_pages_stand_and_nothing_is_stored(world: World) -> None:
    path = f"/servers/{world.server('Lobby')}"
    see(world, "owner", path)
    shown = names(see(world, "owner", "/servers"))
    world.read_live()
    before = stored(world)
    for name, bend in BENT.items():
        Bent(world, bend)
        world.clock.advance(61)
        world.work()

        assert names(see(world, "owner", "/servers")) == shown, name
        for tail in ("", "/console", "/live?seen=x"):
            see(world, "owner", path + tail)
        assert world.browser("owner").post(f"{path}/power/stop").status_code == 503, name
        assert not [call for call in world.calls() if call.startswith("POST")], name
        assert stored(world) == before, name


@pytest.mark.parametrize("mode", ["own", "service"])
def test_bent_from_the_beginning_nothing_is_claimed(make_world: Callable[..., World], mode: str) -> None:
    world = make_world(mode)
    for name, bend in BENT.items():
        Bent(world, bend)
        world.clock.advance(31)
        world.work()

        assert "could not be read yet" in see(world, "owner", "/servers"), name
        assert world.browser("owner").get("/servers/deadbeef").status_code in (404, 503), name


def test_another_servers_object_is_not_taken_for_this_one(world: World) -> None:
    lobby, other = world.server("Lobby"), world.server("Skyblock")
    see(world, "owner", "/servers")
    Bent(world, lambda path, document: _swapped(document, lobby, other))
    world.clock.advance(11)
    page = see(world, "owner", f"/servers/{lobby}")

    assert "<h1><bdi>Lobby</bdi></h1>" in page
    assert "make no sense" in page


def _swapped(document: Any, wanted: str, given: str) -> Any:
    if document.get("object") == "server" and document["attributes"]["identifier"] == wanted:
        document["attributes"]["identifier"] = given
    return document


def test_a_list_that_says_more_than_it_holds_keeps_what_is_not_in_it(world: World) -> None:
    """The panel counts 34 and sends 5."""
    see(world, "owner", "/servers")
    Bent(world, lambda path, document: _shortened(document))
    world.clock.advance(31)
    world.work()

    assert len(names(see(world, "owner", "/servers"))) == 25


def _shortened(document: Any) -> Any:
    if document.get("object") == "list":
        document["data"] = document["data"][:5]
    return document
