"""A served portal for the tests of the sockets; see `live.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import World
from tests.console.live import Live, serving


@pytest.fixture(params=["own", "service"])
def live(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> Iterator[Live]:
    """The lively demo, served, once with everybody's own key and once with the service key."""
    with serving(make_world(request.param, is_ready=True)) as found:
        yield found


@pytest.fixture
def own(make_world: Callable[..., World]) -> Iterator[Live]:
    """The same with everybody's own key."""
    with serving(make_world("own", is_ready=True)) as found:
        yield found
