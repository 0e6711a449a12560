"""Where a page of the log ends, as it stands in the address of the next one.

Entries come in at the top all the time, so a number of a page would show some twice. What counts is the time of the
last entry, and which of that very second were shown; the panel's page is only where to look for what follows.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.audit.service import Kept
from portal.pterodactyl.models import ActivityEntry

EARLY_S = 30.0
"""So much earlier than Roost began an act the panel may have written it down: clocks differ, and it keeps seconds."""
MOST = 150
_FORM = re.compile(
    r"(?P<page>\d{1,6})_(?P<before>\d{1,12}(?:\.\d{1,6})?)_(?P<seen>(?:[0-9a-f]{8}){0,150})"
    r"_(?P<used>(?:\d{1,15}-\d{1,4}\.){0,150})_(?P<open>(?:\d{1,15}\.){0,150})(?P<alone>a?)"
)


@dataclass(frozen=True)
class Cursor:
    """`page`: of the panel, 0 when it has nothing older. `before`: what is newer was shown, and of that very time what
    is in `seen`. Of Roost's log what is newer was shown but for `open`, whose entries of the panel may still come;
    `used` were shown although they are older, or may have more entries to come, with how many. `is_alone`: the panel's
    part could not be read."""

    page: int = 1
    before: float = math.inf
    seen: frozenset[str] = frozenset()
    used: Mapping[int, int] = field(default_factory=dict)
    open: frozenset[int] = frozenset()
    is_alone: bool = False

    @property
    def until(self) -> float:
        """The newest moment of Roost's log that may still have something to show."""
        return self.before + EARLY_S

    def has_shown(self, entry: ActivityEntry) -> bool:
        """Whether an entry of the panel was on a page before."""
        at = entry.timestamp.timestamp()
        return at > self.before or (at == self.before and mark(entry) in self.seen)

    def has_left(self, act: Kept) -> bool:
        """Whether an act of Roost's log is still to be shown."""
        return act.id not in self.used and (act.at <= self.before or act.id in self.open)

    def __str__(self) -> str:
        seen = "".join(sorted(self.seen)[:MOST])
        used = "".join(f"{number}-{left}." for number, left in sorted(self.used.items(), reverse=True)[:MOST])
        waiting = "".join(f"{number}." for number in sorted(self.open, reverse=True)[:MOST])
        before = f"{self.before:.6f}".rstrip("0").rstrip(".")
        return f"{self.page}_{before}_{seen}_{used}_{waiting}{'a' if self.is_alone else ''}"


def mark(entry: ActivityEntry) -> str:
    """A short name of an entry."""
    return hashlib.blake2s(entry.id.encode("utf-8", "replace"), digest_size=4).hexdigest()


def read_cursor(text: str) -> Cursor:
    """The place that an address names; the newest entries when it names none."""
    found = _FORM.fullmatch(text) if len(text) <= 4000 and text.isascii() else None
    if found is None:
        return Cursor()
    seen = found["seen"]
    pairs = (one.split("-") for one in found["used"].split(".") if one)
    return Cursor(
        page=int(found["page"]),
        before=float(found["before"]),
        seen=frozenset(seen[at : at + 8] for at in range(0, len(seen), 8)),
        used={int(number): int(left) for number, left in pairs},
        open=frozenset(int(one) for one in found["open"].split(".") if one),
        is_alone=bool(found["alone"]),
    )
