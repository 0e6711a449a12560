"""Putting another store in the place of the one in use, so that a crash leaves either of them whole.

Everything is made ready in a folder beside. The plan, one small file, decides: before it is there nothing has changed,
once it is there the rest is done again from it by whoever comes next (`finish`). Nothing of the old store is deleted.
The caller holds the store alone (`inuse.alone`).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from portal import clock
from portal.store import files

PLAN = "restore.json"
STAGING = "restoring-"
ASIDE = "before-restore-"
BESIDE = ("-wal", "-shm", "-journal")


def stage(instance: Path) -> Path:
    """A new folder of mode 0700 in which a store is made ready."""
    return Path(tempfile.mkdtemp(prefix=STAGING, dir=instance))


def is_unfinished(instance: Path) -> bool:
    """Whether a store was being put in place when somebody was stopped."""
    return (instance / PLAN).exists() or any(instance.glob(f"{STAGING}*"))


def is_decided(instance: Path) -> bool:
    """Whether the store in place must not be used before `finish`."""
    return (instance / PLAN).exists()


def swap(database: Path, staged: Path) -> Path:
    """Put a finished single-file store in place; returns the folder that the old one was moved to."""
    instance = database.parent
    aside = _folder_aside(instance)
    if database.exists():
        _link(database, aside / database.name)
    for path in (staged, staged.parent, aside, instance):
        files.sync(path)
    plan = {"database": database.name, "staged": f"{staged.parent.name}/{staged.name}", "aside": aside.name}
    files.write_whole(instance / PLAN, json.dumps(plan).encode())
    finish(instance)
    return aside


def finish(instance: Path) -> None:
    """Do what is left of a swap that was decided; clear away one that was not."""
    if is_decided(instance):
        _carry_out(instance, json.loads((instance / PLAN).read_bytes()))
    for left in instance.glob(f"{STAGING}*"):
        shutil.rmtree(left)
    for folder in instance.glob(f"{ASIDE}*"):
        _drop_unused(instance, folder)


def _carry_out(instance: Path, plan: dict[str, str]) -> None:
    database, staged, aside = instance / plan["database"], instance / plan["staged"], instance / plan["aside"]
    if staged.exists():  # while it is not in place, what lies beside belongs to the old store
        for ending in BESIDE:
            beside = database.with_name(database.name + ending)
            if beside.exists():
                beside.replace(aside / beside.name)
        files.sync(aside)
        files.sync(instance)
        staged.replace(database)
        files.sync(instance)
    (instance / PLAN).unlink()
    files.sync(instance)


def _drop_unused(instance: Path, folder: Path) -> None:
    """A folder aside that still holds the store in use itself, under a second name, was never needed."""
    inside = [*folder.iterdir()]
    for path in inside:
        current = instance / path.name
        if current.exists() and path.samefile(current):
            path.unlink()
            inside.remove(path)
            break
    if not inside:
        folder.rmdir()


def _folder_aside(instance: Path) -> Path:
    at = clock.now()
    while True:
        folder = instance / f"{ASIDE}{datetime.fromtimestamp(at, UTC).strftime('%Y%m%dT%H%M%SZ')}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            at += 1
        else:
            return folder


def _link(path: Path, second: Path) -> None:
    """A second name for the old store, so that it is never without one; a copy where there are no such names."""
    try:
        os.link(path, second)
    except OSError:
        shutil.copyfile(path, second)
        second.chmod(0o600)
        files.sync(second)
