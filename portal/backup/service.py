"""Making backups, looking at one, putting one back, and leaving quarantine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError

from portal import clock
from portal.audit import changes
from portal.audit import service as audit
from portal.backup import highwater, resuming, settling
from portal.backup.highwater import Mark
from portal.config import Settings
from portal.panel import settings
from portal.store import backup, copies, files, inuse, locked, read, restored, restoring, schema, write
from portal.store.copies import Marker
from portal.store.files import BackupError
from portal.store.schema import BadStore
from portal.store.state import StoreState

NIGHTLY_EVERY_S = 20 * 3600.0
AHEAD_S = 3600.0
FAILED = "backup_failed"
LEFT_S = 86_400.0
TRIES = 12
"""How often a backup waits for the write lock, 5 s each."""
STOP = "systemctl stop roost-web.socket roost-web roost-worker"
"""All of it: while the socket is there the next visitor starts web again."""


@dataclass(frozen=True)
class Found:
    """What a whole backup holds; `marker` is None when it does not say when it was made."""

    schema: str
    marker: Marker | None
    accounts: int
    servers: int
    audit_entries: int


@dataclass(frozen=True)
class Failure:
    """The nightly backup failed (`at` in epoch seconds) and none has been made since; `error` is a sentence."""

    at: float
    error: str


def create(reason: str = "manual") -> Path:
    """Make a backup of the running app's store; returns where it is. Raises BackupError."""
    chosen = settings()
    try:
        if schema.version(chosen.database) == schema.SCHEMA:  # one of an older schema is copied as it is
            _keep_highwater()
    except (OSError, sqlite3.Error, OperationalError) as wrong:
        said = wrong.orig if isinstance(wrong, OperationalError) else wrong
        raise BackupError(f"The store cannot be used: {said}.") from None
    return backup.create(chosen.database, reason=reason, key=chosen.backup_key)


def _keep_highwater() -> None:
    """Nobody's page waits for a backup: among many writers it tries for longer than the store's own 5 s."""
    for _ in range(TRIES - 1):
        try:
            return highwater.keep()
        except OperationalError as wrong:
            if not locked(wrong):
                raise
    return highwater.keep()


def nightly() -> Path | None:
    """A nightly backup, unless the last one is younger than 20 hours; thins out older ones. Raises BackupError."""
    now = clock.now()
    times = [one.at for one in backup.kept(settings().instance) if one.reason == backup.NIGHTLY]
    if any(now - NIGHTLY_EVERY_S < at < now + AHEAD_S for at in times):
        return None
    path = create(backup.NIGHTLY)
    backup.thin_out(settings().instance)
    return path


def nightly_chore() -> None:
    """`nightly` for the worker: a failure is kept for the doctor until one succeeds, and goes on into the log."""
    try:
        made = nightly()
    except BackupError as wrong:
        with suppress(OperationalError):  # a full disk takes no note of it either; the log does
            _remember(Failure(clock.now(), str(wrong)))
        raise
    if made is not None:
        _remember(None)


def last_failure() -> Failure | None:
    """Why the last nightly backup failed; None when it did not."""
    with read() as session:
        row = session.get(StoreState, FAILED)
    return Failure(**json.loads(row.value)) if row else None


def _remember(failure: Failure | None) -> None:
    with write() as session:
        row = session.get(StoreState, FAILED)
        if failure is not None:
            session.merge(StoreState(name=FAILED, value=json.dumps(asdict(failure))))
        elif row is not None:
            session.delete(row)


def verify(path: Path) -> Found:
    """Look through a backup. Raises BackupError when it is none, damaged, cut, sealed otherwise or too new."""
    with _looked_through(path, settings()) as (_, found):
        return found


def restore(path: Path, agreed: Callable[[Found], bool]) -> Path | None:
    """Put a backup in the place of the store; returns where the old one is now, None when it was not agreed to.

    Raises BackupError, also while anything of Roost runs. A crash leaves the old or the new store whole.
    """
    chosen = settings()
    database = chosen.database
    if path.exists() and database.exists() and path.samefile(database):
        raise BackupError("That is the store itself, not a backup.")
    try:
        with inuse.alone(chosen.instance):
            restoring.finish(chosen.instance)
            with _looked_through(path, chosen) as (plain, found):
                if not agreed(found):
                    return None
                return _put_in_place(plain, found, database)
    except inuse.InUse:
        raise BackupError(f"Roost is running: stop all of it first with `{STOP}`.") from None
    except (OSError, sqlite3.Error) as wrong:
        raise BackupError(f"The backup could not be put in place: {wrong}.") from None


def _put_in_place(plain: Path, found: Found, database: Path) -> Path:
    try:
        staged = restoring.stage(database.parent) / database.name
        shutil.copyfile(plain, files.make_new(staged))
        _make_ready(staged, found, _reached(database))
        return restoring.swap(database, staged)
    except BaseException:
        if not restoring.is_decided(database.parent):  # else the next start goes on with it
            restoring.finish(database.parent)
        raise


@contextmanager
def _looked_through(path: Path, chosen: Settings) -> Iterator[tuple[Path, Found]]:
    """The plain form of a whole backup, and what is in it."""
    for left in chosen.instance.glob("verify-*"):  # somebody was killed while looking
        if left.stat().st_mtime < clock.now() - LEFT_S:
            shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(prefix="verify-", dir=chosen.instance) as folder,
        copies.plain_form(path, Path(folder), chosen.backup_key) as plain,
    ):
        version, marker = copies.check_content(plain)
        if version > schema.SCHEMA:
            raise BackupError(f"The backup has schema {version}, newer than this release ({schema.SCHEMA}).")
        if version not in schema.known():
            raise BackupError(f"The backup has schema {version}, which Roost never had.")
        yield plain, _counted(plain, version, marker)


def _counted(plain: Path, version: str, marker: Marker | None) -> Found:
    try:
        with closing(copies.connect(plain, "ro", immutable=True)) as connection:
            counts = [
                int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  (our own names)
                for table in ("account", "panel_server", "audit_entry")
            ]
    except sqlite3.DatabaseError:
        raise BackupError("This is not a backup that Roost made.") from None
    return Found(version, marker, *counts)


def _make_ready(staged: Path, found: Found, seen: Mark | None) -> None:
    """Bring a staged store to this schema and let it forget what is over, before it is in place."""
    if found.schema < schema.SCHEMA:
        schema.upgrade(staged)
    settling.settle(staged, seen)
    try:
        schema.check(staged)
    except BadStore as wrong:
        raise BackupError(str(wrong)) from None


def _reached(database: Path) -> Mark | None:
    """How far the store that is replaced had got: by the file beside it, or by itself if it can still be read."""
    seen = highwater.noted(database.parent)
    if not database.exists():
        return seen
    try:
        with closing(copies.connect(database, "ro")) as connection:
            itself = highwater.reached(connection)
    except sqlite3.Error:
        return seen
    return itself if seen is None else highwater.furthest(seen, itself)


def confirm() -> None:
    """Leave quarantine: what was to be sent to the panel then is wished anew where holds and panel still differ."""
    with write() as session:
        found = restored.state_in(session)
        if found is not None:
            resuming.wish_again_in(session, found)
            since = int(found.since)
            changes.note_in(session, "confirm", by=None, before={"restored": since}, after={"restored": None})
        restored.confirm_in(session)
        audit.record_in(session, None, "backup.confirm")
