"""The background process: of several only one works, and another takes over."""

from __future__ import annotations

import threading

from portal import clock
from portal.background import lease
from portal.background.worker import NAME, Worker
from tests.conftest import World
from tests.sweep.fleet import Skewed


class Steps(threading.Event):
    """Instead of waiting a second, lets a worker's chores end and moves the clock by one; set after `count` seconds.

    So chores take no time of the clock's, however busy the machine is, and none goes on when the worker has ended.
    """

    def __init__(self, world: World, worker: Worker, count: int) -> None:
        super().__init__()
        self._world = world
        self._worker = worker
        self._left = count

    def wait(self, timeout: float | None = None) -> bool:
        for chore in self._worker._chores:
            with chore._busy:
                pass
        self._left -= 1
        self._world.clock.advance(timeout or 0.0)
        if self._left <= 0:
            self.set()
        return self.is_set()


def work(world: World, seconds: int) -> int:
    """A worker that runs for so long; returns how often it read the list of servers."""
    worker = Worker(world.app)
    worker._stop = Steps(world, worker, seconds)
    world.calls()
    worker.run()
    return world.calls().count("GET /api/application/servers")


def take(world: World, owner: str) -> bool:
    with world.app.app_context():
        return lease.take(NAME, owner)


def give_back(world: World, owner: str) -> None:
    with world.app.app_context():
        lease.give_back(NAME, owner)


def test_only_one_holds_the_lease(world: World) -> None:
    assert take(world, "first")
    assert not take(world, "second")
    assert take(world, "first")


def test_another_takes_over_after_the_lease_has_ended(world: World) -> None:
    take(world, "first")
    world.clock.advance(lease.LEASE_S)
    assert not take(world, "second")
    world.clock.advance(1)

    assert take(world, "second")
    assert not take(world, "first")


def test_a_lease_given_back_can_be_taken_at_once(world: World) -> None:
    take(world, "first")
    give_back(world, "second")
    assert not take(world, "second")
    give_back(world, "first")

    assert take(world, "second")


def test_a_worker_reads_the_directory_once_in_half_a_minute(own_world: World) -> None:
    assert work(own_world, 25) == 1


def test_a_second_worker_does_nothing(own_world: World) -> None:
    take(own_world, "first")

    assert work(own_world, 25) == 0


def test_a_second_worker_takes_over_when_the_first_is_gone(own_world: World) -> None:
    take(own_world, "first")

    assert work(own_world, 40) == 1


def test_a_worker_that_ends_gives_the_lease_back(own_world: World) -> None:
    work(own_world, 3)

    assert take(own_world, "next")


def test_a_lease_from_a_clock_that_was_ahead_holds_nobody_up(world: World) -> None:
    skewed = Skewed(world.clock, ahead=365 * 86_400.0)
    clock.use(skewed)
    assert take(world, "killed")
    skewed.ahead = 0

    assert take(world, "next")
    assert not take(world, "another")


def test_a_worker_whose_clock_is_put_back_prolongs_its_lease_all_the_same(own_world: World) -> None:
    skewed = Skewed(own_world.clock, ahead=3600.0)
    clock.use(skewed)
    with own_world.app.app_context():
        worker = Worker(own_world.app)
        assert worker._holds_lease()
        skewed.ahead = 0
        own_world.clock.advance(11)
        assert worker._holds_lease()

    assert not take(own_world, "second")
