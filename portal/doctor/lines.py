"""One line of the doctor: what was looked at, how it is, and what to do. Every sentence that is no "ok" is a `Finding`.

The findings stand beside the checks that make them; docs/troubleshoot.md has a row for each, and a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from portal.web.text import one_line

Status = Literal["ok", "warn", "fail"]
WORST_FIRST: Final[tuple[Status, ...]] = ("fail", "warn", "ok")
LONGEST: Final = 300


@dataclass(frozen=True)
class Line:
    """`name` says what was looked at, `said` is one sentence about it, `cure` one about what to do (empty with ok)."""

    name: str
    status: Status
    said: str
    cure: str = ""


@dataclass(frozen=True)
class Finding:
    """A line before the names in it are known: `said` and `cure` with `{names}` of what `line` is given."""

    status: Literal["warn", "fail"]
    said: str
    cure: str

    def line(self, name: str, /, **values: object) -> Line:
        """The line. Values may come from elsewhere: they are cut and kept on their line."""
        clean = {word: one_line(str(value), LONGEST) for word, value in values.items()}
        return Line(one_line(name, 80), self.status, _filled(self.said, clean), _filled(self.cure, clean))


FINDINGS: Final = {
    "not_checked": Finding(
        "fail", "This could not be checked ({reason}).",
        "Look into the log of this command or of the web process for the whole error, and report it.",
    ),
}  # fmt: skip


def sentence(text: str) -> str:
    """A text from elsewhere without its last full stop, question or exclamation mark: one follows that is ours."""
    return text.rstrip(" .?!")


def _filled(template: str, values: Mapping[str, str]) -> str:
    ends = {word: sentence(value) if f"{{{word}}}." in template else value for word, value in values.items()}
    return template.format(**ends)


def ok(name: str, said: str) -> Line:
    """A line about something that is well. What is said may have words from elsewhere in it: it stays on its line."""
    return Line(one_line(name, 80), "ok", one_line(said, 2 * LONGEST))


def worst(lines: Iterable[Line]) -> Status:
    """The status of all lines together."""
    found = {one.status for one in lines}
    return next((status for status in WORST_FIRST if status in found), "ok")
