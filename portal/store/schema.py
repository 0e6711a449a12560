"""The version of the tables that this code works with, and the way there."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

SCHEMA = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"


class BadStore(Exception):
    """The store cannot be used; the message is one sentence with the cure."""


def version(database: Path) -> str | None:
    """The schema version that a file holds; None for a new or empty one."""
    if not database.exists():
        return None
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in names:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def known() -> frozenset[str]:
    """Every schema version that there has been up to this release."""
    return frozenset(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


def check(database: Path) -> None:
    """Raises BadStore unless the file is ours alone and holds exactly the schema of this code."""
    try:
        found = version(database)
    except sqlite3.DatabaseError as wrong:
        raise BadStore(f"The store {database.name} cannot be read: {wrong}.") from None
    if found is None:
        raise BadStore("The store is empty or missing: run `roost store upgrade` first.")
    if found < SCHEMA:
        raise BadStore(f"The store has schema {found} and this release needs {SCHEMA}: run `roost store upgrade`.")
    if found > SCHEMA:
        raise BadStore(f"The store has schema {found}, newer than this release ({SCHEMA}): start the newer release.")
    mode = stat.S_IMODE(database.stat().st_mode)
    if mode & 0o077:
        raise BadStore(f"The store {database.name} can be read by others (mode {mode:o}): run chmod 600 on it.")


def upgrade(database: Path) -> None:
    """Bring the tables of a file to SCHEMA; makes the file (mode 0600) when there is none."""
    from alembic import command  # imported here: half a second that only this command needs
    from alembic.config import Config

    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["database"] = database
    command.upgrade(config, "head")
