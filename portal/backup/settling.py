"""What a store must forget when it was put back: sessions, open links, mail and wishes of a time that is over.

It works on the file, before any app opens it; the tables are named here as the migrations made them.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from portal import clock
from portal.backup import highwater
from portal.backup.highwater import Mark
from portal.store import copies, restored
from portal.store.restored import Quarantine

RESTORED = "restored"
"""Why mail and wishes of before were not carried out."""


def notice(database: Path) -> bool:
    """At start: when an older store was put in place by hand, treat it as restored; returns whether it was."""
    seen = highwater.noted(database.parent)
    with closing(copies.connect(database, "rw")) as connection:
        connection.execute("PRAGMA busy_timeout=5000")
        if not _was_put_back(connection, seen):
            return False
        connection.execute("BEGIN IMMEDIATE")
        if _was_put_back(connection, seen):  # another process may have been here first
            _settle(connection, seen)
        connection.execute("COMMIT")
    return True


def settle(database: Path, seen: Mark | None) -> None:
    """Make a store that is about to be put back ready; `seen` is how far the one in place had got."""
    with closing(copies.connect(database, "rw")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN IMMEDIATE")
        _settle(connection, seen)
        connection.execute("COMMIT")


def _was_put_back(connection: sqlite3.Connection, seen: Mark | None) -> bool:
    return copies.marker_of(connection) is not None or highwater.is_behind(highwater.reached(connection), seen)


def _settle(connection: sqlite3.Connection, seen: Mark | None) -> None:
    """Afterwards the store is past `seen`: no audit id is used twice, and it is not taken for restored again."""
    now, marker, store = clock.now(), copies.marker_of(connection), highwater.reached(connection)
    before = highwater.furthest(store, seen)
    connection.execute("DELETE FROM store_state WHERE name = ?", (copies.MARKER,))
    connection.execute("DELETE FROM login_session")
    connection.execute("DELETE FROM invite WHERE used_at IS NULL")
    connection.execute(
        "UPDATE mail SET state = 'dropped', error = ?, ended_at = ? WHERE state = 'waiting'", (RESTORED, now)
    )
    connection.execute(
        "UPDATE intent SET state = 'superseded', error = ?, ended_at = ?, lease = NULL, lease_until = NULL"
        " WHERE state IN ('pending', 'sending', 'unknown', 'parked')",
        (RESTORED, int(now)),
    )
    connection.execute(
        "INSERT INTO audit_entry (id, at, action, detail, outcome) VALUES (?, ?, 'backup.restore', ?, 'done')",
        (max(store.audit, before.audit) + 1, now, f"a store of {_moment(marker.at if marker else None)} put back"),
    )
    connection.execute(
        "INSERT OR REPLACE INTO store_state VALUES (?, ?)",
        (highwater.BEAT, str(max(store.beat, before.beat) + 1)),
    )
    ahead = highwater.ahead_of(highwater.own_numbers(connection), before)
    unconfirmed = json.dumps({"why": "The store was restored from a backup.", "since": int(now)})
    connection.executemany(
        "INSERT OR REPLACE INTO store_state VALUES (?, ?)",
        ((highwater.AHEAD, ahead), ("billing_unconfirmed", unconfirmed)),
    )
    restored.begin_in(connection, _quarantine(now, marker.at if marker else None, before, store))


def _quarantine(now: float, at: float | None, before: Mark, store: Mark) -> Quarantine:
    return Quarantine(
        now, at, audit_before=before.audit, audit_now=store.audit, ledger_before=before.ledger,
        ledger_now=store.ledger, changes_before=before.changes, changes_now=store.changes,
    )  # fmt: skip


def _moment(at: float | None) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "unknown time"
