"""The tables of servers, read and written as the dataclasses of this package."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.pterodactyl.errors import BadAnswer
from portal.servers.facts import Facts
from portal.servers.models import Grant, LiveState, PanelServer, PowerRequest, Reading, Snapshot, Watch
from portal.servers.rights import Rights, Startup
from portal.servers.state import Asked, Live, Usage, has_stopped_again
from portal.store import read, write
from portal.store.types import dump, load
from portal.store.upsert import upsert

SERVICE = 0
"""Scope of what the service key read; other scopes are account ids."""
WATCH_S = 45.0
FIGURES = (
    "current_state", "memory_bytes", "cpu_percent", "disk_bytes", "network_rx_bytes", "network_tx_bytes", "uptime_ms",
    "read_at",
)  # fmt: skip
"""What a usage reading and its row have in common."""


@dataclass(frozen=True)
class Known:
    """A server as last read for a scope, and when."""

    facts: Facts
    read_at: float


@dataclass(frozen=True)
class LastReading:
    """When a list was last read in whole, how many there were, and what went wrong since."""

    read_at: float | None
    total: int
    error: str | None
    error_at: float | None


def identity(identifier: str) -> PanelServer | None:
    """The server of an identifier, if any key of ours has ever seen it."""
    with read() as session:
        return session.scalar(select(PanelServer).where(PanelServer.identifier == identifier))


def startup_of(server: PanelServer) -> Startup | None:
    """How its startup command is written; None until the portal's own key has seen the server."""
    if server.startup_command is None:
        return None
    return Startup(server.startup_command, tuple(json.loads(server.environment_names)))


def rights(server_uuid: str, panel_user_id: int) -> Rights | None:
    """What the panel said last about a person and a server; None when they have nothing to do with each other."""
    with read() as session:
        row = session.get(Grant, (server_uuid, panel_user_id))
    return _rights(row) if row and not row.is_revoked else None


def rights_of(panel_user_id: int) -> dict[str, Rights]:
    """All servers that a panel user owns or shares, by uuid."""
    with read() as session:
        rows = session.scalars(select(Grant).where(Grant.panel_user_id == panel_user_id, ~Grant.is_revoked)).all()
    return {row.server_uuid: _rights(row) for row in rows}


def save_view(scope: int, facts: Facts, panel_user_id: int, rights: Rights) -> None:
    """Remember one server that was just read for a person, together with that person's rights."""
    with write() as session:
        save_facts_in(session, scope, [facts], rights.read_at)
        _share_standing(session, scope, facts, rights.read_at)
        upsert(session, Grant, [grant_row(facts.uuid, panel_user_id, rights)])


def save_facts(scope: int, facts: Facts, read_at: float) -> None:
    """Remember one server that was just read, and nobody's rights."""
    with write() as session:
        save_facts_in(session, scope, [facts], read_at)
        _share_standing(session, scope, facts, read_at)


def save_status(server_uuid: str, status: str | None, read_at: float) -> None:
    """Remember in which status the panel just showed a server, for everybody who sees it (consoles close by that)."""
    revise(server_uuid, read_at, lambda _scope, facts: replace(facts, status=status))


def revise(server_uuid: str, at: float, change: Callable[[int, Facts], Facts]) -> None:
    """Put right what is known of a server, for everybody who sees it: what was read after `at` stays as it is.

    `change` is told whose reading it is, too. Writes only where something differs.
    """
    older = select(Snapshot).where(Snapshot.server_uuid == server_uuid, Snapshot.read_at <= at)
    with read() as session:
        if all(_revised(row, change) is None for row in session.scalars(older)):
            return
    with write() as session:
        for row in session.scalars(older):
            row.facts = _revised(row, change) or row.facts


def _revised(row: Snapshot, change: Callable[[int, Facts], Facts]) -> str | None:
    known = load(Facts, row.facts)
    facts = change(row.scope, known)
    return None if facts == known else dump(facts)


def save_rights(server_uuid: str, panel_user_id: int, rights: Rights | None, read_at: float) -> None:
    """Replace the rights of one person. None takes them away, for good against readings that began earlier."""
    row = grant_row(server_uuid, panel_user_id, rights or Rights(False, (), read_at)) | {"is_revoked": rights is None}
    with write() as session:
        upsert(session, Grant, [row])


