"""Backups: whole copies of the store, made while it is in use, in `instance/backups`.

A copy sees one state of the store (a read transaction holds it), so writers go on meanwhile and nothing half done is in
it. It is checked before it gets its name, so what bears such a name is whole.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from portal import clock
from portal.store import copies, disk, encryption, files
from portal.store.copies import Marker
from portal.store.files import BackupError

FOLDER = "backups"
PAGES = 1024
REASON = re.compile(r"[a-z][a-z0-9-]{0,30}")
NAME = re.compile(r"roost-(\d{8}T\d{6}Z)-([a-z][a-z0-9-]{0,30})\.db(\.enc)?")
NIGHTLY = "nightly"
DAYS, WEEKS = 14, 8


@dataclass(frozen=True)
class Kept:
    """A backup in the folder, as its name says; `at` is epoch seconds."""

    path: Path
    at: float
    reason: str


def create(database: Path, *, reason: str = "manual", key: str | None = None) -> Path:
    """Make a backup, encrypted with a key, and return where it is. Raises BackupError; then nothing is left behind."""
    if not REASON.fullmatch(reason):
        raise BackupError("A reason is one word of small letters, digits and dashes.")
    if not database.exists():
        raise BackupError("There is no store to make a backup of.")
    folder = database.parent / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with _one_at_a_time(folder):
            _check_space(database, is_twice=key is not None)
            return _create(database, folder, reason, key)
    except OSError as wrong:
        raise BackupError(f"The backup could not be written: {wrong.strerror}.") from None
    except sqlite3.Error as wrong:
        raise BackupError(f"The store could not be copied: {wrong}.") from None


def _create(database: Path, folder: Path, reason: str, key: str | None) -> Path:
    temporary = files.make_new(folder / f".making-{secrets.token_hex(4)}.db")
    made = [temporary]
    try:
        at = clock.now()
        _copy(database, temporary)
        _finish(temporary, at, reason)
        finished = temporary
        if key is not None:
            finished = files.make_new(temporary.with_suffix(".db.enc"))
            made.append(finished)
            encryption.encrypt(temporary, finished, key)
        files.sync(finished)
        target = _free_name(folder, at, reason, ".db.enc" if key is not None else ".db")
        finished.replace(target)
        files.sync(folder)
        return target
    finally:
        for path in made:
            path.unlink(missing_ok=True)


def _copy(database: Path, target: Path) -> None:
    with closing(copies.connect(database, "rw")) as source, closing(copies.connect(target, "rw")) as copy:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on this state is the one we see
        source.backup(copy, pages=PAGES)
        source.execute("ROLLBACK")


def _finish(copy: Path, at: float, reason: str) -> None:
    """One file without a WAL, that says what it is; checked."""
    with closing(copies.connect(copy, "rw")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        version = None
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        if version is None:
            raise BackupError("The store is empty: there is nothing to make a backup of.")
        copies.mark(connection, Marker(at, reason, str(version[0])))
        if broken := copies.faults(connection):
            raise BackupError(f"The store is damaged, so no backup was made: {broken}.")


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in folder.glob(".making-*"):  # somebody was killed while making one
            left.unlink()
        yield
    finally:
        os.close(handle)


def _check_space(database: Path, *, is_twice: bool) -> None:
    wal = database.with_name(f"{database.name}-wal")
    size = database.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
    needed = size * (2 if is_twice else 1) / 2**20 + disk.LEAST_MIB
    if (free := disk.free_mib(database.parent)) < needed:
        raise BackupError(f"The disk has {free:.0f} MiB free and a backup needs {needed:.0f} MiB: make room first.")


def _free_name(folder: Path, at: float, reason: str, ending: str) -> Path:
    """The name of now, or of the next second that is still free."""
    while True:
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
        path = folder / f"roost-{stamp}-{reason}{ending}"
        if not path.exists():
            return path
        at += 1


def kept(instance: Path) -> list[Kept]:
    """The backups in the folder, the newest first. Whatever has another name is none of ours."""
    found = []
    for path in (instance / FOLDER).glob("roost-*"):
        if match := NAME.fullmatch(path.name):
            try:
                at = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            except ValueError:
                continue
            found.append(Kept(path, at, match[2]))
    return sorted(found, key=lambda one: one.at, reverse=True)


def newest(instance: Path) -> float | None:
    """When the newest backup was made, as its name says (epoch seconds); None without any.

    The time of a file is that of its copying. A name that lies in the future by more than an hour says nothing.
    """
    until = clock.now() + 3600
    return next((one.at for one in kept(instance) if one.at <= until and one.path.is_file()), None)


def thin_out(instance: Path) -> list[Path]:
    """Remove nightly backups but the newest of each of the last 14 days and 8 weeks that have any; returns which went.

    Days and weeks are counted by the backups themselves, so that a clock that jumps takes none away.
    """
    nightly = [one for one in kept(instance) if one.reason == NIGHTLY]
    days, weeks = dict[str, Kept](), dict[str, Kept]()
    for one in nightly:
        day = datetime.fromtimestamp(one.at, UTC)
        days.setdefault(day.strftime("%Y-%m-%d"), one)
        weeks.setdefault(day.strftime("%G-%V"), one)
    staying = {one.path for one in [*days.values()][:DAYS] + [*weeks.values()][:WEEKS]}
    going = [one.path for one in nightly if one.path not in staying]
    for path in going:
        path.unlink(missing_ok=True)
    return going
