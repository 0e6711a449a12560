"""The trail of what was changed about money, expiry and holds: written in the transaction of the change, hash chained.

`before` and `after` hold the values that changed, under the names of their columns. The words of `what`:
`ledger` (a row: account, amount, currency, key; about_account), `balance.limit`, `term` (kind, price, anchor, periods,
expires_at, auto_renew_by, gone_at), `hold` (id, kind, released_at, lifted_at, ...), `run`, `switch`, `confirm`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import g, has_request_context, request
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.models import AuditChange
from portal.store import chain, direct, read

Values = Mapping[str, str | int | bool | None]
NOTHING: Values = {}
AT_ONCE = 1000
_TRAIL = direct.table(AuditChange)
_LAST = select(_TRAIL.c.id, _TRAIL.c.hash).order_by(_TRAIL.c.id.desc()).limit(1)
_ADD = insert(_TRAIL)


@dataclass(frozen=True)
class Broken:
    """A row of the trail that is not what it was: its id and what is wrong."""

    id: int
    reason: str


def note_in(
    session: Session,
    what: str,
    *,
    by: int | None,
    server_uuid: str | None = None,
    about_account: int | None = None,
    before: Values = NOTHING,
    after: Values = NOTHING,
    why: str = "",
    run_id: int | None = None,
) -> None:
    """Write one change down, inside the write() that makes it. `by` is the account that does it, if a person does."""
    last = direct.execute(session, _LAST).first()
    row = {
        "id": (last.id if last else 0) + 1,
        "at": int(clock.now()),
        "account_id": by,
        "address": request.remote_addr if has_request_context() else None,
        "request": g.get("reference") if has_request_context() else None,
        "what": what,
        "server_uuid": server_uuid,
        "about_account": about_account,
        "before": json.dumps(before, sort_keys=True),
        "after": json.dumps(after, sort_keys=True),
        "why": why[:500],
        "run_id": run_id,
        "previous": last.hash if last else chain.FIRST,
    }
    direct.execute(session, _ADD, {**row, "hash": chain.link(str(row["previous"]), _content(row))})


def verify() -> Iterator[Broken]:
    """Walk the whole trail; yields each row that does not follow from the one before it."""
    previous, expected = chain.FIRST, 1
    while True:
        with read() as session:
            page = select(_TRAIL).where(_TRAIL.c.id >= expected).order_by(_TRAIL.c.id).limit(AT_ONCE)
            rows = session.execute(page).all()
        for row in rows:
            content = {name: getattr(row, name) for name in _NAMES}
            if row.id != expected:
                yield Broken(row.id, f"rows {expected} to {row.id - 1} are missing")
            elif row.previous != previous:
                yield Broken(row.id, "it does not follow from the row before")
            if row.hash != chain.link(row.previous, content):
                yield Broken(row.id, "it was changed")
            previous, expected = row.hash, row.id + 1
        if len(rows) < AT_ONCE:
            return


_NAMES = (
    "id", "at", "account_id", "address", "request", "what", "server_uuid", "about_account", "before", "after", "why",
    "run_id",
)  # fmt: skip


def _content(row: Mapping[str, object]) -> dict[str, object]:
    return {name: row[name] for name in _NAMES}
