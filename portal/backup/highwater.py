"""How far the store had got, kept in a file beside it that no backup holds.

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
from portal.audit.models import AuditEntry
from portal.panel import settings
from portal.store import files, write
from portal.store.state import StoreState

log = logging.getLogger("roost.backup")
FILE = "high-water.json"
BEAT = "beat"
EVERY_S = 60.0


@dataclass(frozen=True)
class Mark:
    """The highest audit id, a count that only grows, and when they were read (epoch seconds)."""

    audit: int
    beat: int
    at: float


def keep() -> None:
    """Write down how far the store of the running app is, on the disk when it returns."""
    with write() as session:
        row = session.get(StoreState, BEAT)
        beat = (int(row.value) if row else 0) + 1
        session.merge(StoreState(name=BEAT, value=str(beat)))
        audit = session.scalar(select(func.max(AuditEntry.id))) or 0
    mark, instance = Mark(audit, beat, clock.now()), settings().instance
    if is_behind(mark, noted(instance)):
        log.warning("the store is behind %s: it was replaced; the next start will notice", FILE)
        return
    files.write_whole(instance / FILE, json.dumps(asdict(mark)).encode())


def noted(instance: Path) -> Mark | None:
    """What the file says; None when there is none, or none that can be read."""
    try:
        found = json.loads((instance / FILE).read_bytes())
        return Mark(int(found["audit"]), int(found["beat"]), float(found["at"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        log.warning("%s cannot be read; whether the store is behind is not known", FILE)
        return None


def reached(connection: sqlite3.Connection) -> Mark:
    """How far a store is, read from itself; its time is not known."""
    (audit,) = connection.execute("SELECT max(id) FROM audit_entry").fetchone()
    row = connection.execute("SELECT value FROM store_state WHERE name = ?", (BEAT,)).fetchone()
    return Mark(audit or 0, int(row[0]) if row else 0, 0.0)


def is_behind(store: Mark, file: Mark | None) -> bool:
    """Whether a store is older than what the file beside it has seen."""
    return file is not None and (store.audit < file.audit or store.beat < file.beat)
