"""What a backup's list of patterns leaves out: read in the way of `.gitignore`, path by path below the server's root.

A line that is no pattern leaves nothing out. Folders end with a slash, and each path is judged by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from pathspec import GitIgnoreSpec

Judge = Callable[[str], bool]


def lines_of(text: str) -> list[str]:
    """The patterns of a text as the panel gets them: one to a line, none empty, each once, where it stood last."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    once = dict.fromkeys(line for line in reversed(lines) if line)  # of two that say otherwise the last one counts
    return list(reversed(once))


def judge(patterns: Sequence[str]) -> Judge:
    """Whether a path is left out by these patterns; a folder's ends with a slash."""
    spec = GitIgnoreSpec.from_lines([line for line in patterns if is_pattern(line)])
    return lambda path: bool(spec.match_file(path))


def is_pattern(line: str) -> bool:
    """Whether a line is one that can be read; a comment is."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def brings_back(patterns: Iterable[str]) -> bool:
    """Whether something below a folder that is left out may be in the backup all the same."""
    return any(line.startswith("!") for line in patterns)
