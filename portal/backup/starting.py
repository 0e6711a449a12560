"""What is looked at before the store is used: whose it is, where it lies, whether it is whole and the newest one.

Every command looks, a web process and the worker look more closely. `quick_check` reads the whole file, 0.1 s for
50 MiB, so a store of up to 64 MiB is checked at each of these starts. A larger one is checked only when a WAL was left
beside it and nobody else uses it, because then the last stop was no clean one; otherwise a start would take seconds.
"""

from __future__ import annotations

import logging
import os
import pwd
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from portal import clock
from portal.backup import settling
from portal.store import copies, disk, inuse, restoring, schema
from portal.store.schema import BadStore

log = logging.getLogger("roost.backup")
SMALL = 64 * 1024 * 1024
TRIES, PAUSE_S = 50, 0.1
RESTORING = "The store is being restored just now: start again when `roost backup restore` is done."


def check(database: Path, *, closely: bool = False) -> Callable[[], None]:
    """Raises BadStore unless the store can be used; it is then held in use until the returned function is called."""
    release = check_file(database, closely=closely)
    try:
        schema.check(database)
        try:
            if settling.notice(database):
                log.warning("an older store was put in place: quarantine until `roost backup confirm`")
        except sqlite3.Error as wrong:
            raise BadStore(f"The store {database.name} cannot be used: {wrong}.") from None
    except BadStore:
        release()
        raise
    return release


def check_file(database: Path, *, closely: bool = False, for_owner: bool = False) -> Callable[[], None]:
    """The same without its schema, for a store that is about to be upgraded.

    `for_owner`: root may hold the store of another user, to whom whatever root makes there is given.
    """
    folder = database.parent
    if not folder.exists():
        return lambda: None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadStore(f"The instance folder {folder} cannot be written to: let it belong to the user that runs Roost.")
    is_unclean = closely and _has_wal(database) and _is_idle(folder)
    _finish_restore(folder)
    release = _share(folder)
    try:
        if for_owner:
            inuse.give_to_owner(folder)
        if database.exists():
            _check_place(database, is_for_owner=for_owner and os.geteuid() == 0)
            _check_wal(database)
            if closely and (is_unclean or database.stat().st_size <= SMALL):
                _check_pages(database)
    except BadStore:
        release()
        raise
    return release


def _share(folder: Path) -> Callable[[], None]:
    for _ in range(TRIES):  # another process that starts holds the lock alone for a moment
        try:
            return inuse.share(folder)
        except inuse.InUse:
            clock.sleep(PAUSE_S)
        except OSError as wrong:
            raise BadStore(f"The instance folder {folder} cannot be written to: {wrong.strerror}.") from None
    raise BadStore(RESTORING)


def _finish_restore(folder: Path) -> None:
    """Go on where somebody was stopped who put a store in place."""
    for _ in range(TRIES):
        if not restoring.is_unfinished(folder):
            return
        try:
            with inuse.alone(folder):
                restoring.finish(folder)
        except inuse.InUse:
            if not restoring.is_decided(folder):
                return
            clock.sleep(PAUSE_S)
        except (OSError, ValueError, KeyError) as wrong:
            raise BadStore(f"The store was being restored and that cannot be finished: {wrong}.") from None
    raise BadStore(RESTORING)


def _is_idle(folder: Path) -> bool:
    try:
        with inuse.alone(folder):
            return True
    except (inuse.InUse, OSError):
        return False


def _check_place(database: Path, *, is_for_owner: bool) -> None:
    kind = disk.network_file_system(database)
    if kind is not None:
        raise BadStore(f"The store {database.name} lies on a network file system ({kind}): move it to a local disk.")
    owner = database.stat().st_uid
    if owner != os.geteuid() and not is_for_owner:
        name, ours = _name(owner), _name(os.geteuid())
        raise BadStore(f"The store {database.name} belongs to {name} and this is {ours}: run it as {name}.")


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _has_wal(database: Path) -> bool:
    wal = database.with_name(f"{database.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _check_wal(database: Path) -> None:
    """A backup has no WAL: one beside it belongs to the store that was there before, and would be written over it."""
    if not _has_wal(database):
        return
    try:
        with closing(copies.connect(database, "ro", immutable=True)) as connection:
            is_copy = copies.marker_of(connection) is not None
    except sqlite3.DatabaseError:  # the WAL may hold what makes it whole
        return
    if is_copy:
        raise BadStore(
            f"The store {database.name} is a backup beside the files of another store: move {database.name}-wal and "
            f"{database.name}-shm away, or use `roost backup restore`."
        )


def _check_pages(database: Path) -> None:
    try:
        with closing(copies.connect(database, "ro")) as connection:
            connection.execute("PRAGMA busy_timeout=5000")
            broken = copies.faults(connection, "quick_check")
    except sqlite3.OperationalError as wrong:
        raise BadStore(f"The store {database.name} cannot be read: {wrong}.") from None
    except sqlite3.DatabaseError as wrong:
        broken = str(wrong)
    if broken:
        raise BadStore(
            f"The store {database.name} is damaged ({broken.rstrip('.')}): put a backup back with "
            "`roost backup restore`."
        )
