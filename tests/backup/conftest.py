"""A portal whose store is copied, damaged and put back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from portal.store import db
from tests.background.test_worker import work
from tests.conftest import World

KEY = "a key for backups, long enough"


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    """People, keys and servers; backups are not encrypted."""
    return make_world("own", is_ready=True)


@pytest.fixture
def sealed(make_world: Callable[..., World]) -> World:
    """The same with encrypted backups."""
    return make_world("own", is_ready=True, backup_key=KEY)


def run(world: World, *args: str, typed: str | None = None) -> Result:
    """`flask backup ...`, as a process of its own that has nothing open would do it."""
    with world.app.app_context():
        db.engine.dispose()
    result = world.app.test_cli_runner().invoke(args=["backup", *args], input=typed)
    with world.app.app_context():
        db.engine.dispose()
    return result


def done(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert (ran.exit_code, ran.stderr) == (0, ""), ran.output
    return ran.stdout


def refused(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert ran.exit_code == 1, ran.output
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert ran.stderr.strip().endswith(".")
    return ran.stderr


def backup(world: World, *args: str) -> Path:
    """A new backup, as the last line of the command says."""
    path = Path(done(world, "create", *args).splitlines()[-1])
    assert path.is_file()
    return path


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for one in statements:
            connection.execute(one)


def worked(world: World, seconds: int) -> int:
    """A worker that runs for so long, and the end of what it began; how often it read the list of servers."""
    read = work(world, seconds)
    for one in threading.enumerate():
        if one.name.startswith(("chore", "read")):
            one.join()
    return read


def store(world: World) -> Path:
    return world.instance / "roost.db"
