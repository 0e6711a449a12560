"""A process that is killed at any step of a restore leaves the old store or the new one, whole."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from portal.backup import service, starting
from portal.store import db, restoring
from tests.backup.conftest import ask, backup, change, store
from tests.conftest import World

CALLS = ("mkdir", "link", "replace", "rename", "unlink", "rmdir", "fsync", "open")
MARK = "SELECT bucket FROM attempt"
KILLED = 77


def crash_at(step: int, world: World, path: Path, *, after: bool) -> None:
    """Restore in a process that ends without a word at its n-th call that changes the disk."""
    count = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == step and not after:
                os._exit(KILLED)
            result = real(*args, **kwargs)
            if count == step:
                os._exit(KILLED)
            return result

        return call

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    with world.app.app_context():
        service.restore(path, lambda _found: True)
    os._exit(0)


def prepared(world: World) -> Path:
    """A backup that says "new", and a store in use that says "old", a part of it only in its WAL."""
    change(store(world), "DELETE FROM attempt", "INSERT INTO attempt (bucket, at) VALUES ('new', 1)")
    path = backup(world)
    with world.app.app_context():
        db.engine.dispose()
    change(store(world), "UPDATE attempt SET bucket = 'half'")
    return path


def leave_wal(world: World) -> None:
    """What a killed web process leaves: the last change is in the WAL alone."""
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(store(world))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("UPDATE attempt SET bucket = 'old'")
        connection.commit()
        os._exit(0)
    os.waitpid(child, 0)
    assert (world.instance / "roost.db-wal").stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_restore_killed_at_any_step_leaves_one_whole_store(after: bool, portal: World) -> None:
    path = prepared(portal)
    whole = {"old": 0, "new": 0}
    step = 0
    while True:
        step += 1
        for name in ("roost.db-wal", "roost.db-shm"):
            (portal.instance / name).unlink(missing_ok=True)
        change(store(portal), "UPDATE attempt SET bucket = 'half'")
        leave_wal(portal)
        child = multiprocessing.get_context("fork").Process(
            target=crash_at, args=(step, portal, path), kwargs={"after": after}
        )
        child.start()
        child.join(60)
        assert child.exitcode in (0, KILLED)
        starting.check(store(portal), closely=True)()
        ((found,),) = ask(store(portal), MARK)
        whole[str(found)] += 1
        with closing(sqlite3.connect(store(portal))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not restoring.is_unfinished(portal.instance)
        in_quarantine = ask(store(portal), "SELECT * FROM store_state WHERE name = 'quarantine'") != []
        if found == "new":
            assert in_quarantine
            kept = sorted(portal.instance.glob("before-restore-*"))[-1]
            assert ask(kept / "roost.db", MARK) == [("old",)]
            (portal.instance / "high-water.json").unlink(missing_ok=True)
            change(store(portal), "DELETE FROM store_state WHERE name = 'quarantine'")
        else:
            assert not in_quarantine
        for folder in portal.instance.glob("before-restore-*"):
            shutil.rmtree(folder)
        if child.exitcode == 0:
            break
    assert whole["old"] > 10
    assert whole["new"] > 5


def test_an_error_before_the_decision_leaves_nothing_behind(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = prepared(portal)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "_link", full)
    with portal.app.app_context(), pytest.raises(service.BackupError, match="No space left"):
        service.restore(path, lambda _found: True)
    assert ask(store(portal), MARK) == [("half",)]
    assert not [*portal.instance.glob("restor*"), *portal.instance.glob("before-restore-*")]


def test_a_store_without_second_names_is_copied_aside(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    path = prepared(portal)
    monkeypatch.setattr(os, "link", no_links)
    with portal.app.app_context():
        aside = service.restore(path, lambda _found: True)
    assert aside is not None
    assert ask(aside / "roost.db", MARK) == [("half",)]
    assert ask(store(portal), MARK) == [("new",)]
