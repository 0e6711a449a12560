"""Nothing that a terminal would act on leaves the relay, and nothing that a person would read is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.wings.cleaning import CUT, LONGEST, MOST_LINES, clean, lines_of, one_line

SGR = re.compile(r"\x1b\[[0-9;:]*m")
NASTY = st.text(
    st.one_of(
        st.sampled_from("\x1b\x9b\x9d\x90\x07\x9c[]()mPX^_\\;:?>0123;H\r\n\t\x00\x7f\u202e\u2066\ud800 "),
        st.characters(),
    ),
    max_size=60,
)


@given(st.one_of(NASTY, st.text(st.characters(exclude_categories=()))))
@example("\x1b[\x1b[31mm")
@example("\x1b]0;title\x1b]0;again\x07m")
@example("\x1b\x1b[3\x1b[0m1m")
def test_only_colours_are_left_of_all_that_a_terminal_knows(text: str) -> None:
    for line in lines_of(text):
        rest = SGR.sub("", line)
        assert line
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", rest), repr(rest)
        line.encode()
        assert clean(line) == line


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=40))
def test_text_is_left_as_it_is(text: str) -> None:
    assert lines_of(text) == [text]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\r\nb", ["a", "b"]),
        ("a\nb\r\n", ["a", "b"]),
        ("a\n\n\r\nb", ["a", "b"]),
        ("10 %\r50 %\r100 %", ["100 %"]),
        ("10 %\r100 %\r\r", ["100 %"]),
        ("\x1b[31mred\x1b[0m", ["\x1b[31mred\x1b[0m"]),
        ("\x1b[38;2;1;2;3mx\x1b[m", ["\x1b[38;2;1;2;3mx\x1b[m"]),
        ("\x1b[2J\x1b[1;1Hx\x1b[?25l\x1b[K", ["x"]),
        ("\x1b[>4;1mx", ["x"]),
        ("\x1b[" + "1;" * 40 + "mx", ["x"]),
        ("\x1b]0;title\x07x", ["x"]),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\ x", ["link x"]),
        ("\x9d0;title\x9cx\x9b31my", ["xy"]),
        ("\x1bP1;2|17/ab\x1b\\x\x1b_app\x1b\\y\x1b^pm\x1b\\z", ["xyz"]),
        ("x\x1b]0;never ended", ["x"]),
        ("x\x1b]0;never ended\nnext", ["x", "next"]),
        ("\x1b(Bx\x1b=y\x1b>z\x1bc", ["xyz"]),
        ("x\x1b", ["x"]),
        ("x\x1b[31", ["x"]),
        ("x\x1b[31\u00e9", ["x\u00e9"]),
        ("a\x00b\x08c\x7fd\te", ["abcd\te"]),
        ("safe\u202egnp.exe\u2066x", ["safegnp.exex"]),
        ("\U0001f468\u200d\U0001f469 \u05d0\u200f", ["\U0001f468\u200d\U0001f469 \u05d0\u200f"]),
        ("half \ud83d\ud83d", ["half \ufffd"]),
        ("", []),
        ("\x1b[K", []),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    assert lines_of(text) == lines


def test_a_long_line_is_cut_with_a_mark() -> None:
    (line,) = lines_of("x" * (LONGEST + 1))
    assert len(line) == LONGEST
    assert line.endswith("x" + CUT)
    assert lines_of("x" * LONGEST) == ["x" * LONGEST]


@pytest.mark.parametrize("shift", range(8))
def test_a_line_is_not_cut_within_a_colour(shift: int) -> None:
    begin = "x" * (LONGEST - len(CUT) - shift)
    (line,) = lines_of(begin + "\x1b[31m" + "y" * 100)
    assert len(line) <= LONGEST
    assert "\x1b" not in SGR.sub("", line)


def test_a_message_of_a_million_lines_is_cut_too() -> None:
    assert lines_of("x\n" * 1_000_000) == ["x"] * MOST_LINES + [CUT]
    assert lines_of("\x1b[0m" * 1_000_000 + "end")[0].endswith(CUT)


@pytest.mark.parametrize(
    "part", ["\x1b[", "\x1b]", "\x1b[1;", "\x1b(", "\x1bP\x1b", "\x9b0 ", "\r", "\x1b[0m", "\ud800"]
)
def test_no_text_takes_long(part: str) -> None:
    """Two million characters of each: one that grew with the square would never end."""
    assert all(len(line) <= LONGEST for line in lines_of(part * (2_000_000 // len(part))))


def test_all_on_one_line() -> None:
    assert one_line("a\r\n\x1b[2Jb\n") == "a b"
