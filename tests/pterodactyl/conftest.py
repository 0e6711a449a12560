"""Machines with files, and the session that asks them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.pterodactyl.streaming import Streaming
from tests.pterodactyl.fakes import Clock
from tests.pterodactyl.node import Answer, Node


@pytest.fixture
def node() -> Iterator[Callable[..., Node]]:
    nodes: list[Node] = []

    def start(answer: Answer, **options: Any) -> Node:
        nodes.append(Node(answer, **options))
        return nodes[-1]

    yield start
    for one in nodes:
        one.close()


@pytest.fixture
def streaming() -> Iterator[Streaming]:
    made = Streaming(user_agent="tests")
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(clock: Clock) -> Iterator[Streaming]:
    """A session whose time is the test's: a machine that is slow misses no deadline."""
    made = Streaming(user_agent="tests", clock=clock)
    yield made
    made.close()
