"""A node whose sockets listen on the loopback interface."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.demo import Demo
from tests.demo.sockets.peers import Place


@pytest.fixture
def place(demo: Demo) -> Iterator[Place]:
    place = Place(demo)
    yield place
    place.close()
