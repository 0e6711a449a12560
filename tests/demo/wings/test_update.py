from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from portal.demo import Demo, ManualClock, build
from tests.demo.worlds import FIXTURE


@pytest.fixture
def demo() -> Demo:
    return build(fixture=FIXTURE, clock=ManualClock())


def update(demo: Demo, document: Any, token: str | None = None) -> TestResponse:
    row = demo.world.nodes[0]
    return Client(demo.daemons[row.uuid]).post(
        "/api/update", json=document, headers={"Authorization": f"Bearer {token or row.daemon_token}"})


def test_the_new_token_counts_from_then_on(demo: Demo) -> None:
    response = update(demo, {"token": "new", "api": {"port": 1}})
    assert (response.status_code, response.json) == (200, {"applied": True})
    assert update(demo, {}).status_code == 403
    assert update(demo, {"token": ""}, "new").status_code == 200


@pytest.mark.parametrize("document", [[], {"token": 5}, {"api": {"port": "8080"}}, {"system": 5}, {"debug": 1}])
def test_what_is_no_configuration_is_refused(demo: Demo, document: Any) -> None:
    assert update(demo, document).status_code == 400


def test_a_node_may_keep_what_it_has(demo: Demo) -> None:
    node = demo.nodes[demo.world.nodes[0].uuid]
    node.config.ignores_updates = True
    assert update(demo, {"token": "new"}).json == {"applied": False}
    assert update(demo, {}).status_code == 200
