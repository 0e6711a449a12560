"""What columns make of values that the validator let through: the database is not strict, what is too much is cut."""
from __future__ import annotations

import math
from typing import Any

from portal.demo import php
from portal.demo.collation import leading_number
from portal.demo.errors import crashed

LONGEST_TEXT = 191
HIGHEST_SIGNED, HIGHEST = 2**31 - 1, 2**32 - 1


def whole_number(value: Any, lowest: int = -HIGHEST, highest: int = HIGHEST) -> int:
    """Rounded, a half away from zero; too much becomes the most that fits."""
    number = min(max(leading_number(text(value)), lowest), highest)
    return int(math.copysign(math.floor(abs(number) + 0.5), number))


def whole_number_or_none(value: Any) -> int | None:
    return None if value is None else whole_number(value)


def text(value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise crashed("ErrorException")
    return php.to_string(value)[:LONGEST_TEXT]


def text_or_none(value: Any) -> str | None:
    return None if value is None else text(value)
