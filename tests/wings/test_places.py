"""Where lines go on: nothing missing, nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.wings.hashing import line_hash
from portal.wings.places import joined, place_behind, woven


@pytest.mark.parametrize(
    ("tail", "lines", "place"),
    [
        ("abc", "abcd", 3),
        ("abc", "cde", 1),
        ("abc", "xyz", None),
        ("", "abc", None),
        ("abc", "", None),
        ("Xab", "zabz", 3),
        ("aDbDc", "abcd", 3),  # D is in no log
        ("aaaa", "aaaaa", 5),  # the last place of many
        ("a", "abac", 1),  # one line proves little: rather twice than never
        ("bca", "abcabca", 7),
    ],
)
def test_the_place_behind_known_lines(tail: str, lines: str, place: int | None) -> None:
    assert place_behind(tail, lines) == place


def test_gaps_are_no_lines() -> None:
    assert place_behind(["a", "b"], [None, "a", None, "b", None, "c"]) == 4


@given(st.lists(st.integers(), unique=True, max_size=80), st.data())
def test_unique_lines_have_one_place(numbers: list[int], data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(numbers)))
    start = data.draw(st.integers(0, end))
    assert place_behind(numbers[start:end], numbers) == (end if end > start else None)


@given(st.data())
def test_a_cut_loses_and_doubles_nothing(data: st.DataObject) -> None:
    """The ring has lines up to the cut, live began after it; the second socket told history and live lines mixed."""
    count = data.draw(st.integers(0, 60))
    lines = [f"line {number}" for number in range(count)]
    live_from = data.draw(st.integers(0, count))
    history_to = data.draw(st.integers(live_from, count))
    ring_to = data.draw(st.integers(0, live_from))
    history_from = data.draw(st.integers(0, ring_to))
    ring_from = data.draw(st.integers(0, ring_to))
    ring, live = lines[ring_from:ring_to], lines[live_from:]
    told = lines[history_from:history_to]
    for one in sorted(data.draw(st.sets(st.sampled_from(live))) if live else ()):
        told.insert(data.draw(st.integers(0, len(told))), one)
    wanted = lines[ring_to:] if ring else lines[history_from:]
    has_met = not ring or max(history_from, ring_from) < min(live_from, ring_to)
    assert joined(ring, told, [], live, may_gap=True) == (wanted if has_met else [None, *lines[history_from:]])


@given(st.data())
def test_many_cuts_before_the_first_history_lose_and_double_nothing(data: st.DataObject) -> None:
    """Each socket heard some lines; history, of which the first has to be in it, has those between."""
    count = data.draw(st.integers(1, 40))
    lines = [f"line {number}" for number in range(count)]
    live_from = data.draw(st.integers(0, count))
    older = [line for line in lines[:live_from] if data.draw(st.booleans())]
    told = [*lines[data.draw(st.integers(live_from, count)) :], *lines]
    assert joined([], told, older, lines[live_from:], may_gap=True) == lines


@given(st.data())
def test_lines_that_no_socket_heard_are_put_where_they_belong(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 40))
    lines = [f"line {number}" for number in range(count)]
    live_from = data.draw(st.integers(0, count))
    history_to = data.draw(st.integers(live_from, count))
    heard = data.draw(st.sets(st.integers(live_from, max(history_to - 1, live_from))))
    live = [lines[n] for n in range(live_from, history_to) if n in heard] + lines[history_to:]
    assert woven(lines[:history_to], live) == lines


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abcD"), max_size=30))
def test_whatever_repeats_no_distinct_line_is_lost(history: list[str], live: list[str]) -> None:
    assert {*joined([], history, [], live, may_gap=True)} == {*history, *live}
    assert {*joined([], history, live, [], may_gap=True)} == {*history, *live}
    told = woven(history, live)
    assert set(told) == {*history, *live}
    assert [one for one in told if one == "D"] == [one for one in live if one == "D"]
    assert max(len(history), len(live)) <= len(told) <= len(history) + len(live)


def test_the_nodes_own_lines_stay_among_the_live_ones() -> None:
    assert woven(["1", "2", "3", "4"], ["D", "3", "D", "4", "5"]) == ["1", "2", "D", "3", "D", "4", "5"]


def test_without_a_common_line_there_is_a_gap_only_where_one_may_be() -> None:
    assert joined(["old"], ["1", "2"], [], ["3"], may_gap=True) == [None, "1", "2", "3"]
    assert joined(["old"], ["1", "2"], [], ["3"], may_gap=False) == ["1", "2", "3"]
    assert joined([], ["1", "2"], [], ["3"], may_gap=True) == ["1", "2", "3"]
    assert joined([None], ["1"], [], [], may_gap=True) == ["1"]


def test_the_hash_is_fnv_1a_over_code_points() -> None:
    """Vectors of the algorithm's authors for ASCII; the page reckons the same for everything else."""
    assert line_hash("") == 0x811C9DC5
    assert line_hash("a") == 0xE40C292C
    assert line_hash("foobar") == 0xBF9CF968
    assert line_hash("\u00e9") == ((0x811C9DC5 ^ 0xE9) * 0x01000193) % 2**32
