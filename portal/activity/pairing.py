"""Which entries of the panel's log and which acts of Roost's own are the same.

With the service key the panel names the portal's account for everything; with their own key it names the person whom
Roost names too. Each act takes at most as many entries as it can have written; what tells the same name or command goes
before what only fits, the person themselves before the portal's account, then the nearest in time.
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

EXACT = {
    "console.command": "command", "file.write": "file", "file.read": "file", "file.download": "file",
}  # fmt: skip
"""Acts that keep the very text which this property of their event has: another text is another act."""
NAMED = {
    "backup.create": "name", "backup.lock": "name", "backup.unlock": "name", "backup.restore": "name",
    "backup.delete": "name", "backup.download": "name", "database.create": "name", "database.rotate": "name",
    "database.delete": "name", "startup.update": "variable", "subuser.create": "email", "subuser.update": "email",
}  # fmt: skip
"""The same for acts that keep a part of it, or more than it: when neither has the other it is another act."""
SURE = 2
TELLS_THE_SAME = 2
May = Callable[[ActivityEntry, Kept], int]


@dataclass
class Pairs:
    """The entries of each act, by its id, and the act of each entry, by the entry's place in the list."""

    entries: dict[int, list[int]] = field(default_factory=dict)
    acts: dict[int, Kept] = field(default_factory=dict)


def pair(entries: Sequence[ActivityEntry], acts: Iterable[Kept], used: Mapping[int, int], may: May) -> Pairs:
    """Pair what belongs together; `entries` the newest first. `used`: acts that were shown, and how many more each has.

    `may`: how well an entry fits an act by who did it (`People.may_be`). Of all that fit, the best pairs are made
    first: what tells the same, then what says the same person, then the nearest in time.
    """
    by_event: dict[str, list[Kept]] = {}
    left: dict[int, int] = {}
    for one in acts:
        if one.outcome in ("done", "unknown"):
            left[one.id] = used.get(one.id, capacity(one.action, one.detail))
            for event in act_of(one.action).events:
                by_event.setdefault(event, []).append(one)
    fitting = []
    for number, entry in enumerate(entries):
        for one in by_event.get(entry.event, ()):
            agreement = _agreement(entry, one)
            sureness = may(entry, one) if agreement else 0
            if agreement == TELLS_THE_SAME and sureness or sureness >= SURE:
                fitting.append(((-agreement, -sureness, *_distance(entry, one), number, one.id), number, one))
    pairs = Pairs()
    taken: set[tuple[int, str]] = set()
    for _rank, number, act in sorted(fitting, key=lambda one: one[0]):
        event = entries[number].event
        is_full = (act.id, event) in taken and act_of(act.action).events[event] == 1
        if number not in pairs.acts and left[act.id] and not is_full:
            left[act.id] -= 1
            taken.add((act.id, event))
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
    if entry.event != _first(act):
        file = entry.properties.get("file") if entry.event == "server:file.uploaded" else None
        return 0 if isinstance(file, str) and one_line(file, 60) not in act.detail else 1
    value = entry.properties.get(EXACT.get(act.action, ""))
    if isinstance(value, str):
        return TELLS_THE_SAME if _bare(value) == _bare(act.detail) else 0
    value = entry.properties.get(NAMED.get(act.action, ""))
    if isinstance(value, str) and value and act.detail:
        told, kept = one_line(value, 500).casefold(), act.detail.casefold()
        return TELLS_THE_SAME if told in kept or kept in told else 0
    names = (entry.properties.get(name) for name in ("name", "file", "allocation", "variable", "email", "new"))
    said = [one_line(name, 60) for name in names if isinstance(name, str) and name]
    return TELLS_THE_SAME if any(name in act.detail for name in said if name) else 1


def _bare(text: str) -> str:
    return one_line(text, 500).strip().lstrip("/")


def _distance(entry: ActivityEntry, act: Kept) -> tuple[bool, bool, float]:
    """What mostly writes this goes first; what began afterwards goes last: that is only clocks that differ."""
    late_s = entry.timestamp.timestamp() - act.at
    return entry.event != _first(act), late_s < -1.0, abs(late_s)


def _first(act: Kept) -> str:
    return next(iter(act_of(act.action).events), "")
