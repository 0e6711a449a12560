"""Fleets: twenty servers for what single gates say, a thousand for what must never happen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.servers.support import fixture
from tests.sweep.fleet import Fleet, spread

MakeFleet = Callable[..., Fleet]


@pytest.fixture
def make_fleet(make_world: Callable[..., World]) -> MakeFleet:
    """Makes a fleet of so many servers, all of them with a price; other settings are those of Roost."""

    def make(count: int = 20, **settings: object) -> Fleet:
        values: dict[str, object] = {"billing": "on", "application_calls_per_minute": 100_000}
        fleet = Fleet(make_world("own", fixture=fixture(count), **(values | settings)))
        fleet.sync()
        fleet.price_all(spread(fleet))
        return fleet

    return make


@pytest.fixture
def fleet(make_fleet: MakeFleet) -> Fleet:
    """Twenty servers, nobody overdue, all gates open."""
    made = make_fleet()
    made.settle()
    return made
