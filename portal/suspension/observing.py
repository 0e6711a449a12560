"""What the panel showed of each server, kept from whole lists and from single readings; newer readings win.

A list from which many servers vanished at once, or that gives a known id to another server, comes from the wrong panel
or an empty database: it is doubted, and while it is nothing is suspended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.alerts import service as alerts
from portal.audit import changes
from portal.pterodactyl.models import AppServer
from portal.store import read, write
from portal.store.state import StoreState
from portal.store.upsert import upsert
from portal.suspension import ahead, calls
from portal.suspension.models import Observed
from portal.web.i18n import _

BUSY: Final = frozenset({"installing", "restoring_backup"})
"""In these states a suspension would be lost at their end, and they would be lost with the suspension."""
DOUBT: Final = "directory_doubt"
READ: Final = "observed_list"
MOST_VANISHED: Final = 5
MOST_VANISHED_SHARE: Final = 0.2
AT_ONCE: Final = 200
FORGET_S: Final = 86_400


@dataclass(frozen=True)
class Doubt:
    """Why the last list of servers is not believed, since when, and when the last believed one was read."""

    at: int
    why: str
    believed_at: int


def note(servers: Sequence[AppServer], read_at: float) -> None:
    """Remember a whole list of the panel's servers whose reading began at `read_at`."""
    began_at = int(read_at)
    _put_right(began_at)
    _judge(servers, began_at)
    for first in range(0, len(servers), AT_ONCE):
        _note_some({one.uuid: one for one in servers[first : first + AT_ONCE]}, began_at)
    if doubt() is None:
        with write() as session:
            session.execute(delete(Observed).where(Observed.read_at < began_at - FORGET_S))


def note_in(session: Session, server: AppServer, read_at: float) -> Observed:
    """Remember one server that was just read by its id, inside somebody's write(); returns how it stands now."""
    ahead.put_right_in(session, int(read_at), server.uuid)
    before = session.get(Observed, server.uuid)
    row = _row(server, int(read_at), before)
    if before is None:
        before = Observed(**row)
        session.add(before)
    elif before.read_at <= int(read_at):
        has_changed = before.is_suspended != server.is_suspended
        for name, value in row.items():
            setattr(before, name, value)
        session.flush()
        if has_changed:
            calls.effect_seen_in(session, before)
    session.flush()
    return before


def doubt() -> Doubt | None:
    """Why the last list of servers is not believed; None while it is."""
    with read() as session:
        row = session.get(StoreState, DOUBT)
    return Doubt(**json.loads(row.value)) if row else None


def believe(by: int | None) -> None:
    """An administrator says that the panel is the right one and those servers are really gone."""
    with write() as session:
        row = session.get(StoreState, DOUBT)
        if row is None:
            return
        session.delete(row)
        session.merge(StoreState(name=READ, value=str(int(clock.now()))))
        changes.note_in(session, "confirm", by=by, before={DOUBT: True}, after={DOUBT: None}, why="the list is right")
    alerts.over(DOUBT)


def believed_at() -> int | None:
    """When the last whole list that is believed was read; what is older says nothing of now."""
    with read() as session:
        row = session.get(StoreState, READ)
    return int(row.value) if row else None


def _judge(servers: Sequence[AppServer], began_at: int) -> None:
    """Compare a list with the last believed one, before it is stored."""
    why, since = _what_is_wrong(servers), believed_at() or 0
    standing = doubt()
    with write() as session:
        if why is None:
            session.merge(StoreState(name=READ, value=str(began_at)))
            if standing is not None:
                session.delete(session.get_one(StoreState, DOUBT))
        else:
            found = Doubt(standing.at if standing else began_at, why, since)
            session.merge(StoreState(name=DOUBT, value=json.dumps(asdict(found))))
    if why is None:
        alerts.over(DOUBT)
        return
    alerts.alert(
        DOUBT,
        _("The list of servers is not believed"),
        why,
        _("Is this the right panel, and is its database whole? Nothing is suspended until it is, or you say so."),
    )


def _put_right(began_at: int) -> None:
    """If the clock was ahead, what it wrote is no later than this list; nor is the last list that is believed."""
    with write() as session:
        ahead.put_right_in(session, began_at)
        row = session.get(StoreState, READ)
        if row is not None and int(row.value) > clock.now():
            row.value = str(began_at - 1)


def _what_is_wrong(servers: Sequence[AppServer]) -> str | None:
    """Why a list cannot be right. One server of a few is deleted every day; two of a few at once are not."""
    if not mode.is_shown():
        return None  # nobody is suspended, and there is no page on which it could be believed
    uuids, by_id = {one.uuid for one in servers}, {one.internal_id: one.uuid for one in servers}
    since = believed_at()
    if since is None:
        return None
    with read() as session:
        query = select(Observed.server_uuid, Observed.internal_id).where(Observed.read_at >= since)
        known = {row.server_uuid: row.internal_id for row in session.execute(query)}
    swapped = sum(1 for uuid, number in known.items() if by_id.get(number, uuid) != uuid)
    if swapped:
        return _("%(count)s servers have the id of another one.", count=swapped)
    vanished = len(known.keys() - uuids)
    if vanished > MOST_VANISHED or vanished > max(1, MOST_VANISHED_SHARE * len(known)):
        return _("%(count)s of %(all)s servers vanished at once.", count=vanished, all=len(known))
    return None


def _note_some(servers: Mapping[str, AppServer], began_at: int) -> None:
    with write() as session:
        query = select(Observed).where(Observed.server_uuid.in_(servers))
        known = {row.server_uuid: row for row in session.scalars(query)}
        called = calls.sent_since_in(session, servers, began_at)
        rows = []
        same = []
        for uuid, server in servers.items():
            before = known.get(uuid)
            if uuid in called or (before is not None and before.read_at >= began_at):
                continue  # called or read by itself meanwhile: what this list shows may be of before or after
            row = _row(server, began_at, before)
            if before is not None and all(getattr(before, name) == row[name] for name in row if name != "read_at"):
                same.append(uuid)
            else:
                rows.append(row)
        changed = [row for row in rows if (one := known.get(row["server_uuid"])) and row["since"] != one.since]
        upsert(session, Observed, rows)
        session.execute(update(Observed).where(Observed.server_uuid.in_(same)).values(read_at=began_at))
        for row in changed:
            calls.effect_seen_in(session, Observed(**row))


def _row(server: AppServer, read_at: int, before: Observed | None) -> dict[str, Any]:
    is_same = before is not None and before.is_suspended == server.is_suspended
    busy_at = read_at if server.status in BUSY else before.busy_at if before else None
    if before is None:
        since, other_at = read_at, None
    else:
        since, other_at = (before.since, before.other_at) if is_same else (read_at, before.read_at)
    return {
        "server_uuid": server.uuid, "internal_id": server.internal_id, "owner_id": server.user, "name": server.name,
        "is_suspended": server.is_suspended, "status": server.status, "since": since, "other_at": other_at,
        "read_at": read_at, "busy_at": busy_at,
    }  # fmt: skip
