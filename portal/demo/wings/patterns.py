"""Lists of names in the way of `.gitignore`, written by people: a line that is no pattern matches nothing."""
from __future__ import annotations

import re
from collections.abc import Iterable

from pathspec import GitIgnoreSpec


def patterns_of(lines: Iterable[str]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
