"""How far the store had got, kept in a file beside it that no backup holds: acts, movements of money, changes.

The worker (every minute and when it stops) and every backup write it, to the store first and then to the file. So the
store is never behind the file, unless an older one was put in its place, by whatever way.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import func, select

from portal import clock
from portal.audit.models import AuditChange, AuditEntry
from portal.billing.models import LedgerEntry
from portal.panel import settings
from portal.store import files, write
from portal.store.state import StoreState

log = logging.getLogger("roost.backup")
FILE = "high-water.json"
BEAT = "beat"
AHEAD = "highwater_ahead"
"""By how much the marks of a store that was put back run ahead of its own numbers, which it may not skip."""
EVERY_S = 60.0


@dataclass(frozen=True)
class Mark:
    """The highest audit id, a count that only grows, and when they were read (epoch seconds).

    `ledger` and `changes`: how many movements of money and changes of money, expiry and holds there ever were. A store
    that was put back goes on counting where the lost one had got to.
    """

    audit: int
    beat: int
    at: float
    ledger: int = 0
    changes: int = 0


def keep() -> None:
    """Write down how far the store of the running app is, on the disk when it returns."""
    with write() as session:
        row = session.get(StoreState, BEAT)
        beat = (int(row.value) if row else 0) + 1
        session.merge(StoreState(name=BEAT, value=str(beat)))
        audit = session.scalar(select(func.max(AuditEntry.id))) or 0
        ledger = session.scalar(select(func.max(LedgerEntry.id))) or 0
        changes = session.scalar(select(func.max(AuditChange.id))) or 0
        ahead = session.get(StoreState, AHEAD)
    more = _ahead(ahead.value if ahead else None)
    mark = Mark(audit, beat, clock.now(), ledger + more[0], changes + more[1])
    instance = settings().instance
    if is_behind(mark, noted(instance)):
        log.warning("the store is behind %s: it was replaced; the next start will notice", FILE)
        return
    files.write_whole(instance / FILE, json.dumps(asdict(mark)).encode())


def noted(instance: Path) -> Mark | None:
    """What the file says; None when there is none, or none that can be read."""
    try:
        found = json.loads((instance / FILE).read_bytes())
        rest = (int(found.get(name, 0)) for name in ("ledger", "changes"))
        return Mark(int(found["audit"]), int(found["beat"]), float(found["at"]), *rest)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        log.warning("%s cannot be read; whether the store is behind is not known", FILE)
        return None


def reached(connection: sqlite3.Connection) -> Mark:
    """How far a store is, read from itself; its time is not known."""
    (audit,) = connection.execute("SELECT max(id) FROM audit_entry").fetchone()
    values = dict(connection.execute("SELECT name, value FROM store_state WHERE name IN (?, ?)", (BEAT, AHEAD)))
    own, more = own_numbers(connection), _ahead(values.get(AHEAD))
    return Mark(audit or 0, int(values.get(BEAT, 0)), 0.0, own[0] + more[0], own[1] + more[1])


def own_numbers(connection: sqlite3.Connection) -> tuple[int, int]:
    """The highest numbers in the ledger and in the trail of changes; 0 in a store of a time before there were any."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ledger, changes = (
        int(connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] or 0) if table in tables else 0  # noqa: S608
        for table in ("ledger_entry", "audit_change")
    )
    return ledger, changes


def furthest(one: Mark, other: Mark | None) -> Mark:
    """Of each count the higher one."""
    if other is None:
        return one
    pairs = ((one.audit, other.audit), (one.ledger, other.ledger), (one.changes, other.changes))
    audit, ledger, changes = (max(pair) for pair in pairs)
    return Mark(audit, max(one.beat, other.beat), one.at, ledger, changes)


def is_behind(store: Mark, file: Mark | None) -> bool:
    """Whether a store is older than what the file beside it has seen."""
    if file is None:
        return False
    pairs = ((store.audit, file.audit), (store.beat, file.beat), (store.ledger, file.ledger))
    return any(here < seen for here, seen in (*pairs, (store.changes, file.changes)))


def ahead_of(own: tuple[int, int], mark: Mark) -> str:
    """The value of `AHEAD` with which a store of these numbers counts on from a mark."""
    return json.dumps([mark.ledger - own[0], mark.changes - own[1]])


def _ahead(value: str | None) -> tuple[int, int]:
    ledger, changes = json.loads(value) if value else (0, 0)
    return int(ledger), int(changes)
