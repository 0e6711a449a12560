"""How the panel's database compares: `utf8mb4_unicode_ci`, and numbers with texts."""
from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


def same_text(one: str, other: str) -> bool:
    """Without regard to case and to spaces at the end."""
    return one.rstrip(" ").casefold() == other.rstrip(" ").casefold()


def same_number(number: int, text: str) -> bool:
    return number == leading_number(text)


def leading_number(text: str) -> float:
    """The number that a text begins with, 0 if there is none."""
    found = _NUMBER.match(text)
    return float(found[0]) if found else 0.0
