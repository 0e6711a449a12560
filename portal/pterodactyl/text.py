"""Text that came from outside, made safe to show in one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 500


def several(texts: Iterable[str]) -> list[str]:
    """The texts. Raises ValueError for one text instead of several, which Python would take apart."""
    if isinstance(texts, str | bytes):
        raise ValueError("several texts were expected, not one")
    return list(texts)


def clean(text: object, longest: int = LONGEST) -> str:
    """One line of at most `longest` characters, without control, format and surrogate characters."""
    if not isinstance(text, str):
        return ""
    head = text[: longest * 4]  # enough to fill the cap after collapsing, little enough to be cheap
    spaced = "".join(" " if character.isspace() else character for character in head)
    plain = "".join(character for character in spaced if unicodedata.category(character)[0] != "C")
    line = " ".join(plain.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
