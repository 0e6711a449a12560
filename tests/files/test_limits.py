"""How large a file a node takes: read where the key may, learned where it may not, never a guess."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.background.worker import Worker
from portal.demo.world import READ
from portal.files.transfers import limits
from portal.web.formatting import MIB
from tests.conftest import World

SENTENCE = "File a.zip is larger than the maximum file upload size of 250 MB."


def grants(world: World) -> dict[str, int]:
    """What the portal's own key may."""
    key = next(one for one in world.demo.world.api_keys if one.grants is not None and one.description == "Everything")
    assert key.grants is not None
    return key.grants


def test_the_limits_of_all_nodes_are_read(own_world: World) -> None:
    node = own_world.demo.main_server.node
    node.upload_size = 250
    with own_world.app.app_context():
        assert limits.limit_bytes(node.name) is None
        limits.refresh()
        assert limits.limit_bytes(node.name) == 250 * MIB
        node.upload_size = 300
        limits.refresh()
        assert limits.limit_bytes(node.name) == 300 * MIB
    assert own_world.calls() == ["GET /api/application/nodes"] * 2


def test_a_key_that_may_not_read_nodes_is_no_trouble(own_world: World) -> None:
    grants(own_world)["nodes"] = 0
    with own_world.app.app_context():
        limits.refresh()
        assert limits.limit_bytes(own_world.demo.main_server.node.name) is None
    assert own_world.calls() == ["GET /api/application/nodes"]
    grants(own_world)["nodes"] = READ
    with own_world.app.app_context():
        limits.refresh()
        assert limits.limit_bytes(own_world.demo.main_server.node.name) is not None


def test_a_panel_that_does_not_answer_leaves_what_is_known(own_world: World) -> None:
    with own_world.app.app_context():
        limits.keep("fra-1", 5)
        own_world.demo.set_condition("panel-gateway")
        limits.refresh()
        assert limits.limit_bytes("fra-1") == 5 * MIB


def test_of_two_nodes_of_one_name_the_larger_limit_counts(own_world: World) -> None:
    first, second = own_world.demo.world.nodes[:2]
    first.name, first.upload_size = second.name, 900
    with own_world.app.app_context():
        limits.refresh()
        assert limits.limit_bytes(second.name) == 900 * MIB


@pytest.mark.parametrize("sentence", ["", "The disk is full.", "larger than the maximum file upload size of many MB."])
def test_only_the_sentence_of_the_limit_teaches_it(sentence: str, own_world: World) -> None:
    with own_world.app.app_context():
        limits.learn("n", sentence)
        assert limits.limit_bytes("n") is None
        limits.learn("n", SENTENCE)
        assert limits.limit_bytes("n") == 250 * MIB


def test_what_was_learned_is_forgotten_after_a_day(own_world: World) -> None:
    with own_world.app.app_context():
        limits.learn("n", SENTENCE)
        own_world.clock.advance(86_399)
        assert limits.limit_bytes("n") == 250 * MIB
        own_world.clock.advance(2)
        assert limits.limit_bytes("n") is None


def test_the_background_process_reads_them(make_world: Callable[..., World]) -> None:

    worker = Worker(make_world("own").app)
    assert any(chore._work is limits.refresh for chore in worker._chores)
