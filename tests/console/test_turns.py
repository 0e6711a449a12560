"""After a restart everybody comes at once; a few go on at a time."""

from __future__ import annotations

import threading

import pytest

from portal.console.turns import Turns


def test_so_many_go_on_together_and_the_next_one_after_them() -> None:
    turns = Turns(2, patience_s=60)
    inside, over = threading.Barrier(3), threading.Event()
    entered: list[int] = []

    def work(number: int) -> None:
        with turns.turn():
            entered.append(number)
            if len(entered) <= 2:
                inside.wait(60)
                over.wait(60)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for one in threads:
        one.start()
    inside.wait(60)
    assert len(entered) == 2
    over.set()
    for one in threads:
        one.join(60)
    assert sorted(entered) == [0, 1, 2, 3, 4]


def test_who_has_waited_long_enough_goes_on_too() -> None:
    turns = Turns(1, patience_s=0.01)
    with turns.turn(), turns.turn():
        pass
    with turns.turn():
        assert not turns._free.acquire(blocking=False)


def test_a_turn_that_fails_is_given_back() -> None:
    turns = Turns(1, patience_s=8)
    with pytest.raises(KeyError), turns.turn():
        raise KeyError
    assert turns._free.acquire(blocking=False)
