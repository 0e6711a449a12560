"""When to try again, when to ask for a token, when to give up."""

from __future__ import annotations

import pytest

from portal.wings.budget import Budget
from portal.wings.pauses import Pauses
from portal.wings.renewal import Renewal, is_renewable
from portal.wings.timing import Timing

TIMING = Timing()


def test_pauses_grow_to_a_minute_and_end_after_ten() -> None:
    pauses, now, waited = Pauses(TIMING, lambda: 1.0), 0.0, []
    while (pause := pauses.next(now)) is not None:
        waited.append(pause)
        now += pause
    assert waited[:9] == [1, 2, 4, 8, 16, 30, 45, 60, 60]
    assert len(waited) <= 20
    assert now >= 600


def test_even_the_shortest_pauses_make_at_most_twenty_sockets() -> None:
    pauses, now, count = Pauses(TIMING, lambda: 0.0), 0.0, 1
    while (pause := pauses.next(now)) is not None:
        now += pause
        count += 1
    assert count <= 20


def test_chance_takes_a_quarter_of_a_pause_at_most() -> None:
    assert Pauses(TIMING, lambda: 0.0).next(0) == 0.75


def test_the_panel_may_ask_for_a_longer_pause_but_not_for_any() -> None:
    pauses = Pauses(TIMING, lambda: 1.0)
    assert pauses.next(0, at_least=40) == 40
    assert pauses.next(0, at_least=1e9) == 300


def test_after_a_steady_time_all_begins_anew() -> None:
    pauses = Pauses(TIMING, lambda: 1.0)
    for _ in range(5):
        pauses.next(0)
    assert pauses.next(700) is None
    pauses.reset()
    assert pauses.next(700) == 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("jwt: exp claim is invalid", True),
        ("Error Event [x]: JWT: created too far in past (denylist)", True),
        ("jwt: server uuid mismatch", False),
        ("jwt: missing connect permission", False),
        ("jwt: no jwt present", False),
        ("", False),
    ],
)
def test_which_errors_a_new_token_heals(text: str, answer: bool) -> None:
    assert is_renewable(text) is answer


def test_a_token_is_renewed_when_it_is_eight_minutes_old() -> None:
    renewal = Renewal(0, TIMING)
    assert not renewal.is_due(479)
    assert renewal.is_due(480)
    renewal.began(480)
    assert not renewal.is_due(1000)
    renewal.done(481)
    assert not renewal.is_due(960)
    assert renewal.is_due(961)


def test_at_most_one_call_in_thirty_seconds_whatever_the_node_says() -> None:
    renewal, calls = Renewal(0, TIMING), []
    for now in range(300):
        renewal.want()
        if renewal.is_due(now):
            calls.append(now)
            renewal.began(now)
            renewal.done(now)
    assert calls == [30, 60, 90, 120, 150, 180, 210, 240, 270]


def test_a_failed_renewal_is_tried_again() -> None:
    renewal = Renewal(0, TIMING)
    renewal.began(480)
    renewal.failed(481, None)
    assert not renewal.is_due(509)
    assert renewal.is_due(510)
    renewal.began(510)
    renewal.failed(511, 100)
    assert not renewal.is_due(610)
    assert renewal.is_due(611)


def test_a_node_that_says_nothing_to_a_new_token_is_given_ten_seconds() -> None:
    renewal = Renewal(0, TIMING)
    renewal.began(480)
    renewal.sent(481)
    assert renewal.is_being_answered
    assert not renewal.is_unanswered(490)
    assert renewal.is_unanswered(491)
    renewal.done(490)
    assert not renewal.is_unanswered(1000)


def test_a_budget_of_lines_refills_with_time() -> None:
    budget = Budget(0, a_second=10)
    assert sum(budget.take(100) for _ in range(100)) == 10
    budget.refill(0.5)
    assert sum(budget.take(100) for _ in range(100)) == 5
    budget.refill(1000)
    assert sum(budget.take(100) for _ in range(100)) == 10
    budget.refill(2000)
    assert sum(budget.take(1024) for _ in range(100)) == 2
