"""The ends of lines: unchanged lines keep theirs byte for byte, whatever a browser makes of them."""

from __future__ import annotations

import codecs
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.text import diffs, matching
from portal.files.text.endings import END, plain, weave
from portal.files.text.reading import text_of

LETTERS = st.text(st.sampled_from("ab \tä{}"), max_size=3)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXTS = st.lists(st.tuples(LETTERS, ENDS), max_size=25).map(lambda lines: "".join(text + end for text, end in lines))
FILES = st.tuples(st.sampled_from([b"", codecs.BOM_UTF8]), TEXTS, LETTERS).map(
    lambda parts: parts[0] + (parts[1] + parts[2]).encode()
)
TYPED = st.lists(LETTERS, max_size=30).map("\n".join)


def typed(raw: bytes) -> str:
    text = text_of(raw)
    assert text is not None
    return text.shown


def lines(raw: bytes) -> list[str]:
    return END.split(raw.removeprefix(codecs.BOM_UTF8).decode())


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"a", b"a\n", b"a\nb", b"a\r\nb\r\n", b"a\rb\r", b"a\r\nb\nc\rd", b"\n\n", b"\r\n", b"\r\r\n\n",
        codecs.BOM_UTF8, codecs.BOM_UTF8 + b"a\r\n", codecs.BOM_UTF8 + codecs.BOM_UTF8 + b"a",
        "ä€\N{GRINNING FACE}".encode(), b"a\x0b\x0c\xc2\x85\xe2\x80\xa8b\n",
    ],
    ids=repr,
)  # fmt: skip
def test_what_was_not_changed_stays_byte_for_byte(raw: bytes) -> None:
    assert weave(raw, typed(raw)) == raw
    assert weave(raw, typed(raw).replace("\n", "\r\n")) == raw


@pytest.mark.parametrize(
    ("raw", "text", "after"),
    [
        (b"a\r\nb\r\n", "a\nx\nb\n", b"a\r\nx\r\nb\r\n"),
        (b"a\nb\n", "a\nb\nc\n", b"a\nb\nc\n"),
        (b"a\rb\rc\r", "a\nx\nc\n", b"a\rx\rc\r"),
        (b"a\r\nb\nc\r\nd\r\n", "a\nb\nnew\nc\nd\n", b"a\r\nb\nnew\r\nc\r\nd\r\n"),
        (b"a\r\nb\nc\n", "b\nc\n", b"b\nc\n"),
        (b"a\r\nb", "a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", "a\nb", b"a\r\nb"),
        (b"", "a\nb", b"a\nb"),
        (b"a", "a\nb\n", b"a\nb\n"),
        (codecs.BOM_UTF8 + b"a\r\n", "b\n", codecs.BOM_UTF8 + b"b\r\n"),
        (codecs.BOM_UTF8 + b"a\n", "", codecs.BOM_UTF8),
        (b"a\n", "", b""),
    ],
    ids=repr,
)
def test_new_lines_end_as_most_do_and_the_last_as_it_was_typed(raw: bytes, text: str, after: bytes) -> None:
    assert weave(raw, text) == after


def test_a_lone_end_does_not_melt_together_with_the_empty_line_behind_it() -> None:
    assert lines(weave(b"a\rb\nc\n", "a\n\nc\n")) == ["a", "", "c", ""]


@given(raw=FILES)
def test_any_file_opened_and_saved_is_the_same_file(raw: bytes) -> None:
    assert weave(raw, typed(raw)) == raw


@given(raw=FILES, text=TYPED)
def test_any_text_that_is_saved_is_the_text_that_is_opened_again(raw: bytes, text: str) -> None:
    assert typed(weave(raw, text)) == text


@given(raw=FILES.filter(lambda raw: b"\r" not in raw.replace(b"\r\n", b"")), place=st.integers(0, 30), text=LETTERS)
def test_one_changed_line_leaves_the_bytes_of_all_others(raw: bytes, place: int, text: str) -> None:
    """Without a lone "\\r", which must not melt together with what follows it."""
    old = raw.splitlines(keepends=True) or [b""]
    number = place % len(old)
    new = typed(raw).split("\n")
    new[number] = f"{text}!"
    after = weave(raw, "\n".join(new))
    assert after.startswith(b"".join(old[:number]))
    assert after.endswith(b"".join(old[number + 1 :]))


@given(raw=FILES, text=TYPED)
def test_no_line_end_is_made_up(raw: bytes, text: str) -> None:
    known = set(END.findall(raw.decode())) or {"\n"}
    ends = set(END.findall(weave(raw, text).decode()))
    assert ends <= known | ({"\r\n"} if {"\r", "\n"} <= known else set())


@given(old=st.lists(st.sampled_from("abcde"), max_size=40), new=st.lists(st.sampled_from("abcde"), max_size=40))
def test_what_matches_is_the_same_and_in_order(old: list[str], new: list[str]) -> None:
    i = j = 0
    for block in matching.blocks(old, new):
        assert block.old >= i
        assert block.new >= j
        assert block.length > 0
        i, j = block.old + block.length, block.new + block.length
        assert old[block.old : i] == new[block.new : j]


def test_two_places_far_apart_can_change_and_all_else_is_found_again() -> None:
    old = [str(number % 977) for number in range(20_000)]
    new = [*old[:5000], "x", *old[5003:15_000], *old[15_001:]]
    same = sum(block.length for block in matching.blocks(old, new))
    assert same == len(old) - 4


def test_texts_without_order_end_the_comparison_all_the_same() -> None:
    chance = random.Random(8)
    old, new = ([str(chance.randrange(300)) for _ in range(6000)] for _ in "ab")
    found = diffs.compare("\n".join(old), "\n".join(new))
    assert len(found.rows) == diffs.MOST_ROWS
    assert found.hidden > 0
    assert len(old) - found.removed == len(new) - found.added


@given(old=TYPED, new=TYPED)
def test_a_difference_names_each_line_that_came_and_went(old: str, new: str) -> None:
    found = diffs.compare(old, new)
    assert found.is_empty == (old == new)
    assert [row.text for row in found.rows if row.kind == "new"] == [
        new.split("\n")[row.number - 1] for row in found.rows if row.kind == "new"
    ]
    assert sum(row.kind == "gone" for row in found.rows) == found.removed
    assert len(old.split("\n")) - found.removed == len(new.split("\n")) - found.added


def test_a_difference_shows_some_lines_around_and_counts_the_rest() -> None:
    old = "\n".join(map(str, range(100)))
    found = diffs.compare(old, old.replace("50", "fifty"))
    kinds = [(row.kind, row.number) for row in found.rows]
    assert kinds == [
        ("gap", 47), ("same", 48), ("same", 49), ("same", 50), ("gone", 51), ("new", 51), ("same", 52), ("same", 53),
        ("same", 54), ("gap", 46),
    ]  # fmt: skip


def test_a_line_without_end_is_cut_in_a_difference() -> None:
    found = diffs.compare("", "x" * 100_000)
    assert max(len(row.text) for row in found.rows) == diffs.LONGEST_LINE + 1


def test_plain_knows_three_ends() -> None:
    assert plain("a\r\nb\rc\nd\r\r\n") == "a\nb\nc\nd\n\n"
