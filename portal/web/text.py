"""Text from elsewhere: what it may hold before it is stored, logged or shown."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def has_surrogates(text: str) -> bool:
    """Whether a text holds half a character, which no database and no page can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def one_line(text: str, limit: int = 200) -> str:
    """A text that stays on its line in a log or a title: control, direction and line marks gone, cut at `limit`."""
    kept = (" " if unicodedata.category(letter) in UNPRINTABLE else letter for letter in text[: limit * 2])
    text = " ".join("".join(kept).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
