"""The ends of lines: a browser's text knows only one, a file may have three, and each line keeps its own."""

from __future__ import annotations

import codecs
import re

from portal.files.text import matching

END = re.compile(r"\r\n|\n|\r")
MOST_MIXED = 50_000
"""Lines of a text whose lines end in different ways: each of them is looked at, which takes time and room."""
Line = tuple[str, str]
"""What stands in a line, and what ends it; only the last one may have no end."""


class Tangled(Exception):
    """Lines end in different ways, and there are more than MOST_MIXED of them, before or after the change."""


def plain(text: str) -> str:
    """A text with every line ended by "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_tangled(text: str) -> bool:
    """Whether a text has too many lines for the different ways in which they end."""
    ends = _ends(text)
    return _is_mixed(ends) and sum(ends.values()) > MOST_MIXED


def weave(original: bytes, typed: str) -> bytes:
    """The bytes of a file after its text was changed to `typed`, whose own line ends mean nothing.

    Lines that stayed keep their ends byte for byte, new ones get the end that most lines have ("\\n" in a file without
    any). A mark of byte order stays. The last line ends as typed. `original` is UTF-8. Raises Tangled.
    """
    mark = codecs.BOM_UTF8 if original.startswith(codecs.BOM_UTF8) else b""
    before = original.removeprefix(mark).decode()
    after = plain(typed)
    if plain(before) == after:
        return original
    ends = _ends(before)
    usual = max(ends, key=lambda end: ends[end])
    if not _is_mixed(ends):
        return mark + after.replace("\n", usual).encode()
    if max(sum(ends.values()), after.count("\n")) > MOST_MIXED:
        raise Tangled
    new = [(text, usual if end else "") for text, end in _lines(after)]
    return mark + "".join(text + end for text, end in _apart(_kept(_lines(before), new))).encode()


def _ends(text: str) -> dict[str, int]:
    """How many lines end in which way."""
    both = text.count("\r\n")
    return {"\n": text.count("\n") - both, "\r\n": both, "\r": text.count("\r") - both}


def _is_mixed(ends: dict[str, int]) -> bool:
    return sum(map(bool, ends.values())) > 1


def _lines(text: str) -> list[Line]:
    found: list[Line] = []
    start = 0
    for end in END.finditer(text):
        found.append((text[start : end.start()], end[0]))
        start = end.end()
    if start < len(text):
        found.append((text[start:], ""))
    return found


def _kept(old: list[Line], new: list[Line]) -> list[Line]:
    """The new lines, those that were there before with their own ends."""
    found = list(new)
    for block in matching.blocks([text for text, _ in old], [text for text, _ in new]):
        for step in range(block.length):
            text, end = new[block.new + step]
            own = old[block.old + step][1]
            if end and own:
                found[block.new + step] = (text, own)
    return found


def _apart(lines: list[Line]) -> list[Line]:
    """Keep a lone "\\r" from melting together with the "\\n" of an empty line that came to stand behind it."""
    found: list[Line] = []
    for text, end in lines:
        melts = not text and end == "\n" and found and found[-1][1] == "\r"
        found.append((text, "\r\n" if melts else end))
    return found
