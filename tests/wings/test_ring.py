"""The ring keeps what late comers see and what slow viewers still want, and never more than half a megabyte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.wings.hashing import line_hash
from portal.wings.ring import KEPT, MOST_BYTES, Ring


def filled(count: int, *, slowest: int = 10**9, text: str = "x") -> Ring:
    ring = Ring()
    for number in range(count):
        ring.add([f"{number}{text}"], min(slowest, ring.next))
    return ring


def test_lines_are_numbered_from_one() -> None:
    ring = filled(3, text="")
    assert (ring.first, ring.next, ring.since(2)) == (1, 4, ("1", "2"))


def test_the_last_thousand_stay() -> None:
    ring = filled(KEPT + 5)
    assert (ring.next - ring.first, ring.start()) == (KEPT, 6)


def test_what_a_slow_viewer_wants_stays_longer_but_is_no_late_comers_business() -> None:
    ring = filled(KEPT + 500, slowest=1)
    assert ring.first == 1
    assert ring.start() == 501


def test_half_a_megabyte_is_the_end() -> None:
    ring = filled(2000, slowest=1, text="x" * 8000)
    assert ring.bytes <= MOST_BYTES
    assert ring.next == 2001
    assert ring.since(ring.next - 1) == ("1999" + "x" * 8000,)


@given(st.lists(st.lists(st.one_of(st.none(), st.text(max_size=9000)), max_size=40), max_size=40), st.integers(1, 200))
def test_numbers_and_bytes_are_right_whatever_comes(batches: list[list[str | None]], slowest: int) -> None:
    ring, every = Ring(), []
    for batch in batches:
        ring.add(batch, slowest)
        every += batch
    assert ring.next == len(every) + 1
    assert list(ring.since(ring.first)) == every[ring.first - 1 :]
    assert ring.bytes <= MOST_BYTES


def test_each_line_has_its_hash_and_a_gap_has_none() -> None:
    ring = Ring()
    ring.add(["a", None, "b"], 1)
    assert ring.hashes() == [line_hash("a"), None, line_hash("b")]
    ring.add(["c"], 1)
    assert ring.hashes() == [line_hash("a"), None, line_hash("b"), line_hash("c")]


def test_each_stream_has_a_name_of_its_own() -> None:
    names = {Ring().stream for _ in range(50)}
    assert len(names) == 50
    assert all(len(name) == 8 and int(name, 16) >= 0 for name in names)
