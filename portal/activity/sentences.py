"""Sentences made of a text and of what others chose (names, commands, addresses), which is kept apart from the text.

What a panel keeps beside an event may be anything: whatever it is, here it becomes short text on one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.web.i18n import _
from portal.web.text import one_line

IN_A_SENTENCE = 160
IN_A_LIST = 40
IN_DETAILS = 2000
MOST_ROWS = 40
DEEPEST = 4
_PLACE = re.compile(r"%\((\w+)\)s")
_WHOSE = re.compile(r"(.*_)?(ip|ip_address|remote_addr|user_agent|useragent)", re.IGNORECASE)
"""Properties that tell where somebody was, or what they used."""
_NAMES = re.compile(r"user(_?name)?|actor", re.IGNORECASE)
WORDS: Mapping[str, object] = {
    "action": _l("Action"), "active": _l("Active"), "allocation": _l("Allocation"), "command": _l("Command"),
    "count": _l("How many"), "directory": _l("Folder"), "email": _l("E-mail address"), "failed": _l("Failed"),
    "file": _l("File"), "files": _l("Files"), "fingerprint": _l("Fingerprint"), "identifier": _l("API key"),
    "ip": _l("IP address"), "locked": _l("Locked"), "name": _l("Name"), "new": _l("After"),
    "new_count": _l("How many after"), "old": _l("Before"), "old_count": _l("How many before"),
    "payload": _l("Payload"), "permissions": _l("Permissions"), "revoked": _l("Cut off"),
    "revoked_count": _l("How many cut off"), "truncate": _l("All files deleted first"), "url": _l("Web address"),
    "variable": _l("Variable"),
}  # fmt: skip
"""The panel's properties in words."""


@dataclass(frozen=True)
class Part:
    """A piece of a sentence; `is_value`: somebody else's words."""

    text: str
    is_value: bool = False


Sentence = tuple[Part, ...]


def say(template: object, values: Mapping[str, str]) -> Sentence:
    """A sentence with its values; one that is missing is said to be."""
    pieces = _PLACE.split(str(template))
    return tuple(
        Part(values.get(piece) or _("(not told)"), True) if number % 2 else Part(piece)
        for number, piece in enumerate(pieces)
        if piece
    )


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(part.text for part in sentence)


@dataclass(frozen=True)
class Props:
    """The properties of an event. `hidden` are mail addresses and user names, in lower case, that nobody may read;
    `shows_place`: whether it may be read where somebody was."""

    values: Mapping[str, Any]
    hidden: Collection[str] = ()
    shows_place: bool = False

    def text(self, key: str, limit: int = IN_A_SENTENCE) -> str:
        """A property in a few words; "" when there is none."""
        if key not in self.values or self.values[key] is None:
            return ""
        return self._worded(key, self.values[key], limit) or _("(empty)")

    def flag(self, key: str) -> bool:
        """Whether a property says yes."""
        return self.values.get(key) in (True, 1, "1", "true")

    def sentence(self, template: object, **more: str) -> Sentence:
        """A sentence whose places are named like the properties."""
        keys = _PLACE.findall(str(template))
        return say(template, {**{key: self._said(key) for key in keys}, **more})

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Everything, as names (in words where there are any) and values."""
        return tuple(
            (str(WORDS.get(key, "")) or self._cleaned(key, 60) or "?", self._said(key, IN_DETAILS))
            for key in list(self.values)[:MOST_ROWS]
        )

    def _said(self, key: str, limit: int = IN_A_SENTENCE) -> str:
        """The same for people: what is there and says nothing is empty; "" only for what is not there."""
        return self.text(key, limit) or (_("(empty)") if key in self.values else "")

    def _worded(self, key: str, value: object, limit: int, depth: int = 0) -> str:
        if _WHOSE.fullmatch(key) and not self.shows_place:
            return _("(hidden)")
        match value:
            case str() if _NAMES.fullmatch(key) and value.lower() in self.hidden:
                return _("(hidden)")
            case None:
                return ""
            case bool():
                return _("yes") if value else _("no")
            case Mapping() | list() if depth >= DEEPEST:
                return "…"
            case {"from": old, "to": new, **rest} if not rest:
                pair = (self._worded(key, one, limit, depth + 1) for one in (old, new))
                return one_line(" → ".join(pair), limit)
            case Mapping():
                some = list(value.items())[:100]
                pairs = [f"{name}: {self._worded(str(name), one, limit, depth + 1)}" for name, one in some]
                return self._list(pairs, limit, len(value))
            case list():
                return self._list([self._worded(key, one, limit, depth + 1) for one in value[:100]], limit, len(value))
            case str():
                return self._cleaned(value, limit)
            case _:
                return self._cleaned(_number(value), limit)

    def _list(self, texts: list[str], limit: int, total: int = 0) -> str:
        shown = texts[: 5 if limit <= IN_A_SENTENCE else 60]
        left = max(total, len(texts)) - len(shown)
        if len(shown) > 1 and limit <= IN_A_SENTENCE:
            shown = [one_line(text, IN_A_LIST) for text in shown]
        said = one_line(", ".join(text for text in shown if text), limit)
        return _("%(names)s and %(count)d more", names=said, count=left) if left else said

    def _cleaned(self, text: str, limit: int) -> str:
        said = one_line(text, limit)
        lower = text.lower()
        return _("(hidden)") if any(one in lower for one in self.hidden if "@" in one) else said


def _number(value: object) -> str:
    try:
        return str(value)
    except ValueError:  # longer than Python writes numbers
        return "…"


Teller = Callable[[Props], Sentence]
