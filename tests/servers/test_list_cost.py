"""What the list costs: panel calls and SQL statements, with few servers and with many."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.servers.support import counted_sql, fixture, ready, rows, see

Make = Callable[..., World]


def statements(world: World, path: str) -> int:
    """How many SQL statements one page takes."""
    browser = world.browser("owner")
    with counted_sql(world) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize("count", [2, 50])
def test_a_page_with_the_own_key_makes_one_call_in_ten_seconds(make_world: Make, count: int) -> None:
    world = ready(make_world("own", fixture=fixture(count)))

    assert len(rows(see(world, "owner", "/servers"))) == min(count, 25)
    assert world.calls() == ["GET /api/client"]
    world.clock.advance(9)
    see(world, "owner", "/servers")
    assert world.calls() == []
    world.clock.advance(2)
    see(world, "owner", "/servers")
    assert world.calls() == ["GET /api/client"]


@pytest.mark.parametrize("count", [2, 50])
def test_a_page_with_the_service_key_makes_no_call(make_world: Make, count: int) -> None:
    world = ready(make_world("service", fixture=fixture(count)))

    assert len(rows(see(world, "owner", "/servers"))) == min(count, 25)
    world.clock.advance(60)
    see(world, "owner", "/servers")
    assert world.calls() == []


def test_a_failed_read_is_not_repeated_within_ten_seconds(own_world: World) -> None:
    own_world.demo.set_condition("panel-maintenance")
    see(own_world, "owner", "/servers")
    first = own_world.calls()
    see(own_world, "owner", "/servers")

    assert set(first) == {"GET /api/client"}
    assert own_world.calls() == []


@pytest.mark.parametrize("mode", ["own", "service"])
def test_statements_do_not_grow_with_the_servers(make_world: Make, mode: str) -> None:
    taken = []
    for count in (2, 50):
        world = ready(make_world(mode, fixture=fixture(count)))
        first = statements(world, "/servers")
        world.read_live()
        world.clock.advance(30)
        taken.append((first, statements(world, "/servers")))

    assert taken[0] == taken[1]


@pytest.mark.parametrize("mode", ["own", "service"])
def test_statements_of_a_poll_do_not_grow_with_the_servers(make_world: Make, mode: str) -> None:
    taken = []
    for count in (2, 50):
        world = ready(make_world(mode, fixture=fixture(count)))
        see(world, "owner", "/servers")
        taken.append(statements(world, "/servers/live?seen=x"))

    assert taken[0] == taken[1]
