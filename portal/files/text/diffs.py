"""What is different between two texts, line by line, short enough for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.files.text import matching

AROUND = 3
"""Lines that are shown before and after each difference."""
MOST_ROWS = 600
LONGEST_LINE = 400
Kind = Literal["same", "gone", "new", "gap"]


@dataclass(frozen=True)
class Row:
    """A line that is in both texts, only in the old (`gone`) or only in the new one; a `gap` stands for `number` equal
    lines that are not shown. `number` counts from 1, in the text that the line is from."""

    kind: Kind
    number: int
    text: str = ""


@dataclass(frozen=True)
class Diff:
    """The difference of two texts. `hidden` is how many rows are left out at the end."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    hidden: int

    @property
    def is_empty(self) -> bool:
        """Whether the lines of both are the same."""
        return not self.added and not self.removed


def compare(old: str, new: str) -> Diff:
    """What makes the new text of the old one. Both have lines that end in "\\n"; a missing last end is a difference
    of an empty last line."""
    before, after = old.split("\n"), new.split("\n")
    sheet = _Rows()
    i = j = added = removed = 0
    for block in [*matching.blocks(before, after), matching.Block(len(before), len(after), 0)]:
        removed += block.old - i
        added += block.new - j
        sheet.put("gone", before, i, block.old)
        sheet.put("new", after, j, block.new)
        i, j = block.old + block.length, block.new + block.length
        head = block.new if block.new == 0 else min(j, block.new + AROUND)
        tail = j if j == len(after) else max(head, j - AROUND)
        sheet.put("same", after, block.new, head)
        sheet.leave_out(tail - head)
        sheet.put("same", after, tail, j)
    return Diff(tuple(sheet.rows), added, removed, sheet.hidden)


class _Rows:
    """The first rows of a difference, and how many more there are."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.hidden = 0

    def put(self, kind: Kind, lines: list[str], start: int, end: int) -> None:
        """Lines from `start` to before `end`."""
        shown = max(start, min(end, start + MOST_ROWS - len(self.rows)))
        self.rows += (Row(kind, number + 1, _cut(lines[number])) for number in range(start, shown))
        self.hidden += end - shown

    def leave_out(self, count: int) -> None:
        """Equal lines that are not shown."""
        if count and len(self.rows) < MOST_ROWS:
            self.rows.append(Row("gap", count))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
