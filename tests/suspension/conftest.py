"""A server of the demo panel with billing on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.suspension.scene import Scene

PLENTY = 100_000


@pytest.fixture
def make_scene(make_world: Callable[..., World]) -> Callable[..., Scene]:
    """Makes a scene, with settings of its own."""

    def make(**settings: object) -> Scene:
        values: dict[str, object] = {"billing": "on", "application_calls_per_minute": PLENTY}
        scene = Scene(make_world("own", is_ready=True, **(values | settings)))
        scene.world.demo.limiter.per_minute["application"] = PLENTY
        scene.sync()
        return scene

    return make


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    """One with billing on."""
    return make_scene()
