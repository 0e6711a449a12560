"""A sample of what `bin/faults` does in whole: killed at a place, started again, and nothing is lost or doubled."""

from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from tests.faults import driver
from tests.faults.driver import Found, Wanted
from tests.faults.lane import Lane, Shot, Side
from tests.faults.scene import Scenario

NAMES = ("renew", "two people renew", "sweep", "pay when suspended", "take over")


def apart(work: Callable[[], Any]) -> Any:
    """In a process of its own: a lane changes what tests share."""
    mine, theirs = Pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs.send(work())
        finally:
            os._exit(0)
    theirs.close()
    try:
        found = mine.recv()
    finally:
        os.waitpid(child, 0)
    return found


def test_killed_anywhere_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    wanted = Wanted(NAMES, ("kill", "raise"), every=53, first=5)
    found: list[Found] = apart(lambda: list(driver.in_lanes(tmp_path, wanted, 1)))
    assert [sentence for one in found for sentence in one.wrong] == []
    assert {one.scenario for one in found} == set(NAMES)
    assert all(one.places >= 8 and one.shots for one in found)


def test_a_crash_that_breaks_something_is_seen(tmp_path: Path) -> None:
    """The driver itself: what takes money in one transaction and gives it back in another does not survive it."""

    def work() -> tuple[list[str], list[str]]:
        lane = Lane(tmp_path / "lane", driver.template(tmp_path))
        broken = _in_two_steps()
        places = driver.ready(lane, broken)
        between = Shot(places[1][0], places[1][1], "kill")
        return [one for one, _ in places], lane.in_fork(lambda: driver.run(lane, broken, between))[0]

    places, wrong = apart(work)
    assert len(places) == 4
    assert wrong == ["one of the two is lost"]


def _in_two_steps() -> Scenario:
    from portal.billing import ledger
    from portal.billing.ledger import Posting
    from portal.billing.money import Money
    from portal.store import write
    from tests.faults.scene import calm, no_acts, nothing, number, says

    def act(side: Side) -> None:
        for minor in (-500, 500):
            taken = Posting(side.notes["owner"], "correction", Money(minor, "EUR"), f"two {minor}")
            with write() as session:
                ledger.post_in(session, taken)

    def expect(_side: Side) -> Any:
        made = number("SELECT count(*) FROM ledger_entry WHERE kind = 'correction'")
        yield from says(made == 2, "one of the two is lost")

    return Scenario("in two steps", calm, act, nothing, no_acts, expect)
