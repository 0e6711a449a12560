"""A transport with patience waits for its turn where it would say Busy; without, and beyond it, it says so."""

from __future__ import annotations

import pytest

from portal.pterodactyl import Panel, Transport, errors
from tests.pterodactyl.fakes import ACCOUNT, BASE, World

SLOW_DOWN = {"errors": [{"code": "ThrottleRequestsException", "status": "429", "detail": "Too Many Attempts."}]}


def busy(seconds: int) -> tuple[object, ...]:
    """The panel's 429."""
    return 429, SLOW_DOWN, (("Content-Type", "application/json"), ("Retry-After", str(seconds)))


def test_what_our_budget_forbids_now_is_sent_when_it_allows_it() -> None:
    world = World((200, ACCOUNT), limit=2, patience_s=120)
    began = world.clock()
    for _ in range(5):
        world.client.account.view()
    assert world.calls == 5
    assert 120 <= world.clock() - began < 121
    assert [record.outcome for record in world.records].count("Busy") == 2


@pytest.mark.parametrize("effect", [False, True])
def test_after_the_panels_429_any_call_is_asked_again_since_nothing_was_done(effect: bool) -> None:
    world = World(busy(7), (200, ACCOUNT), patience_s=10)
    answer = world.get(effect=effect)
    assert (answer.status, world.calls) == (200, 2)
    assert world.clock.slept == [7.0]


def test_its_deadline_begins_after_the_waiting() -> None:
    world = World(busy(9), (200, ACCOUNT), patience_s=10)
    assert world.get(deadline_s=1.0).status == 200


@pytest.mark.parametrize("patience_s", [0.0, 6.9])
def test_longer_than_its_patience_it_does_not_wait(patience_s: float) -> None:
    world = World(busy(7), (200, ACCOUNT), patience_s=patience_s)
    with pytest.raises(errors.Busy) as caught:
        world.get()
    assert caught.value.retry_after_s == 7
    assert (world.calls, world.clock.slept) == (1, [])


def test_patience_ends_when_the_panel_never_has_enough() -> None:
    world = World(busy(3), patience_s=10)
    with pytest.raises(errors.Busy):
        world.get()
    assert world.clock.slept == [3.0, 3.0, 3.0]


def test_an_answer_that_is_no_429_is_not_waited_for() -> None:
    world = World((409, {"errors": [{"code": "HttpException", "status": "409", "detail": "no"}]}), patience_s=100)
    with pytest.raises(errors.ServerStateConflict):
        world.get()
    assert world.clock.slept == []


def test_a_transport_closes_with_its_block() -> None:
    closed = []
    with Transport(BASE) as transport:
        assert Panel(transport).base_url == BASE
        transport.streaming.close = lambda: closed.append(1)  # type: ignore[method-assign]
    assert closed == [1]
