"""A request's body: never read beyond its end, and in small pieces while it comes slowly."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.files.transfers.incoming import LEAST, Incoming, TooLong
from portal.pterodactyl.multipart import PIECE
from tests.conftest import PortalSide, TestClock


class Endless(io.RawIOBase):
    """Gives whatever it is asked for, each byte after `pause_s`; remembers how much that was."""

    def __init__(self, time: TestClock, pause_s: float) -> None:
        super().__init__()
        self.time = time
        self.pause_s = pause_s
        self.asked: list[int] = []

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        self.time.advance(size * self.pause_s)
        return bytes(size)


@pytest.fixture
def endless() -> Iterator[Callable[[float], Endless]]:
    time = TestClock()
    before = clock.use(PortalSide(time))
    yield lambda pause_s: Endless(time, pause_s)
    clock.use(before)


def test_who_is_quick_is_read_in_ever_larger_pieces(endless: Callable[[float], Endless]) -> None:
    source = endless(0.0)
    body = Incoming(source, 10 * PIECE)
    for _ in range(6):
        body.read(PIECE)
    assert source.asked == [LEAST, 2 * LEAST, 4 * LEAST, PIECE, PIECE, PIECE]


def test_who_is_slow_is_read_in_small_pieces(endless: Callable[[float], Endless]) -> None:
    source = endless(0.001)
    body = Incoming(source, 10 * PIECE)
    for _ in range(3):
        body.read(PIECE)
    assert source.asked == [LEAST] * 3


def test_the_end_is_where_it_was_said_to_be(endless: Callable[[float], Endless]) -> None:
    source = endless(0.0)
    body = Incoming(source, 10)
    assert len(body.read(100)) == 10
    assert body.read(1) == b""
    assert sum(source.asked) == 10
    assert not body.is_cut


def test_a_source_that_ends_early_is_cut() -> None:
    body = Incoming(io.BytesIO(b"abc"), 4)
    assert (body.read(10), body.read(10)) == (b"abc", b"")
    assert (body.is_cut, body.left) == (True, 1)


@given(st.binary(max_size=50_000), st.binary(max_size=200).filter(lambda line: b"\n" not in line))
def test_what_follows_a_line_is_all_there(rest: bytes, line: bytes) -> None:
    whole = line + b"\n" + rest
    body = Incoming(io.BytesIO(whole), len(whole))
    assert body.line(1000) == line
    assert body.left == len(rest)
    assert b"".join(iter(lambda: body.read(999), b"")) == rest


@pytest.mark.parametrize(
    ("content", "error"), [(b"x" * 2000, TooLong), (b"x" * 2000 + b"\n", TooLong), (b"x", EOFError)]
)
def test_a_line_without_an_end_is_not_looked_for_long(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        Incoming(io.BytesIO(content), len(content)).line(1000)
