"""Reading whose the servers are: new and lost rights, and lists that come only in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.background import directory
from portal.background.live import read_long_lists
from portal.servers.models import Grant, Snapshot
from portal.store import read
from tests.conftest import World
from tests.servers.support import Bent, account_id, fixture, names, ready, row_of, see, share_of

Make = Callable[..., World]


def sync(world: World) -> bool:
    world.clock.advance(31)
    with world.app.app_context():
        return directory.sync()


def how_many(world: World, what: type[Grant] | type[Snapshot]) -> int:
    with world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def read_own_list(world: World) -> None:
    world.clock.advance(61)
    see(world, "owner", "/servers")
    with world.app.app_context():
        read_long_lists(world.clock.now())


def test_a_new_share_shows(service_world: World) -> None:
    world = service_world
    stranger = next(user for user in world.demo.world.users if user.username == "stranger")
    share_of(world, "The Factory").user = stranger
    sync(world)

    assert names(see(world, "stranger", "/servers?q=")) == ["The Factory"]
    assert "The Factory" not in names(see(world, "subuser", "/servers"))


def test_a_lost_share_is_taken_away(world: World) -> None:
    row_of(world, "The Factory").subusers.clear()
    sync(world)

    see(world, "subuser", f"/servers/{world.server('The Factory')}/live", 404)


def test_a_changed_owner_is_followed(service_world: World) -> None:
    solo = next(user for user in service_world.demo.world.users if user.username == "solo")
    row_of(service_world, "Lobby").owner = solo
    sync(service_world)

    assert names(see(service_world, "solo", "/servers")) == ["Lobby", "Solo Survival"]
    see(service_world, "owner", f"/servers/{service_world.server('Lobby')}", 404)


def test_a_deleted_server_is_gone(service_world: World) -> None:
    server = row_of(service_world, "Lobby")
    service_world.demo.world.servers.remove(server)
    sync(service_world)

    assert names(see(service_world, "owner", "/servers?q=lobby")) == []


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance", "panel-database-down"])
def test_a_failure_keeps_what_was(world: World, condition: str) -> None:
    before = how_many(world, Grant), how_many(world, Snapshot)
    world.demo.set_condition(condition)

    assert not sync(world)
    assert (how_many(world, Grant), how_many(world, Snapshot)) == before


@pytest.fixture(params=["own", "service"])
def long(request: pytest.FixtureRequest, make_world: Make) -> World:
    """250 servers: three calls of a hundred."""
    return ready(make_world(request.param, fixture=fixture(250), application_calls_per_minute=2000))


def test_more_servers_than_one_call_gives_are_all_there(long: World) -> None:
    read_own_list(long)
    page = see(long, "owner", "/servers?page=10")

    assert "Page 10 of 10" in page
    assert names(page)[-1] == "Server 249"
    assert how_many(long, Grant) == 250


def test_a_page_of_a_long_list_makes_no_call(long: World) -> None:
    read_own_list(long)
    long.calls()
    long.clock.advance(30)
    see(long, "owner", "/servers?page=7")

    assert long.calls() == []


def bent_pages(change: Callable[[Any], None]) -> Callable[[str, Any], Any]:
    """The second page of every list is changed."""

    def bend(path: str, document: Any) -> Any:
        if document.get("object") == "list" and document["meta"]["pagination"]["current_page"] == 2:
            change(document)
        return document

    return bend


def emptied(document: Any) -> None:
    document["data"] = []


def repeated(document: Any) -> None:
    """As many as there should be, but one of them over and over."""
    document["data"] = document["data"][:1] * len(document["data"])


@pytest.mark.parametrize("change", [emptied, repeated])
def test_a_page_missing_in_the_middle_takes_nothing_away(long: World, change: Callable[[Any], None]) -> None:
    read_own_list(long)
    before = how_many(long, Grant), how_many(long, Snapshot)
    Bent(long, bent_pages(change))
    sync(long)
    read_own_list(long)

    assert before == (250, 250)
    assert (how_many(long, Grant), how_many(long, Snapshot)) == before


def test_a_long_list_is_read_whole_at_most_once_a_minute(make_world: Make) -> None:
    world = ready(make_world("own", fixture=fixture(250), application_calls_per_minute=2000))
    read_own_list(world)
    world.calls()
    world.clock.advance(30)
    see(world, "owner", "/servers")
    with world.app.app_context():
        read_long_lists(world.clock.now())

    assert world.calls() == []


def test_a_long_list_is_read_only_for_who_looks(make_world: Make) -> None:
    world = ready(make_world("own", fixture=fixture(250), application_calls_per_minute=2000))
    read_own_list(world)
    world.calls()
    world.clock.advance(600)
    with world.app.app_context():
        read_long_lists(world.clock.now())

    assert account_id(world, "owner")
    assert world.calls() == []
