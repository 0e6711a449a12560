"""One piece of the panel's log and of Roost's own of the same time, put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

from portal.activity import groups
from portal.activity.acts import act_of, capacity
from portal.activity.cursor import EARLY_S, Cursor, mark
from portal.activity.lines import Line, Telling
from portal.activity.pairing import Pairs, pair
from portal.activity.people import People
from portal.audit.service import Kept
from portal.auth.sessions import Viewer
from portal.pterodactyl.models import ActivityEntry
from portal.servers.reading import Opened

SAME_S = 0.001
"""Times in addresses are cut; what is so near is the same."""


@dataclass
class Piece:
    """What was read for one step: entries of the panel and acts of Roost, not yet put together.

    `floor` is the time of the oldest entry that was read, where there are older ones; `low` that of the oldest act,
    where these are more than were read.
    """

    viewer: Viewer
    opened: Opened
    group: str
    cursor: Cursor
    fresh: list[ActivityEntry]
    window: tuple[Kept, ...]
    below: tuple[Kept, ...]
    floor: float
    low: float
    is_more: bool
    is_alone: bool = False

    def __post_init__(self) -> None:
        there = (*self.window, *self.below)
        self.acts = tuple(one for one in there if self.cursor.has_left(one) or self.cursor.used.get(one.id))
        ids = {one.account_id for one in self.acts if one.account_id is not None}
        names = {one.actor.username for one in self.fresh if one.actor is not None}
        self.people = People(self.viewer, self.opened.facts.uuid, ids, names)
        self.people.learn(self.fresh)
        self.pairs: Pairs = pair(
            self.fresh, self.acts, self.cursor.used, lambda entry, act: self.people.may_be(entry, act.account_id)
        )
        alone = [one for number, one in enumerate(self.fresh) if number not in self.pairs.acts]
        shared = [
            one.actor
            for number, one in enumerate(self.fresh)
            if one.actor is not None
            and number in self.pairs.acts
            and not self.people.is_called(self.pairs.acts[number].account_id, one.actor)
        ]
        self.people.settle(alone, shared)
        self.telling = Telling(self.viewer, self.opened, self.people)

    def cut(self, most: int | None) -> tuple[list[Line], Cursor | None]:
        """About `most` lines at least (None: all that was read), and where to go on."""
        lines = sorted(self._lines(), key=lambda one: -one.at)
        end = min(self.low, self.cursor.before)
        if most is not None and len(lines) > most:
            end = max(end, lines[most - 1].at)
        lines = [one for one in lines if one.at >= end]
        if end == -math.inf:
            return lines, None
        taken = [number for number, one in enumerate(self.fresh) if one.timestamp.timestamp() >= end]
        shown = {line.act_id for line in lines}
        marks = {mark(self.fresh[number]) for number in taken if self.fresh[number].timestamp.timestamp() == end}
        is_read = len(taken) == len(self.fresh)
        page = self.cursor.page if not is_read else self.cursor.page + 1 if self.is_more else 0
        return lines, Cursor(
            page=page,
            before=end,
            seen=frozenset(marks | (self.cursor.seen if self.cursor.before == end else frozenset())),
            used=self._used(shown, set(taken), end),
            open=self._open(shown, end),
            is_alone=self.is_alone,
        )

    def _used(self, shown: set[int], taken: set[int], end: float) -> dict[int, int]:
        """Acts that were shown but would be found again, with how many entries of the panel each still may have."""
        used = dict(self.cursor.used)
        for number in taken & set(self.pairs.acts):
            act = self.pairs.acts[number]
            used[act.id] = used.get(act.id, capacity(act.action, act.detail)) - 1
        for act in self.acts:
            if act.id in shown:
                used.setdefault(act.id, 0)
        newest = {act.id: end + (EARLY_S if used.get(act.id) else SAME_S) for act in self.acts}
        times = {act.id: act.at for act in self.acts}
        return {number: left for number, left in used.items() if times.get(number, 0.0) <= newest.get(number, end)}

    def _open(self, shown: set[int], end: float) -> frozenset[int]:
        """Acts newer than where this ends that were not shown yet."""
        return frozenset(
            act.id
            for act in self.window
            if end < act.at <= end + EARLY_S and act.id not in shown and self.cursor.has_left(act) and self._fits(act)
        )

    def _lines(self) -> list[Line]:
        acts = {one.id: one for one in self.acts}
        alone = [one for number, one in enumerate(self.fresh) if number not in self.pairs.acts]
        lines = [self.telling.by_panel(one) for one in alone]
        for number, places in self.pairs.entries.items():
            if number not in self.cursor.used:
                lines.append(self.telling.by_both(acts[number], [self.fresh[place] for place in sorted(places)]))
        for act in self.window:
            is_left = act.id not in self.pairs.entries and self.cursor.has_left(act)
            if is_left and self._fits(act) and not self._waits(act):
                lines.append(self.telling.by_roost(act))
        return lines

    def _fits(self, act: Kept) -> bool:
        return self.telling.may_see(act) and groups.has_action(self.group, act.action)

    def _waits(self, act: Kept) -> bool:
        """Whether the panel's entry of an act may be on its next page: then both are shown there."""
        is_there = bool(act_of(act.action).events) and act.outcome in ("done", "unknown")
        return is_there and act.at - EARLY_S < self.floor
