"""Reading a copy of the store without trusting it: what it is, whether it is whole, where it comes from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from portal.store import encryption, files
from portal.store.files import BackupError

BEGINNING = b"SQLite format 3\x00"
MARKER = "backup"
"""The name in `store_state` under which a copy says that it is one."""
Mode = Literal["ro", "rw"]


@dataclass(frozen=True)
class Marker:
    """When and why a copy was made (`at` in epoch seconds), and with which schema."""

    at: float
    reason: str
    schema: str


def connect(path: Path, mode: Mode, *, immutable: bool = False) -> sqlite3.Connection:
    """A connection that begins no transactions by itself. `immutable` reads the file alone, without its WAL.

    An immutable connection must not be opened on a store that this process has open: closing it drops its locks.
    """
    address = f"{path.absolute().as_uri()}?mode={mode}{'&immutable=1' if immutable else ''}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


def marker_of(connection: sqlite3.Connection) -> Marker | None:
    """What a copy says of itself; None for a store in use, and for a copy whose schema is too old to hold it."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_state'").fetchone():
        return None
    row = connection.execute("SELECT value FROM store_state WHERE name = ?", (MARKER,)).fetchone()
    if row is None:
        return None
    try:
        found = json.loads(row[0])
        return Marker(float(found["at"]), str(found["reason"]), str(found["schema"]))
    except (ValueError, TypeError, KeyError):
        return Marker(0.0, "unknown", "unknown")


def mark(connection: sqlite3.Connection, marker: Marker) -> None:
    """Let a copy say what it is, if its schema has room for that."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_state'").fetchone():
        connection.execute("INSERT OR REPLACE INTO store_state VALUES (?, ?)", (MARKER, json.dumps(asdict(marker))))


@contextmanager
def plain_form(path: Path, folder: Path, key: str | None) -> Iterator[Path]:
    """The plain form of a backup, as a file to read: the file itself, or one in `folder` that goes away afterwards.

    Raises BackupError when it is no backup, not whole or sealed with another key.
    """
    plain = folder / "plain.db"
    try:
        try:
            opened = _opened(path, plain, key)
        except OSError as wrong:
            raise BackupError(f"The backup {path.name} cannot be read: {wrong.strerror}.") from None
        yield opened
    finally:
        plain.unlink(missing_ok=True)


def _opened(path: Path, plain: Path, key: str | None) -> Path:
    if encryption.is_encrypted(path):
        if key is None:
            raise BackupError("The backup is encrypted: the setting backup_key is missing.")
        encryption.decrypt(path, files.make_new(plain), key)
        path = plain
    _check_size(path)
    return path


def _check_size(path: Path) -> None:
    """A database says how many pages it has."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(BEGINNING):
        raise BackupError("This is not a backup that Roost made.")
    page = int.from_bytes(head[16:18], "big")
    size = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
    if path.stat().st_size < size:
        raise BackupError("The backup is cut: its end is missing.")
    if path.stat().st_size > size:
        raise BackupError("The backup is damaged: something was added to its end.")
    beside = path.with_name(f"{path.name}-wal")
    if beside.exists() and beside.stat().st_size:
        raise BackupError("This is a copy of a running store, not a backup: it has a -wal file beside it.")


def check_content(path: Path) -> tuple[str, Marker | None]:
    """The schema and the marker of a plain copy. Raises BackupError when it is damaged or not of this portal."""
    try:
        with closing(connect(path, "ro", immutable=True)) as connection:
            broken = faults(connection)
            if broken:
                raise BackupError(f"The backup is damaged: {broken}.")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                raise BackupError("This is not a backup that Roost made.")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else "none", marker_of(connection)
    except sqlite3.DatabaseError as wrong:
        raise BackupError(f"The backup is damaged: {wrong}.") from None


def faults(connection: sqlite3.Connection, check: str = "integrity_check") -> str:
    """The first thing that is wrong with a database, on one line; empty when nothing is."""
    (first, *_) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    if first != "ok":
        return " ".join(str(first).split())[:200]
    orphan = None if check == "quick_check" else connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {orphan[0]} belongs to nothing" if orphan else ""
