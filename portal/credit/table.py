"""A bank's file as rows of text: whatever its letters and separators are, and nothing larger than we look through."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass

LARGEST = 4 * 1024 * 1024
MOST_ROWS = 5000
MOST_COLUMNS = 100
LONGEST_CELL = 4000
SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 40
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class BadFile(Exception):
    """The file is not one that can be looked through; the message is a sentence. Nothing was written down."""


@dataclass(frozen=True)
class Line:
    """A row: its number in the file from 1 on, and its cells."""

    number: int
    cells: tuple[str, ...]


def rows_of(content: bytes, separator: str | None = None) -> list[Line]:
    """The rows that hold anything. Raises BadFile; the separator is found out unless it is given."""
    if len(content) > LARGEST:
        raise BadFile(f"The file is larger than {LARGEST // 1024 // 1024} MiB.")
    text = _text(content)
    if "\0" in text:
        raise BadFile("The file holds signs that no CSV has. Export it as CSV.")
    chosen = separator or _separator(text)
    lines = [one for one in _read(text, chosen, MOST_ROWS + 1) if any(one.cells)]
    if not lines:
        raise BadFile("The file is empty.")
    if len(lines) > MOST_ROWS:
        raise BadFile(f"The file has more than {MOST_ROWS} rows. Export a shorter time.")
    return lines


def _text(content: bytes) -> str:
    """By its mark, else UTF-8, else what Windows writes in the west."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                raise BadFile("The letters of the file cannot be read. Export it as UTF-8.") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """The sign that divides most of the first rows into the most, equally many, cells."""

    def worth(sign: str) -> tuple[int, int]:
        try:
            widths = Counter(len(one.cells) for one in _read(text, sign, _LOOKED_AT))
        except BadFile:
            return 0, 0
        width, times = max(widths.items(), key=lambda one: (one[0] > 1, one[1], one[0]), default=(0, 0))
        return (times if width > 1 else 0, width)

    return max(SEPARATORS, key=worth)


def _read(text: str, separator: str, limit: int) -> list[Line]:
    found: list[Line] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS or any(len(cell) > LONGEST_CELL for cell in cells):
                raise BadFile(f"Row {reader.line_num} of the file is too long for a bank's.")
            found.append(Line(reader.line_num, tuple(" ".join(cell.split()) for cell in cells)))
            if len(found) >= limit:
                break
    except csv.Error:
        raise BadFile(f"Row {reader.line_num} of the file cannot be read as CSV.") from None
    return found
