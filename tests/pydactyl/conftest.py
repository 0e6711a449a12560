"""Both libraries before a demo panel: in the world that a real one was recorded in, or in one of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.pydactyl import worlds
from tests.pydactyl.asking import Asking
from tests.pydactyl.stand import Stand, recorded_world


@pytest.fixture
def make() -> Iterator[Callable[[dict[str, Any] | None], Asking]]:
    made: list[Asking] = []

    def start(fixture: dict[str, Any] | None) -> Asking:
        made.append(Asking(Stand(fixture)))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def new_asking(make: Callable[[dict[str, Any] | None], Asking]) -> Callable[[], Asking]:
    return lambda: make(recorded_world())


@pytest.fixture
def asking(new_asking: Callable[[], Asking]) -> Asking:
    return new_asking()


@pytest.fixture
def own(make: Callable[[dict[str, Any] | None], Asking]) -> Asking:
    return make(worlds.small())
