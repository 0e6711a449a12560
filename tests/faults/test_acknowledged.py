"""The driver itself: what it says of acts that are lost, doubled, done although refused, or done by half."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults import driver
from tests.faults.acknowledged import Effect, answers, differences, not_well, uncounted
from tests.faults.driver import Shot
from tests.faults.lane import Lane, Side
from tests.faults.scene import Scenario, calm, nothing, number, says
from tests.faults.test_sample import apart


@pytest.mark.parametrize(
    ("told", "count", "said"),
    [
        ([("began", "pay"), ("ok", "pay")], 1, ""),
        ([("began", "pay"), ("ok", "pay")], 0, "lost"),
        ([("began", "pay"), ("ok", "pay")], 2, "doubled"),
        ([("began", "pay")], 0, ""),
        ([("began", "pay")], 1, ""),
        ([("began", "pay")], 2, "doubled"),
        ([("began", "pay"), ("unknown", "pay", "hit")], 1, ""),
        ([("began", "pay"), ("declined", "pay", "known")], 0, ""),
        ([("began", "pay"), ("declined", "pay", "known")], 1, "doubled"),
        ([("began", "pay"), ("refused", "pay", "why")], 1, "doubled"),
        ([], 1, "doubled"),
    ],
)  # fmt: skip
def test_what_was_told_is_compared_with_what_is_there(told: list[tuple[Any, ...]], count: int, said: str) -> None:
    found = list(differences(answers(told), [Effect("pay", {"charges": count})]))
    assert [one.partition(":")[0] for one in found] == ([said] if said else [])


def test_an_act_done_by_half_is_seen() -> None:
    half = Effect("pay", {"charges": 1, "renewals": 0})
    assert list(differences({"pay": "unknown"}, [half])) == [f"half done: pay, {half.found}"]
    assert not list(differences({"pay": "unknown"}, [Effect("pay", half.found, is_whole=False)]))


def test_an_act_that_nobody_counts_is_seen() -> None:
    assert uncounted({"pay": "ok", "hold": "ok"}, [Effect("pay", {"charges": 1})]) == ["hold"]


def test_what_fails_unharmed_is_not_well() -> None:
    told = [("ok", "pay"), ("refused", "look", "why"), ("declined", "pay", "known"), ("ended",)]
    assert not_well(told) == ["look was refused: why"]


def test_an_act_acknowledged_before_it_is_written_is_seen_as_lost(tmp_path: Path) -> None:
    def work() -> list[str]:
        lane = Lane(tmp_path / "lane", driver.template(tmp_path))
        hasty = _acknowledged_too_early()
        place, nth = driver.ready(lane, hasty)[0]
        return lane.in_fork(lambda: driver.run(lane, hasty, Shot(place, nth, "kill")))[0]

    assert [one.partition(",")[0] for one in apart(work)] == ["lost: take ended ok", "half a loss"]


def test_a_scenario_whose_steps_fail_is_no_scenario(tmp_path: Path) -> None:
    def work() -> str:
        lane = Lane(tmp_path / "lane", driver.template(tmp_path))
        with pytest.raises(RuntimeError) as raised:
            driver.ready(lane, _failing())
        return str(raised.value)

    assert "look was refused: KeyError" in apart(work)


def _acknowledged_too_early() -> Scenario:
    from portal.billing import ledger
    from portal.billing.ledger import Posting
    from portal.billing.money import Money
    from portal.store import write

    def act(side: Side) -> None:
        side.step("take", lambda: None)
        with write() as session:
            ledger.post_in(session, Posting(side.notes["owner"], "correction", Money(-5, "EUR"), "late"))

    def there() -> int:
        return number("SELECT count(*) FROM ledger_entry WHERE idempotency_key = 'late'")

    def effects(_side: Side) -> Any:
        yield Effect("take", {"entries": there()})

    def expect(_side: Side) -> Any:
        yield from says(there() == 1, "half a loss")

    return Scenario("too early", calm, act, nothing, effects, expect)


def _failing() -> Scenario:
    def act(side: Side) -> None:
        side.look("look", lambda: {}["nothing"])

    def none(_side: Side) -> Any:
        yield from ()

    return Scenario("failing", calm, act, nothing, none, none)
