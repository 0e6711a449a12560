"""The list of a person's servers: which they may see, searched, filtered, sorted, cut to a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from portal import clock
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.service import Credential, NoCredential
from portal.paging import pages_of
from portal.servers import reading, records
from portal.servers.facts import Facts
from portal.servers.records import SERVICE, Known, LastReading
from portal.servers.rights import Rights
from portal.servers.rows import Row, digest, live_of, make_rows, problem_now, stops_actions, with_asides
from portal.servers.state import State
from portal.web.formatting import age

PER_PAGE = 25
MOST_WATCHED = 150
SORTS = ("name", "state", "node", "memory", "cpu")
LIVE_SORTS = ("state", "memory", "cpu")
GROUPS: dict[str, frozenset[State]] = {
    "running": frozenset({State.RUNNING}),
    "offline": frozenset({State.OFFLINE, State.STOPPED_AGAIN, State.REINSTALL_FAILED}),
    "changing": frozenset({State.STARTING, State.STOPPING, State.INSTALLING, State.RESTORING, State.TRANSFERRING}),
    "suspended": frozenset({State.SUSPENDED}),
    "trouble": frozenset(
        {State.NODE_UNREACHABLE, State.PANEL_UNREACHABLE, State.MAINTENANCE, State.INSTALL_FAILED, State.STOPPED_AGAIN}
    ),
}


@dataclass(frozen=True)
class ListQuery:
    """What the customer asked of the list; every value is one of the offered ones."""

    text: str = ""
    state: str = ""
    sort: str = "name"
    page: int = 1

    @property
    def needs_states(self) -> bool:
        """Whether the answer depends on the live state of servers that are not on the page."""
        return bool(self.state) or self.sort in LIVE_SORTS


@dataclass(frozen=True)
class ServerList:
    """One page of a customer's servers. `problem` is a word of `reading.problem_of`, or why there is no key.

    `total` is what the panel says; `unread` how many servers a filter or order by state does not know yet, or how
    many the panel has not told of yet; `gone` are identifiers that a page shows but the person no longer may see.
    """

    rows: tuple[Row, ...]
    query: ListQuery
    found: int
    total: int
    unread: int
    pages: int
    counts: dict[str, int]
    read_at: float | None
    problem: str | None
    is_panel_down: bool
    gone: tuple[str, ...] = ()

    @property
    def was_never_read(self) -> bool:
        """Nothing was ever read: emptiness means nothing."""
        return self.read_at is None

    @property
    def status(self) -> str:
        """Changes whenever what the list says of itself would look different."""
        how_old = age(self.read_at) if self.problem and self.read_at else None
        return digest(self.problem, self.was_never_read, self.total, self.unread, how_old)


def list_servers(
    viewer: Viewer, query: ListQuery, *, ask: bool = True, on_page: Collection[str] | None = None
) -> ServerList:
    """A page of the viewer's servers; with `ask` the panel may be asked once, else only the store is read.

    `on_page` are the identifiers that a page shows already: they stay its rows though the query finds others by now.
    """
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    last = _last_reading(viewer, credential, ask=ask)
    mine = _mine(viewer, credential)
    live = live_of(mine, is_service=reading.scope_of(viewer, credential) == SERVICE)
    problem = credential.cause if isinstance(credential, NoCredential) else problem_now(last, live.values())
    rows = make_rows(mine, live, is_panel_down=stops_actions(problem))
    found, counts = _found(rows, query)
    pages = pages_of(len(found), PER_PAGE)
    first = (min(query.page, pages) - 1) * PER_PAGE
    shown = found[first : first + PER_PAGE]
    if on_page is not None:
        shown = [row for row in rows if row.facts.identifier in on_page]
    looked_at = rows[:MOST_WATCHED] if query.needs_states else []
    records.watch(viewer.account_id, sorted({row.facts.uuid for row in [*shown, *looked_at]}))
    untold = _untold(last, rows, credential)
    unread = sum(row.was_never_read for row in looked_at) if problem is None else 0
    gone = () if on_page is None else _not_in(rows, on_page)
    return ServerList(
        rows=tuple(with_asides(viewer.account_id, shown)),
        query=query,
        found=len(found),
        total=len(rows) + untold,
        unread=untold + unread,
        pages=pages,
        counts=counts,
        read_at=last.read_at,
        problem=problem,
        is_panel_down=stops_actions(problem),
        gone=gone,
    )


def servers_of(viewer: Viewer) -> list[tuple[Facts, Rights]]:
    """Every server that a person may see, as known last, with their rights; no panel call."""
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    return [(known.facts, rights) for known, rights in _mine(viewer, credential)]


def _not_in(rows: list[Row], identifiers: Iterable[str]) -> tuple[str, ...]:
    there = {row.facts.identifier for row in rows}
    return tuple(one for one in identifiers if one not in there)


def _untold(last: LastReading, rows: list[Row], credential: Credential | NoCredential) -> int:
    """How many servers of a long list the panel has not told of yet; the background process reads the rest."""
    is_long = isinstance(credential, Credential) and credential.kind == "own" and last.total > reading.PER_CALL
    return max(0, last.total - len(rows)) if is_long else 0


def _last_reading(viewer: Viewer, credential: Credential | NoCredential, *, ask: bool) -> LastReading:
    if reading.scope_of(viewer, credential) == SERVICE:
        # The list is as good as the older of its two halves: how servers are, and whose they are.
        halves = records.last_reading("service"), records.last_reading("directory")
        return min(halves, key=lambda one: one.read_at or 0.0)
    if ask and isinstance(credential, Credential):
        return reading.refresh_list(viewer, credential)
    return records.last_reading(f"account:{viewer.account_id}")


def _mine(viewer: Viewer, credential: Credential | NoCredential) -> list[tuple[Known, Rights]]:
    """The servers that this person may see, with their rights.

    With the service key the rights decide. With their own key the panel's list does; the rights of a server that they
    share come from the directory, and a server that was listed before the directory was read needs them.
    """
    granted = records.rights_of(viewer.panel_user_id) if viewer.panel_user_id is not None else {}
    scope = reading.scope_of(viewer, credential)
    directory_at = records.last_reading("directory").read_at or 0.0
    nothing = Rights(False, (), clock.now())
    mine = []
    for known in records.known(scope):
        rights = granted.get(known.facts.uuid)
        if rights is None and scope != SERVICE and isinstance(credential, Credential) and known.read_at >= directory_at:
            rights = nothing
        if rights is not None:
            mine.append(
                (Known(known.facts.seen_by(rights) if scope == SERVICE else known.facts, known.read_at), rights)
            )
    return mine


def _found(rows: list[Row], query: ListQuery) -> tuple[list[Row], dict[str, int]]:
    """The rows that fit, in order, and how many of those that fit the text are in each group of states."""
    words = query.text.casefold().split()
    found = [row for row in rows if all(word in _searchable(row.facts) for word in words)]
    counts = Counter(group for row in found for group, states in GROUPS.items() if row.condition.state in states)
    if query.state in GROUPS:
        found = [row for row in found if row.condition.state in GROUPS[query.state]]
    return sorted(found, key=lambda row: _sort_key(row, query.sort)), dict(counts)


def _searchable(facts: Facts) -> str:
    addresses = " ".join(f"{one.ip}:{one.port} {one.ip_alias or ''}:{one.port}" for one in facts.allocations)
    return f"{facts.name} {facts.description} {facts.node} {facts.identifier} {addresses}".casefold()


def _sort_key(row: Row, sort: str) -> tuple[object, ...]:
    name = (row.facts.name.casefold(), row.facts.identifier)
    usage = row.condition.usage
    match sort:
        case "state":
            return (list(State).index(row.condition.state), *name)
        case "node":
            return (row.facts.node.casefold(), *name)
        case "memory":
            return (-(usage.memory_bytes if usage else -1), *name)
        case "cpu":
            return (-(usage.cpu_percent if usage else -1.0), *name)
        case _:
            return name
