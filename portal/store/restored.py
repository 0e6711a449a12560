"""Quarantine: a store that was put back is behind the world, and does nothing by itself until an admin has looked."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.store import direct
from portal.store.engine import read, write
from portal.store.state import StoreState

NAME = "quarantine"
_STATE = select(direct.table(StoreState).c.value).where(direct.table(StoreState).c.name == NAME)


@dataclass(frozen=True)
class Quarantine:
    """Since when (epoch seconds), from when the store is if that is known, and the audit entries then and before.

    The same for movements of money and for changes of prices, expiry and holds.
    """

    since: float
    backup_at: float | None
    audit_before: int
    audit_now: int
    ledger_before: int = 0
    ledger_now: int = 0
    changes_before: int = 0
    changes_now: int = 0


def since() -> float | None:
    """When quarantine began, in epoch seconds; None when there is none. Mail and charges stop while there is one."""
    found = state()
    return found.since if found else None


def state() -> Quarantine | None:
    """Everything that is known of the quarantine; None when there is none."""
    with read() as session:
        return state_in(session)


def state_in(session: Session) -> Quarantine | None:
    """The same inside somebody's transaction."""
    value = direct.execute(session, _STATE).scalar()
    return Quarantine(**json.loads(value)) if value is not None else None


def confirm() -> None:
    """Leave quarantine: an admin has looked."""
    with write() as session:
        confirm_in(session)


def confirm_in(session: Session) -> None:
    """The same inside somebody's write()."""
    row = session.get(StoreState, NAME)
    if row is not None:
        session.delete(row)


def begin_in(connection: sqlite3.Connection, quarantine: Quarantine) -> None:
    """Enter quarantine, in a transaction on a store that no app has open."""
    value = json.dumps(asdict(quarantine))
    connection.execute("INSERT OR REPLACE INTO store_state VALUES (?, ?)", (NAME, value))
