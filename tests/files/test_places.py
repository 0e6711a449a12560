"""Places for transfers: so many in a process, two of an account in all of them, none lost with a process that dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from portal.files.transfers.places import PER_ACCOUNT, PER_PROCESS, NoPlace, Places

DEADLINE_S = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "transfers.lock"


def test_an_account_has_two(path: Path) -> None:
    places = Places(path)
    held = [places.take(7) for _ in range(PER_ACCOUNT)]
    with pytest.raises(NoPlace) as caught:
        places.take(7)
    assert caught.value.is_own
    places.take(6)
    places.take(8)
    held[0].give_back()
    places.take(7)


def test_a_process_has_eight(path: Path) -> None:
    places = Places(path)
    held = [places.take(account_id) for account_id in range(PER_PROCESS)]
    with pytest.raises(NoPlace) as caught:
        places.take(100)
    assert not caught.value.is_own
    held[3].give_back()
    places.take(100)


def test_giving_back_twice_takes_nothing_from_somebody_else(path: Path) -> None:
    places = Places(path)
    first, _ = places.take(1), places.take(1)
    first.give_back()
    places.take(1)
    first.give_back()
    with pytest.raises(NoPlace):
        places.take(1)


def _hold(path: Path, end: Connection) -> None:
    places = Places(path)
    held = [places.take(1)]
    end.send("held")
    while end.recv() == "one more":
        try:
            held.append(places.take(1))
            end.send("held")
        except NoPlace:
            end.send("none")


class Other:
    """Another process, which holds one place of account 1."""

    def __init__(self, path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.end, theirs = context.Pipe()
        self.process = context.Process(target=_hold, args=(path, theirs))
        self.process.start()
        assert self.says() == "held"

    def says(self) -> str:
        assert self.end.poll(DEADLINE_S)
        return str(self.end.recv())

    def kill(self) -> None:
        if self.process.is_alive():
            assert self.process.pid
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.join(DEADLINE_S)
            self.end.close()


@pytest.fixture
def other(path: Path) -> Iterator[Other]:
    one = Other(path)
    yield one
    one.kill()


def test_processes_count_together_and_one_that_dies_leaves_its_places(path: Path, other: Other) -> None:
    places = Places(path)
    mine = places.take(1)
    with pytest.raises(NoPlace) as caught:
        places.take(1)
    assert caught.value.is_own
    other.end.send("one more")
    assert other.says() == "none"
    mine.give_back()
    other.end.send("one more")
    assert other.says() == "held"
    with pytest.raises(NoPlace):
        places.take(1)
    other.kill()
    places.take(1)
    places.take(1)