def save_list(scope: int, name: str, servers: Sequence[Facts], total: int, read_at: float, *, is_whole: bool) -> None:
    """Remember a list, or a page of one, that was just read. A whole list also forgets what is no longer in it."""
    with write() as session:
        save_facts_in(session, scope, servers, read_at)
        if is_whole:
            session.execute(delete(Snapshot).where(Snapshot.scope == scope, Snapshot.read_at < read_at))
        session.merge(Reading(name=name, read_at=read_at, total=total, error=None, error_at=None))


def save_ownership(panel_user_id: int, server_uuids: Sequence[str], read_at: float) -> None:
    """Remember that a panel user owns servers, as a list read with their own key just said."""
    owner = Rights(True, (), read_at)
    with write() as session:
        upsert(session, Grant, [grant_row(uuid, panel_user_id, owner) for uuid in server_uuids])


def save_read(name: str, total: int, read_at: float) -> None:
    """Remember that a list was read in whole."""
    with write() as session:
        session.merge(Reading(name=name, read_at=read_at, total=total, error=None, error_at=None))


def save_failure(name: str, error: str) -> None:
    """Remember that reading a list failed; what was read before stays."""
    with write() as session:
        upsert(session, Reading, [{"name": name, "error": error, "error_at": clock.now()}])


def last_reading(name: str) -> LastReading:
    """When a list was read last."""
    with read() as session:
        row = session.get(Reading, name)
    return LastReading(row.read_at, row.total, row.error, row.error_at) if row else LastReading(None, 0, None, None)


def known(scope: int) -> list[Known]:
    """Every server of a scope as last read."""
    with read() as session:
        rows = session.scalars(select(Snapshot).where(Snapshot.scope == scope)).all()
    return [Known(load(Facts, row.facts), row.read_at) for row in rows]


def known_one(scope: int, server_uuid: str) -> Known | None:
    """One server of a scope as last read."""
    with read() as session:
        row = session.get(Snapshot, (scope, server_uuid))
    return Known(load(Facts, row.facts), row.read_at) if row else None


def forget(scope: int, server_uuid: str) -> None:
    """Drop a server from a scope that may no longer see it."""
    with write() as session:
        session.execute(delete(Snapshot).where(Snapshot.scope == scope, Snapshot.server_uuid == server_uuid))


def forget_scope_in(session: Session, scope: int) -> None:
    """Drop everything that a person's own key has seen, inside somebody's write()."""
    session.execute(delete(Snapshot).where(Snapshot.scope == scope))
    session.execute(delete(Watch).where(Watch.account_id == scope))
    session.execute(delete(Reading).where(Reading.name == f"account:{scope}"))


def live(server_uuids: Sequence[str]) -> dict[str, Live]:
    """The live side of servers, by uuid."""
    with read() as session:
        rows = session.scalars(select(LiveState).where(LiveState.server_uuid.in_(server_uuids))).all()
    return {row.server_uuid: _live(row) for row in rows}


def save_usage(server_uuid: str, usage: Usage) -> None:
    """Store a reading: since when its state is seen, and whether a start of a moment ago stopped again."""
    save_usages({server_uuid: usage})


def save_usages(usages: Mapping[str, Usage]) -> None:
    """The same for many servers, by uuid. Few statements, however many: nobody else can write meanwhile."""
    uuids = list(usages)
    with write() as session:
        known = session.scalars(select(LiveState).where(LiveState.server_uuid.in_(uuids)))
        before = {row.server_uuid: row for row in known}
        upsert(session, LiveState, [_usage_row(uuid, usage, before.get(uuid)) for uuid, usage in usages.items()])
        for asked in session.scalars(select(PowerRequest).where(PowerRequest.server_uuid.in_(uuids))):
            _note_effect(asked, usages[asked.server_uuid])


def _usage_row(server_uuid: str, usage: Usage, before: LiveState | None) -> dict[str, Any]:
    is_same = before is not None and before.current_state == usage.current_state
    since = before.state_since if before is not None and is_same and before.state_since else usage.read_at
    row = {name: getattr(usage, name) for name in FIGURES}
    return row | {"server_uuid": server_uuid, "tried_at": usage.read_at, "error": None, "state_since": since}


def _note_effect(asked: PowerRequest, usage: Usage) -> None:
    if usage.current_state not in ("offline", "stopped"):
        if asked.outcome == "stopped_again":
            asked.outcome = "accepted"
    elif has_stopped_again(_asked(asked), usage):
        asked.outcome = "stopped_again"


