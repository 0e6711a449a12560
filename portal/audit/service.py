"""One line for each act, kept in the store: the panel's own log cannot tell customers of a shared key apart."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import g, has_request_context, request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.models import AuditEntry
from portal.auth.sessions import Viewer
from portal.pterodactyl.errors import OutcomeUnknown, PanelError
from portal.store import read, write

log = logging.getLogger("roost.audit")


@dataclass(frozen=True)
class Kept:
    """One act on a server as it is kept: see AuditEntry. `account_id` None: no person did it, or nobody knows who."""

    id: int
    at: float
    account_id: int | None
    action: str
    detail: str
    outcome: str
    address: str | None


def record(
    viewer: Viewer | None, action: str, server_uuid: str | None = None, *, outcome: str, detail: str = ""
) -> int:
    """Keep who did what to which server with which outcome (done, refused, failed, unknown); returns the row's id."""
    with write() as session:
        return record_in(session, viewer, action, server_uuid, outcome=outcome, detail=detail)


def record_in(
    session: Session,
    viewer: Viewer | None,
    action: str,
    server_uuid: str | None = None,
    *,
    outcome: str = "done",
    detail: str = "",
) -> int:
    """The same inside somebody's write(), for an act that is nothing but a change of the store."""
    entry = AuditEntry(
        at=clock.now(),
        account_id=viewer.account_id if viewer else None,
        action=action,
        server_uuid=server_uuid,
        detail=detail[:500],
        outcome=outcome,
        address=request.remote_addr if has_request_context() else None,
        reference=g.get("reference") if has_request_context() else None,
    )
    session.add(entry)
    session.flush()
    return entry.id


@contextmanager
def acting(viewer: Viewer, action: str, server_uuid: str, detail: str = "") -> Iterator[None]:
    """Keep an act of the body: as unknown before it begins, so that no act goes unrecorded, then how it ended."""
    number = record(viewer, action, server_uuid, outcome="unknown", detail=detail)
    try:
        yield
    except OutcomeUnknown:
        raise
    except PanelError as error:
        _ended(number, "refused", ": ".join(filter(None, (type(error).__name__, detail))))
        raise
    _ended(number, "done", detail)


def _ended(number: int, outcome: str, detail: str) -> None:
    """What was done cannot be undone by a store that is busy: then the entry stays unknown, and the log knows."""
    try:
        with write() as session:
            entry = session.get_one(AuditEntry, number)
            entry.outcome, entry.detail = outcome, detail[:500]
    except OperationalError as error:
        log.error("audit entry %d stays unknown, it ended %s: %s", number, outcome, error)


def of_server(server_uuid: str, *, since: float, until: float, limit: int) -> tuple[Kept, ...]:
    """The acts on a server from `since` to `until` (both included), the newest first, at most `limit` of them."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.server_uuid == server_uuid, AuditEntry.at >= since, AuditEntry.at <= until)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    with read() as session:
        return tuple(
            Kept(one.id, one.at, one.account_id, one.action, one.detail, one.outcome, one.address)
            for one in session.scalars(query)
        )
