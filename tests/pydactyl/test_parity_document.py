"""docs/pydactyl-parity.md leaves out no method of theirs and none of ours, and names only what is there."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import pytest

from tests.pydactyl import surface, theirs

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/pydactyl-parity.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"`((?:client|api)\.\w+\.\w+)\(([^)]*)\)`")
ELSEWHERE = re.compile(r"`(portal\.wings(?:\.\w+)+)`")
TEST = re.compile(r"`(test_\w+)`")
NOTHING = {"servers.rebuild_server"}
"""The panel has nothing like it, nor have we."""


class Row(NamedTuple):
    """A line of a table: the heading above it and its cells."""

    section: str
    cells: tuple[str, ...]

    @property
    def method(self) -> str:
        """Of theirs, with its group in front; nothing where the table is about something else."""
        found = re.fullmatch(r"`(\w+)`", self.cells[1])
        return f"{self.section.strip('`')}.{found[1]}" if found and self.section.startswith("`") else ""


ROWS = [
    Row(section, tuple(cell.strip() for cell in line.strip("|").split("|")))
    for section, body in SECTION.findall(TEXT)
    for line in body.splitlines()
    if line.startswith("|") and not line.startswith(("|--", "| Row", "| Route", "| For", "| py-dactyl"))
]
NAMED = sorted({found for row in ROWS for found in OURS.findall(" ".join(row.cells))})


@cache
def known_tests() -> set[str]:
    """The names of all tests."""
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def arguments(method: Any) -> set[str]:
    """What can be passed to it by name, changes included."""
    found: set[str] = set()
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            (changes,) = get_type_hints(method)[parameter.name].__args__
            found |= set(changes.__annotations__)
        else:
            found.add(parameter.name)
    return found


def test_every_method_of_theirs_has_one_row() -> None:
    told = Counter(row.method for row in ROWS if row.method)
    assert set(told) == {*theirs.methods(), *theirs.socket_methods()}
    assert set(told.values()) == {1}


def test_every_row_says_what_is_ours() -> None:
    for row in ROWS:
        if row.method:
            has = OURS.search(row.cells[2]) or ELSEWHERE.search(row.cells[2])
            assert bool(has) is (row.method not in NOTHING), row.cells


def test_rows_are_numbered_without_a_gap() -> None:
    numbers = [row.cells[0] for row in ROWS if re.fullmatch(r"[A-Z]-?\d+", row.cells[0])]
    assert len(numbers) == len(set(numbers)) == 16 + 101 + 10
    for letter in {number[0] for number in numbers}:
        counted = [int(re.sub(r"\D", "", number)) for number in numbers if number[0] == letter]
        assert counted == list(range(1, len(counted) + 1)), letter


def test_every_method_of_ours_stands_somewhere() -> None:
    assert {name for name, _ in NAMED} == set(surface.methods())


@pytest.mark.parametrize(("name", "written"), NAMED, ids=lambda one: one)
def test_ours_is_there_and_takes_what_is_written(name: str, written: str) -> None:
    method = surface.resolve(name)
    assert callable(method)
    names = {one.strip() for one in written.split(",") if one.strip()}
    assert names <= arguments(method)


@pytest.mark.parametrize("name", sorted(set(ELSEWHERE.findall(TEXT))))
def test_what_the_relay_has_is_there(name: str) -> None:
    parts = name.split(".")
    found: Any = importlib.import_module(".".join(parts[:3]))
    for part in parts[3:]:
        found = getattr(found, part)
    assert callable(found)


def test_every_row_names_tests_that_are_there() -> None:
    for row in ROWS:
        assert TEST.search(row.cells[-1]), row.cells
    named = set(TEST.findall(TEXT))
    assert named - known_tests() == set()


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(((?!https:)[^)]+)\)", TEXT):
        assert (ROOT / "docs" / target).is_file(), target
