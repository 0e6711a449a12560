"""What must hold for a web process to take requests. Neither the panel nor the worker has a say in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from portal import clock
from portal.panel import settings
from portal.store import copies, disk, schema

RELEASED = 1_777_593_600.0
"""2026-05-01, before this release was built: an earlier clock is wrong, and sessions and links would end wrongly."""
PATIENCE_MS = 2000
"""How long a probe waits for another writer; it holds the lock far shorter unless something is wrong."""


def problems() -> list[str]:
    """What stands in the way, in words that say nothing else: store, schema, disk, clock. Empty when ready."""
    found = _store_problems()
    try:
        if disk.free_mib(settings().instance) < disk.LEAST_MIB:
            found.append("disk")
    except OSError:
        found.append("disk")
    if clock.now() < RELEASED:
        found.append("clock")
    return found


def _store_problems() -> list[str]:
    """Take the write lock for a moment and write nothing."""
    try:
        with closing(copies.connect(settings().database, "rw")) as connection:
            connection.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            finally:
                connection.execute("ROLLBACK")
    except sqlite3.Error:
        return ["store"]
    return [] if row and row[0] == schema.SCHEMA else ["schema"]
