"""What a backup's list of patterns leaves out: read in the way of `.gitignore`, path by path below the server's root.

A line that is no pattern leaves nothing out. Folders end with a slash, and each path is judged by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

Judge = Callable[[str], bool]
STAR: Final = "[^/]*"
"""What the library makes of a star."""
_PASSED: Final = re.compile(r"\[\^/\]\*((?:\\.|\[\^/\](?![*+])|[^\\/()\[\].*+?^$|{}])*)(?=\[\^/\]\*)")
"""A star, what follows it, and that another star of the same name comes after that."""
MOST_STARS: Final = 3
"""In one name, of those that may have to be tried everywhere."""
MOST_DEEP: Final = 4


def lines_of(text: str) -> list[str]:
    """The patterns of a text as the panel gets them: one to a line, none empty, each once, where it stood last."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    once = dict.fromkeys(line for line in reversed(lines) if line)  # of two that say otherwise the last one counts
    return list(reversed(once))


def judge(patterns: Sequence[str]) -> Judge:
    """Whether a path is left out by these patterns; a folder's ends with a slash."""
    spec = GitIgnoreSpec.from_lines([line for line in patterns if is_pattern(line) and is_quick(line)], _pattern)
    return lambda path: bool(spec.match_file(path))


def is_pattern(line: str) -> bool:
    """Whether a line is one that can be read; a comment is."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def is_quick(line: str) -> bool:
    """Whether it takes a short time at the worst to see what a pattern fits; false for one of very many wildcards."""
    regex = _pattern(line).regex
    names = regex.pattern.replace(STAR + "?", "").replace("[^/]", "\0").split("/") if regex else ()
    return all(one.count("\0*") <= MOST_STARS for one in names) and sum(one.count(".+") for one in names) <= MOST_DEEP


def brings_back(patterns: Iterable[str]) -> bool:
    """Whether something below a folder that is left out may be in the backup all the same."""
    return any(line.startswith("!") for line in patterns)


def _pattern(line: str) -> GitIgnoreSpecPattern:
    """The library's pattern, but each star takes the first place that fits, which is enough as long as another one
    follows in the same name. To try all places takes hours where somebody wants it to."""
    found = GitIgnoreSpecPattern(line)
    if found.regex is not None:
        found.regex = re.compile(_PASSED.sub(lambda star: f"(?>{STAR}?{star[1]})", found.regex.pattern))
    return found
