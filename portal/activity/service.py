"""The log of a server: what the panel's log and Roost's own tell, as one list, the newest first.

One call reads one page of the panel's log; Roost's part is that of the same time. See `cursor.py` for how pages go on
while entries are added, `pairing.py` for what both logs tell, `merging.py` for one piece, `people.py` for who is named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from portal.activity import groups
from portal.activity.acts import LONG_S
from portal.activity.cursor import Cursor, read_cursor
from portal.activity.lines import Line
from portal.activity.merging import Piece
from portal.activity.people import Who, named
from portal.audit import service as audit
from portal.audit.service import Kept
from portal.auth.sessions import Viewer
from portal.pterodactyl.models import ActivityEntry, Page
from portal.servers.door import looking
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen

PER_PAGE = 30
SEARCHING_PER_PAGE = 100
MOST_PAGES = 5
"""So many pages of the panel are read at most where it cannot look for what is asked."""
ENOUGH = 20
MOST_ACTS = 500
MOST_BELOW = 300
FORBIDDEN = (403, 404)
NOBODY: tuple[Who, ...] = ()


@dataclass(frozen=True)
class Query:
    """What is asked for: a group of events, a person by their key, where to go on. Empty: everything, the newest."""

    group: str = ""
    who: str = ""
    after: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.group or self.who)


@dataclass(frozen=True)
class Shown:
    """One page. `older` leads to the next one, "" at the end. `people` are those that can be asked for.

    `trouble`: the panel's part is missing. `is_alone`: so it is on all pages from here on.
    `is_cut`: it was not looked through to the end, and may hold more.
    """

    query: Query
    lines: tuple[Line, ...] = ()
    older: str = ""
    people: tuple[Who, ...] = NOBODY
    trouble: Trouble | None = None
    is_cut: bool = False
    is_alone: bool = False

    @property
    def is_first(self) -> bool:
        """Whether these are the newest entries."""
        return not self.query.after

    @property
    def is_forbidden(self) -> bool:
        """Whether the panel says that this person may not read it at all."""
        return self.trouble is not None and self.trouble.status in FORBIDDEN


@dataclass
class _Step:
    lines: list[Line] = field(default_factory=list)
    after: Cursor | None = None
    trouble: Trouble | None = None


def read(viewer: Viewer, opened: Opened, query: Query) -> Shown:
    """A page of the log. One panel call; a few more while nothing fits, at most five where the panel cannot look for
    what is asked.

    Raises nothing of the library: what could not be read is `trouble`.
    """
    group = query.group if query.group in groups.GROUPS else ""
    query = replace(query, group=group, who=query.who[:200])
    cursor: Cursor | None = read_cursor(query.after)
    searches = bool(query.who) or (bool(group) and groups.GROUPS[group].asks == "")
    found: list[Line] = []
    everybody: dict[str, Who] = {query.who: named(query.who)} if query.who else {}
    trouble: Trouble | None = None
    for _number in range(MOST_PAGES if searches else 3):
        if cursor is None:
            break
        step = _step(viewer, opened, group, cursor, SEARCHING_PER_PAGE if searches else PER_PAGE)
        cursor, trouble = step.after, step.trouble
        everybody |= {line.who.key: line.who for line in step.lines}
        found += [line for line in step.lines if not query.who or line.who.key == query.who]
        if trouble or (found and not searches) or len(found) >= ENOUGH:
            break
    people = tuple(sorted(everybody.values(), key=lambda one: (one.kind != "you", one.kind != "person", one.name)))
    return Shown(
        query=query,
        lines=tuple(found),
        older=str(cursor) if cursor else "",
        people=people,
        trouble=trouble,
        is_cut=cursor is not None and searches,
        is_alone=trouble is not None or read_cursor(query.after).is_alone,
    )


def _step(viewer: Viewer, opened: Opened, group: str, cursor: Cursor, per_page: int) -> _Step:
    answer = _ask(viewer, opened, group, cursor, per_page)
    trouble = answer if isinstance(answer, Trouble) else None
    if trouble and trouble.status in FORBIDDEN:
        return _Step(trouble=trouble)
    page = None if isinstance(answer, Trouble) else answer
    items = [one for one in page.items if groups.has_event(group, one.event)] if page else []
    floor, is_more = -math.inf, False
    if page and page.items and cursor.page < page.total_pages:
        floor, is_more = min(one.timestamp.timestamp() for one in page.items), True
    fresh = [one for one in reversed(items) if not cursor.has_shown(one)]
    fresh.sort(key=lambda one: one.timestamp, reverse=True)
    window = audit.of_server(opened.facts.uuid, since=max(floor, 0.0), until=min(cursor.until, 1e12), limit=MOST_ACTS)
    low = max(floor, window[-1].at) if len(window) == MOST_ACTS else floor
    below = _below(opened, low, window, fresh)
    part = Piece(viewer, opened, group, cursor, fresh, window, below, floor=floor, low=low, is_more=is_more)
    part.is_alone = cursor.is_alone or trouble is not None
    lines, after = part.cut(2 * per_page)
    if not lines and after is not None and after.before > low:
        lines, after = part.cut(None)
    return _Step(lines, after, trouble)


def _ask(
    viewer: Viewer, opened: Opened, group: str, cursor: Cursor, per_page: int
) -> Page[ActivityEntry] | Trouble | None:
    asks = groups.GROUPS[group].asks if group else ""
    if not cursor.page or cursor.is_alone or asks is None:
        return None

    def page() -> Page[ActivityEntry]:
        with looking(viewer) as api:
            return api.activity.of_server(
                opened.facts.identifier, event=asks or None, include_actor=True, page=cursor.page, per_page=per_page
            )

    return seen(opened, page)


def _below(opened: Opened, low: float, window: tuple[Kept, ...], fresh: list[ActivityEntry]) -> tuple[Kept, ...]:
    """Acts of Roost's log that are older than what is shown, but may have left entries in it."""
    if not fresh or low == -math.inf:
        return ()
    there = {one.id for one in window}
    older = audit.of_server(opened.facts.uuid, since=max(low - LONG_S, 0.0), until=low, limit=MOST_BELOW)
    return tuple(one for one in older if one.id not in there)
