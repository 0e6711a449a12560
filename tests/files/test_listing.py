"""The order of a list, its filter, its parts, and what is chosen in it."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from portal.files import listing, showing
from portal.files.entries import Entry, Kind
from portal.files.folders import Folder, version_of
from portal.files.listing import PART, ListQuery
from portal.files.paths import packed

NAMES = some.lists(some.text(min_size=1, max_size=8), max_size=12, unique=True)


def entry(name: str, kind: Kind = "file", size: int = 1, at: float = 0.0, mime: str = "text/plain") -> Entry:
    return Entry(name, kind, size, at, "644", mime)


def folder_of(*entries: Entry) -> Folder:
    return Folder("/", entries, 100.0, version_of(entries))


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [one.name for one in entries]


def test_folders_come_first_and_numbers_count() -> None:
    mixed = tuple(entry(one) for one in ("file10", "File2", "file1", "b", "A")) + (entry("zz", "folder"),)
    assert names(listing.ordered(mixed, "name")) == ["zz", "A", "b", "file1", "File2", "file10"]
    assert names(listing.ordered(mixed, "name", is_descending=True)) == ["zz", "file10", "File2", "file1", "b", "A"]


def test_by_size_and_by_date() -> None:
    mixed = (
        entry("a", size=5, at=3),
        entry("b", size=50, at=1),
        entry("c", size=5, at=2),
        entry("d", "folder", 4096, 9),
    )
    assert names(listing.ordered(mixed, "size")) == ["d", "a", "c", "b"]
    assert names(listing.ordered(mixed, "size", is_descending=True)) == ["d", "b", "a", "c"]
    assert names(listing.ordered(mixed, "date")) == ["d", "b", "c", "a"]
    assert names(listing.ordered(mixed, "date", is_descending=True)) == ["d", "a", "c", "b"]


@given(NAMES, some.sampled_from(listing.SORTS), some.booleans())
def test_an_order_loses_nothing_and_is_always_the_same(found: list[str], sort: listing.Sort, is_down: bool) -> None:
    entries = tuple(entry(one) for one in found)
    sorted_once = listing.ordered(entries, sort, is_descending=is_down)
    assert sorted(names(sorted_once)) == sorted(found)
    assert listing.ordered(tuple(reversed(entries)), sort, is_descending=is_down) == sorted_once


def _as_people_count(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """The order of names, written as it is meant."""
    parts = [part for part in re.split(r"(\d+)", name.casefold()) if part]
    return [(0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part) for part in parts], name


@given(some.lists(some.text(alphabet="aB0179 -.", min_size=1, max_size=8), max_size=12, unique=True))
def test_names_are_in_the_order_in_which_people_count(found: list[str]) -> None:
    entries = tuple(entry(one) for one in found)
    assert names(listing.ordered(entries, "name")) == sorted(found, key=_as_people_count)


def test_nothing_is_kept_of_the_names_of_a_list_and_little_is_needed_for_its_order() -> None:
    for run in "abc":  # of other names each: a measurement also has what other threads of this process took meanwhile
        kept, most = _memory(run)
        if kept < 500_000 and most < 10_000_000:
            return
    raise AssertionError(f"{kept} bytes are kept, and {most} needed")


def _memory(start: str) -> tuple[int, int]:
    """What the order of names keeps and needs, and what other threads of this process take meanwhile."""
    entries = tuple(entry(f"{start}{number:05}" + "a1" * 125) for number in range(3000))
    listing.ordered(entries[:1], "name")
    tracemalloc.start()
    try:
        listing.ordered(entries, "name")
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def test_digits_of_other_scripts_are_letters() -> None:
    mixed = (entry("x²"), entry("x١"), entry("x3"))
    assert names(listing.ordered(mixed, "name")) == ["x3", "x١", "x²"]


def test_a_filter_takes_parts_of_names_however_written() -> None:
    entries = (entry("Server.PROPERTIES"), entry("STRASSE"), entry("straße"), entry("x"))
    assert names(listing.filtered(entries, " prop ")) == ["Server.PROPERTIES"]
    assert names(listing.filtered(entries, "straße")) == ["STRASSE", "straße"]
    assert listing.filtered(entries, "  ") == entries
    assert listing.filtered(entries, "*") == ()


def test_thousands_are_shown_in_parts() -> None:
    folder = folder_of(*(entry(f"f{number}") for number in range(PART * 2 + 50)))
    parts = [listing.shown(folder, ListQuery(part=number)) for number in (1, 2, 3, 4)]
    assert [len(one.rows) for one in parts] == [PART, PART, 50, 0]
    assert [one.next_part for one in parts] == [2, 3, None, None]
    assert names(parts[0].rows + parts[1].rows + parts[2].rows) == [f"f{number}" for number in range(PART * 2 + 50)]
    assert len(listing.shown(folder, ListQuery(part=2), upto=True).rows) == PART * 2
    assert {one.fitting for one in parts} == {PART * 2 + 50}


@pytest.mark.parametrize(("to", "drawn"), [("f3", PART), (f"f{PART + 1}", PART * 2), ("gone", PART), ("", PART)])
def test_a_list_can_reach_to_a_name(to: str, drawn: int) -> None:
    folder = folder_of(*(entry(f"f{number}") for number in range(PART * 2 + 50)))
    assert len(listing.shown(folder, ListQuery(), upto=True, to=to).rows) == drawn
    assert len(listing.shown(folder, ListQuery(part=3), upto=True, to=to).rows) == PART * 2 + 50


def test_a_part_follows_only_while_nothing_moved() -> None:
    before = folder_of(entry("a", size=1), entry("b", size=2))
    grown = folder_of(entry("a", size=9), entry("b", size=2))
    gone = folder_of(entry("b", size=2))
    by_name, by_size = ListQuery(), ListQuery(sort="size")
    assert listing.shown(before, by_name).seen == listing.shown(grown, by_name).seen
    assert listing.shown(before, by_size).seen != listing.shown(grown, by_size).seen
    assert listing.shown(before, by_name).seen != listing.shown(gone, by_name).seen


def test_the_version_of_names_is_of_names_and_kinds() -> None:
    entries = (entry("a"), entry("b"))
    assert listing.names_version(entries) == listing.names_version(tuple(reversed(entries)))
    assert listing.names_version(entries) != listing.names_version((entry("a"), entry("b", "folder")))
    assert listing.names_version((entry("ab"), entry("c"))) != listing.names_version((entry("a"), entry("bc")))


@pytest.mark.parametrize(("asked", "query"), [
    ({}, ListQuery("/x")),
    ({"sort": "owner", "part": "0", "desc": "yes"}, ListQuery("/x")),
    ({"sort": "size", "part": "12", "desc": "1", "q": " a "}, ListQuery("/x", "a", "size", True, 12)),
    ({"part": "999999"}, ListQuery("/x")),
])  # fmt: skip
def test_an_address_asks_for_what_is_on_offer(asked: dict[str, str], query: ListQuery) -> None:
    assert listing.query_of("/x", MultiDict(asked)) == query


def test_an_address_says_only_what_is_not_usual() -> None:
    assert ListQuery().address() == {}
    assert ListQuery("/a", "x", "date", True, 3).address(now=1, part=2) == {
        "directory": "/a", "q": "x", "sort": "date", "desc": 1, "now": 1, "part": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "seen"), [
    ("plain name.txt", "plain name.txt"), ("a\nb", "a↵b"), (" a ", "␣a␣"), ("a\x7f", "a⟨007F⟩"),
    ("a\u202egpj.exe", "a⟨202E⟩gpj.exe"), ("👩\u200d🚀", "👩\u200d🚀"), ("\u00a0x", "⟨00A0⟩x"), ("ملف.txt", "ملف.txt"),
])  # fmt: skip
def test_nothing_hides_in_a_name(name: str, seen: str) -> None:
    assert showing.visible(name) == seen


@pytest.mark.parametrize(("one", "is_text"), [
    (entry("a.txt"), True), (entry("a", mime="application/json"), True), (entry("a", size=0, mime="x/y"), True),
    (entry("a", size=4 * 1024 * 1024 + 1), False), (entry("a.jar", mime="application/jar"), False),
    (entry("a", "link"), False), (entry("a", "folder"), False), (entry("a", mime="application/octet-stream"), False),
])  # fmt: skip
def test_what_opens_as_text(one: Entry, is_text: bool) -> None:
    assert showing.looks_like_text(one) == is_text


def test_names_of_forms_are_packed() -> None:
    assert listing._names(MultiDict([("name", packed("a\nb")), ("name", "c"), ("name", "c")]), "name") == ("a\nb", "c")
