"""Noticing that the panel has a server no more, that it has it again, or that it is somebody else's now.

A server is gone once the panel answered 404 for its number twice, ten minutes apart, and each time had another server
that we know. A gap in the list alone says nothing. Nothing is done to money: what was paid stays written down, and a
server that comes back under its uuid goes on as it was. What was to be sent for it is put aside, and wished anew then.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import aliased

from portal import clock, mode
from portal.audit import changes
from portal.auth.models import Account
from portal.billing import terms
from portal.billing.models import Term
from portal.billing.terms import Terms
from portal.credentials import service as credentials
from portal.pterodactyl import ApplicationApi, errors
from portal.servers import records
from portal.servers.models import Grant, PanelServer
from portal.store import read, restored, write
from portal.store.state import StoreState
from portal.suspension import intents, telling

log = logging.getLogger("roost.sweep")
LIST: Final = "directory"
DOUBT: Final = "directory_doubt"
"""Set while the list of all servers is not to be trusted."""
APART_S: Final = 600
AT_ONCE: Final = 20
"""The most servers that one look asks the panel for."""


@dataclass(frozen=True)
class Looked:
    """What a look found: servers that are gone, that are back, and whose owner changed under an automatic renewal."""

    gone: int = 0
    restored: int = 0
    moved: int = 0


def look(now: int | None = None) -> Looked:
    """Ask the panel for servers that its list no longer shows. Reads only; nothing while billing is off."""
    read_at = records.last_reading(LIST).read_at
    if mode.mode() == "off" or read_at is None or restored.since() is not None or _is_doubted():
        return Looked()
    now = int(clock.now()) if now is None else now
    back = sum(_restore(uuid) for uuid in _back(read_at))
    moved = sum(_stop_renewing(uuid) for uuid in _moved(read_at))
    missing = _missing(read_at, now)
    return Looked(_asked(missing, read_at, now) if missing else 0, back, moved)


def listed() -> list[Terms]:
    """The servers with a price, or free ones, that the panel has no more; the latest first."""
    query = select(Term.server_uuid).where(Term.gone_at.is_not(None)).order_by(Term.gone_at.desc(), Term.server_uuid)
    with read() as session:
        uuids = list(session.scalars(query.limit(500)))
    found = terms.many(uuids)
    return [found[uuid] for uuid in uuids if uuid in found]


def _is_doubted() -> bool:
    with read() as session:
        return session.get(StoreState, DOUBT) is not None


def _missing(read_at: float, now: int) -> list[tuple[str, int]]:
    """Servers (uuid and number) that the last whole list did not have and that it is time to ask for."""
    query = (
        select(Term.server_uuid, Term.internal_id)
        .outerjoin(PanelServer, PanelServer.uuid == Term.server_uuid)
        .where(
            Term.gone_at.is_(None),
            or_(PanelServer.uuid.is_(None), PanelServer.seen_at < read_at),
            or_(Term.missing_since.is_(None), Term.missing_since <= now - APART_S, Term.missing_since > now),
        )
        .order_by(Term.missing_since.is_(None), Term.server_uuid)
    )
    with read() as session:
        return [(row.server_uuid, row.internal_id) for row in session.execute(query.limit(AT_ONCE))]


def _asked(missing: list[tuple[str, int]], read_at: float, now: int) -> int:
    """Ask for each, if the panel still has one that we know; how many are gone. An unclear answer says nothing."""
    gone = 0
    try:
        with credentials.as_portal("worker") as api:
            if not _has_another(api, read_at):
                return 0
            for uuid, number in missing:
                gone += _ask(api, uuid, number, now)
    except errors.PanelError as error:
        log.warning("whether servers are gone could not be asked: %s", error)
    return gone


def _has_another(api: ApplicationApi, read_at: float) -> bool:
    """Whether the panel, asked by number, has one of the servers that its last list had."""
    query = select(PanelServer).where(PanelServer.seen_at >= read_at).order_by(PanelServer.seen_at.desc()).limit(1)
    with read() as session:
        known = session.scalar(query)
    if known is None:
        return False
    try:
        return api.servers.view(known.internal_id).uuid == known.uuid
    except errors.NotFound:
        return False


def _ask(api: ApplicationApi, uuid: str, number: int, now: int) -> bool:
    """One server: 404 is noted, at the second time it is gone. Another server under its number proves nothing."""
    try:
        is_there = api.servers.view(number).uuid == uuid
    except errors.NotFound:
        return _not_found(uuid, now)
    if is_there:
        with write() as session:
            session.execute(update(Term).where(Term.server_uuid == uuid).values(missing_since=None))
    return False


def _not_found(uuid: str, now: int) -> bool:
    with write() as session:
        row = session.get(Term, uuid)
        if row is None or row.gone_at is not None:
            return False
        if row.missing_since is None or not row.missing_since <= now - APART_S:
            row.missing_since = now
            return False
        row.gone_at = now
        intents.set_aside_in(session, uuid, "the panel has the server no more")
        changes.note_in(
            session, "term", by=None, server_uuid=uuid, why="the panel has it no more",
            before={"gone_at": None}, after={"gone_at": now},
        )  # fmt: skip
    telling.end()
    log.warning("server %s is gone from the panel", uuid)
    return True


def _back(read_at: float) -> list[str]:
    """Servers that were gone and that the last whole list has."""
    query = (
        select(Term.server_uuid)
        .join(PanelServer, PanelServer.uuid == Term.server_uuid)
        .where(Term.gone_at.is_not(None), PanelServer.seen_at >= read_at, PanelServer.seen_at > Term.gone_at)
    )
    with read() as session:
        return list(session.scalars(query.limit(AT_ONCE)))


def _restore(uuid: str) -> int:
    with write() as session:
        row, seen = session.get(Term, uuid), session.get(PanelServer, uuid)
        if row is None or seen is None or row.gone_at is None:
            return 0
        before = row.gone_at
        row.gone_at, row.missing_since = None, None
        row.identifier, row.internal_id = seen.identifier, seen.internal_id
        changes.note_in(
            session, "term", by=None, server_uuid=uuid, why="the panel has it again",
            before={"gone_at": before}, after={"gone_at": None},
        )  # fmt: skip
    log.warning("server %s is on the panel again", uuid)
    return 1


def _moved(read_at: float) -> list[str]:
    """Servers that renew themselves from the balance of somebody who does not own them any more."""
    theirs, another = aliased(Grant), aliased(Grant)
    is_theirs = select(theirs.server_uuid).where(
        theirs.server_uuid == Term.server_uuid, theirs.panel_user_id == Account.panel_user_id, theirs.is_owner
    )
    is_anothers = select(another.server_uuid).where(
        another.server_uuid == Term.server_uuid, another.is_owner, ~another.is_revoked, another.read_at >= read_at
    )
    query = (
        select(Term.server_uuid)
        .join(Account, Account.id == Term.auto_renew_by)
        .where(Term.gone_at.is_(None), ~is_theirs.exists(), is_anothers.exists())
    )
    with read() as session:
        return list(session.scalars(query))


def _stop_renewing(uuid: str) -> int:
    with write() as session:
        terms.set_auto_renew_in(session, uuid, None, by=None, why="the server has another owner now")
    return 1
