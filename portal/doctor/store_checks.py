"""The store: whether it is there and of this release, how large it is, and whether it was restored."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from portal import clock
from portal.doctor.lines import Finding, Line, ok
from portal.store import schema
from portal.web.formatting import MIB, age, in_bytes

NAME: Final = "store"
LARGE_LOG: Final = 256 * MIB
OLD_BACKUP_S: Final = 36 * 3600.0
DAY_S: Final = 86_400.0

FINDINGS: Final = {
    "store_missing": Finding(
        "fail", "The store is empty or missing.",
        "Run `roost store upgrade` to make it, or `roost backup restore` if there was one.",
    ),
    "store_old": Finding(
        "fail", "The store has schema {found} and this release needs {needed}.",
        "Stop Roost (`systemctl stop roost-web.socket roost-web roost-worker`), then run `roost store upgrade`.",
    ),
    "store_new": Finding(
        "fail", "The store has schema {found}, newer than this release ({needed}).",
        "Start the newer release, or go back with the backup that was made before the upgrade.",
    ),
    "store_unreadable": Finding(
        "fail", "The store cannot be read: {reason}.",
        "Run this as the user that Roost runs as; if the file is damaged, run `roost backup restore`.",
    ),
    "store_log": Finding(
        "warn", "The log of the store (roost.db-wal) has grown to {size}: something keeps it from being put away.",
        "Start the web processes and the worker again, and close other programs that have the store open.",
    ),
    "store_restored": Finding(
        "warn", "The store was put back from a backup {age} and is not confirmed yet: until then no mail goes out.",
        "Look whether everything is right, then run `roost backup confirm`.",
    ),
    "backup_none": Finding(
        "warn", "There is no backup.",
        "Run `roost backup create`, keep the worker running (it makes one each night), and copy them elsewhere.",
    ),
    "backup_old": Finding(
        "warn", "The last backup was made {age}.",
        "Look why the worker made none (its line, and `journalctl -u roost-worker`), and run `roost backup create`.",
    ),
    "backup_failed": Finding(
        "fail", "The nightly backup failed {age}: {error}.",
        "Cure that, then run `roost backup create` to see that it works again.",
    ),
}  # fmt: skip


def check_store(database: Path) -> list[Line]:
    """Whether the file can be worked with, and its size; the store need not be open for it."""
    try:
        found = schema.version(database)
    except (sqlite3.Error, OSError) as wrong:
        return [FINDINGS["store_unreadable"].line(NAME, reason=str(wrong).rstrip("."))]
    if found is None:
        return [FINDINGS["store_missing"].line(NAME)]
    if found != schema.SCHEMA:
        which = "store_old" if found < schema.SCHEMA else "store_new"
        return [FINDINGS[which].line(NAME, found=found, needed=schema.SCHEMA)]
    size, log = _size(database), _size(database.with_name(database.name + "-wal"))
    if log > LARGE_LOG:
        return [FINDINGS["store_log"].line(NAME, size=in_bytes(log))]
    return [ok(NAME, f"The store has {in_bytes(size)}, its log {in_bytes(log)}.")]


def check_restored() -> list[Line]:
    """Whether the store was restored and waits for somebody to say that it may go on; needs the store."""
    from portal.store import restored

    since = restored.since()
    return [] if since is None else [FINDINGS["store_restored"].line(NAME, age=age(since))]


def check_nightly() -> list[Line]:
    """Whether the worker could make its last backup; needs the store."""
    from portal.backup import service as backups

    failure = backups.last_failure()
    if failure is None:
        return []
    error = failure.error.rstrip(".")
    return [FINDINGS["backup_failed"].line("backup", age=age(failure.at), error=error)]


def check_backup(instance: Path) -> Line:
    """How old the newest backup is."""
    from portal.store import backup

    made_at = backup.newest(instance)
    if made_at is None and _is_new(instance):
        return ok("backup", "There is no backup yet: the worker makes the first one within minutes of its start.")
    if made_at is None:
        return FINDINGS["backup_none"].line("backup")
    if clock.now() - made_at > OLD_BACKUP_S:
        return FINDINGS["backup_old"].line("backup", age=age(made_at))
    return ok("backup", f"The last backup was made {age(made_at)}.")


def _is_new(instance: Path) -> bool:
    """Whether Roost was set up less than a day ago: the file of its key is made then and never changed."""
    try:
        return 0 <= clock.now() - (instance / "secret_key").stat().st_mtime < DAY_S
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
