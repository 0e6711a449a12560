"""Which entries of the panel's log and which acts of Roost's own are the same.

With the service key the panel names the portal's account for everything; with their own key it names the person whom
Roost names too. Each act takes at most as many entries as it can have written, the nearest in time first; what tells
the same name or command goes before what only fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.activity.acts import act_of, capacity
from portal.activity.cursor import EARLY_S
from portal.activity.events import FROM_NODES
from portal.audit.service import Kept
from portal.pterodactyl.models import ActivityEntry
from portal.web.text import one_line

EXACT = {"server:console.command": "command", "server:file.write": "file"}
"""Events of which one act tells the very same: another text is another act."""
May = Callable[[ActivityEntry, Kept], bool]


@dataclass
class Pairs:
    """The entries of each act, by its id, and the act of each entry, by the entry's place in the list."""

    entries: dict[int, list[int]] = field(default_factory=dict)
    acts: dict[int, Kept] = field(default_factory=dict)


def pair(entries: Sequence[ActivityEntry], acts: Iterable[Kept], used: Mapping[int, int], may: May) -> Pairs:
    """Pair what belongs together; `entries` the newest first. `used`: acts that were shown, and how many more each has.

    `may`: whether an entry can be what this act left, as far as it says who did it.
    """
    by_event: dict[str, list[Kept]] = {}
    left: dict[int, int] = {}
    for one in acts:
        if one.outcome in ("done", "unknown"):
            left[one.id] = used.get(one.id, capacity(one.action, one.detail))
            for event in act_of(one.action).events:
                by_event.setdefault(event, []).append(one)
    taken: set[tuple[int, str]] = set()
    pairs = Pairs()
    for wanted in (2, 1):
        for number, entry in enumerate(entries):
            if number in pairs.acts:
                continue
            fitting = [
                one
                for one in by_event.get(entry.event, ())
                if left[one.id]
                and ((one.id, entry.event) not in taken or act_of(one.action).events[entry.event] != 1)
                and _agreement(entry, one) == wanted
                and may(entry, one)
            ]
            if fitting:
                act = min(fitting, key=lambda one: _distance(entry, one))
                left[act.id] -= 1
                taken.add((act.id, entry.event))
                pairs.acts[number] = act
                pairs.entries.setdefault(act.id, []).append(number)
    return pairs


def _agreement(entry: ActivityEntry, act: Kept) -> int:
    """0: cannot be the same. 1: nothing speaks against it. 2: it tells the same."""
    late_s = entry.timestamp.timestamp() - act.at
    if not -EARLY_S <= late_s <= act_of(act.action).slow_s:
        return 0
    if not entry.is_api and entry.event not in FROM_NODES:
        return 0
    key = EXACT.get(entry.event)
    value = entry.properties.get(key) if key else None
    if isinstance(value, str) and act.action in ("console.command", "file.write"):
        return 2 if _bare(value) == _bare(act.detail) else 0
    if entry.event != _first(act):
        return 1
    names = (entry.properties.get(name) for name in ("name", "file", "allocation", "variable", "email", "new"))
    said = [one_line(name, 60) for name in names if isinstance(name, str) and name]
    return 2 if any(name in act.detail for name in said if name) else 1


def _bare(text: str) -> str:
    return one_line(text, 500).strip().lstrip("/")


def _distance(entry: ActivityEntry, act: Kept) -> tuple[bool, bool, float]:
    """What mostly writes this goes first; what began afterwards goes last: that is only clocks that differ."""
    late_s = entry.timestamp.timestamp() - act.at
    return entry.event != _first(act), late_s < -1.0, abs(late_s)


def _first(act: Kept) -> str:
    return next(iter(act_of(act.action).events), "")
