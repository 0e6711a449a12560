"""What a terminal would act on leaves a console line; text and colours stay.

Wings passes on the raw output of a game's terminal. A line here holds no control character but the tab, and no escape
but SGR (colours and weights), complete and short. Every pattern is linear: no part of one can match what the next can.
"""

from __future__ import annotations

import re

LONGEST = 8192
"""Characters of a line."""
MOST_LINES = 1000
"""Visual lines of one message."""
CUT = " [cut]"

_LONGEST_TEXT = 1 << 16
"""Characters of one message that are looked at; Wings cuts it at 64 KiB."""
_LONGEST_SGR = 34
_SGR = re.compile(r"\x1b\[[0-9;:]{0,31}m")
_UNWANTED = re.compile(
    r"(\x1b\[[0-9;:]{0,31}m)"  # SGR, which stays
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # any other control sequence, whole or not
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links, strings
    r"|\x1b[ -/]*[0-~]?"  # any other escape
    r"|([\ud800-\udfff]+)"  # halves of characters
    r"|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a\x9c\u2028\u2029]+"  # control characters
    r"|[\u202a-\u202e\u2066-\u2069]+"  # what turns the direction of the text that follows
)


def _kept(found: re.Match[str]) -> str:
    return found[1] or ("\ufffd" if found[2] else "")


def clean(line: str) -> str:
    """One visual line without what a terminal acts on, of at most LONGEST characters."""
    if not _SGR.sub("", line).isprintable():
        line = _UNWANTED.sub(_kept, line)
    return line if len(line) <= LONGEST else _cut(line)


def lines_of(text: str) -> list[str]:
    """The visual lines of one message; those with nothing on them are left out, as Wings does."""
    if text.isprintable():
        return [clean(text)] if text else []
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT] + CUT
    parts = text.split("\n", MOST_LINES)
    if len(parts) > MOST_LINES:
        parts[MOST_LINES] = CUT
    return [line for part in parts if (line := clean(_written_last(part)))]


def one_line(text: str) -> str:
    """All of a message on one line."""
    return clean(" ".join(lines_of(text)))


def _written_last(line: str) -> str:
    """A carriage return begins the line anew."""
    if "\r" not in line:
        return line
    return line.rstrip("\r").rpartition("\r")[2]


def _cut(line: str) -> str:
    """Not within an escape."""
    kept = line[: LONGEST - len(CUT)]
    escape = kept.rfind("\x1b", len(kept) - _LONGEST_SGR)
    if escape >= 0 and "m" not in kept[escape:]:
        kept = kept[:escape]
    return kept + CUT
