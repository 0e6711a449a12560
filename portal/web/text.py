"""Text from elsewhere: what it may hold before it is stored, logged or shown."""

from __future__ import annotations

import re
import unicodedata

EMAIL = re.compile(r'[^\s@<>,;:"()\[\]\\]+@[^\s@<>,;:"()\[\]\\]+\.[^\s@<>,;:"()\[\]\\]+')
UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def has_surrogates(text: str) -> bool:
    """Whether a text holds half a character, which no database and no page can hold."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def is_email(text: str) -> bool:
    """Whether a text is one e-mail address and nothing else; whether it reaches anybody only a mail can tell."""
    return len(text) <= 191 and EMAIL.fullmatch(text) is not None and not has_surrogates(text) and text.isprintable()


def email_key(text: str) -> str:
    """An address as it is kept and compared: without blanks around it, A to Z small. Other letters stay as they are."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text.strip())


def number_in(text: str) -> int | None:
    """The number of a row that a text is: from 1 on, at most nine digits, as store and panel can hold it. Else None."""
    return (int(text) or None) if text.isascii() and text.isdigit() and len(text) < 10 else None


def one_line(text: str, limit: int = 200) -> str:
    """A text that stays on its line in a log or a title: control, direction and line marks gone, cut at `limit`."""
    kept = (" " if unicodedata.category(letter) in UNPRINTABLE else letter for letter in text[: limit * 2])
    text = " ".join("".join(kept).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def as_typed(name: str) -> str:
    """A name as somebody can type it again: on one line, and each letter with its marks written in one way."""
    return unicodedata.normalize("NFC", one_line(name))