def save_no_usage(server_uuid: str, error: str | None) -> None:
    """Store that there is no new reading, and why; the last good figures stay."""
    with write() as session:
        upsert(session, LiveState, [{"server_uuid": server_uuid, "tried_at": clock.now(), "error": error}])


def asked(server_uuids: Sequence[str]) -> dict[str, Asked]:
    """The last power signals of servers, by uuid."""
    with read() as session:
        rows = session.scalars(select(PowerRequest).where(PowerRequest.server_uuid.in_(server_uuids))).all()
    return {row.server_uuid: _asked(row) for row in rows}


def save_asked(server_uuid: str, account_id: int, asked: Asked | None) -> None:
    """Remember the power signal that was just sent; None when there is none to remember."""
    with write() as session:
        if asked is None:
            session.execute(delete(PowerRequest).where(PowerRequest.server_uuid == server_uuid))
            return
        session.merge(
            PowerRequest(
                server_uuid=server_uuid, signal=asked.signal, asked_at=asked.at, account_id=account_id,
                state_before=asked.state_before, outcome=asked.outcome,
            )
        )  # fmt: skip


def watch(account_id: int, server_uuids: Sequence[str]) -> None:
    """Say that somebody looks at these servers. Written at most every 25 s, so a poll costs no write."""
    now = clock.now()
    with read() as session:
        fresh = select(Watch.server_uuid).where(Watch.account_id == account_id, Watch.until > now + WATCH_S - 25)
        due = set(server_uuids) - set(session.scalars(fresh))
    if not due:
        return
    rows = [{"server_uuid": uuid, "account_id": account_id, "until": now + WATCH_S} for uuid in sorted(due)]
    with write() as session:
        session.execute(delete(Watch).where(Watch.until < now))
        upsert(session, Watch, rows)


def grant_row(server_uuid: str, panel_user_id: int, rights: Rights) -> dict[str, Any]:
    """The row that says what one person may do."""
    return {
        "server_uuid": server_uuid, "panel_user_id": panel_user_id, "is_owner": rights.is_owner,
        "permissions": json.dumps(rights.permissions), "read_at": rights.read_at, "is_revoked": False,
    }  # fmt: skip


def save_servers_in(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows of panel_server. A server that had one of their identifiers before is gone: the panel gave it anew.

    Raises BadAnswer when two of the rows share an identifier.
    """
    taken = {row["identifier"]: row["uuid"] for row in rows}
    if len(taken) != len({row["uuid"] for row in rows}):
        raise BadAnswer("two servers under one identifier")
    session.execute(
        delete(PanelServer).where(PanelServer.identifier.in_(taken), PanelServer.uuid.not_in(taken.values()))
    )
    upsert(session, PanelServer, rows)


def save_facts_in(session: Session, scope: int, servers: Sequence[Facts], read_at: float) -> None:
    """Store servers and how a scope sees them, inside somebody's write()."""
    known = [
        {"uuid": one.uuid, "identifier": one.identifier, "internal_id": one.internal_id, "seen_at": read_at}
        for one in servers
    ]
    save_servers_in(session, known)
    facts = [{"scope": scope, "server_uuid": one.uuid, "facts": dump(one), "read_at": read_at} for one in servers]
    upsert(session, Snapshot, facts)


def _share_standing(session: Session, scope: int, facts: Facts, read_at: float) -> None:
    """Suspended, installing, moving or in maintenance is the same for everybody who sees the server."""
    others = select(Snapshot).where(
        Snapshot.server_uuid == facts.uuid, Snapshot.scope != scope, Snapshot.read_at < read_at
    )
    for row in session.scalars(others):
        row.facts = dump(
            replace(
                load(Facts, row.facts),
                status=facts.status,
                is_transferring=facts.is_transferring,
                is_node_under_maintenance=facts.is_node_under_maintenance,
            )
        )


def _rights(row: Grant) -> Rights:
    return Rights(row.is_owner, tuple(json.loads(row.permissions)), row.read_at)


def _live(row: LiveState) -> Live:
    if row.read_at is None or row.current_state is None:
        return Live(None, row.tried_at, row.error)
    usage = Usage(**{name: getattr(row, name) for name in FIGURES}, since=row.state_since or row.read_at)
    return Live(usage, row.tried_at, row.error)


def _asked(row: PowerRequest) -> Asked:
    return Asked(row.signal, row.asked_at, row.state_before, row.outcome)
