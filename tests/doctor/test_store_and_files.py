"""The instance folder: modes, owners, file system, room; the store in it; backups of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal.doctor import files, store_checks
from portal.doctor.files import MIB, check_disk, check_files
from portal.doctor.lines import Line
from portal.doctor.store_checks import check_backup, check_nightly, check_restored, check_store
from portal.store import backup, disk, restored, schema
from tests.conftest import World


@pytest.fixture
def instance(tmp_path: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `flask setup` leaves it, on a disk of this machine."""
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "missing")
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    shutil.copyfile(prepared, folder / "roost.db")
    for name in files.SECRET:
        (folder / name).touch()
        (folder / name).chmod(0o600)
    return folder


def told(finding: str, **values: Any) -> Line:
    return files.FINDINGS[finding].line("files", **values)


def in_store(finding: str, **values: Any) -> Line:
    return store_checks.FINDINGS[finding].line("store", **values)


def test_a_folder_as_setup_leaves_it_is_well(instance: Path) -> None:
    assert [one.status for one in check_files(instance)] == ["ok"]


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_folder_that_others_can_look_into(mode: int, instance: Path) -> None:
    instance.chmod(mode)
    assert check_files(instance) == [told("folder_open", mode=f"{mode:o}", path=instance)]


@pytest.mark.parametrize("name", files.SECRET)
def test_a_secret_that_others_can_read(name: str, instance: Path) -> None:
    (instance / name).chmod(0o640)
    wanted = told("file_open", file=name, mode="640", path=instance / name)
    assert check_files(instance) == [wanted]


def test_a_file_of_another_user(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.stat

    def stat(self: Path, **more: Any) -> Any:
        found = real(self, **more)
        is_it = self.name == "roost.db"
        return SimpleNamespace(st_mode=found.st_mode, st_uid=64_001 if is_it else found.st_uid)

    monkeypatch.setattr(Path, "stat", stat)
    (line,) = check_files(instance)
    us = files._user(os.geteuid())
    assert line == told("file_owner", file="roost.db", owner="user 64001", user=us, path=instance / "roost.db")


def test_root_looks_on_behalf_of_the_owner_of_the_folder(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.stat

    def stat(self: Path, **more: Any) -> Any:
        return SimpleNamespace(st_mode=real(self, **more).st_mode, st_uid=64_001)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert [one.status for one in check_files(instance)] == ["ok"]
    monkeypatch.setattr(os, "geteuid", lambda: 64_002)
    assert {one.status for one in check_files(instance)} == {"fail"}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert check_files(gone) == [told("folder_missing", path=gone)]
    assert check_disk(gone) == files.FINDINGS["folder_missing"].line("disk", path=gone)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "ocfs2"])
def test_a_store_on_a_network_file_system(
    kind: str, instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the list that also keeps the portal from starting there."""
    table = tmp_path / "mountinfo"
    table.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / {tmp_path} rw - {kind} server:/x rw\n")
    monkeypatch.setattr(disk, "MOUNTS", table)
    assert check_files(instance) == [files.FINDINGS["store_over_network"].line("store", kind=kind)]


@pytest.mark.parametrize(
    ("free", "finding", "shown"),
    [(200 * MIB, None, ""), (199 * MIB, "disk_low", "199 MiB"), (50 * MIB, "disk_low", "50.0 MiB"),
     (49 * MIB, "disk_full", "49.0 MiB"), (0, "disk_full", "0 B")],
)  # fmt: skip
def test_how_much_room_is_left(
    free: int, finding: str | None, shown: str, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    line = check_disk(instance)
    assert line.status == "ok" if finding is None else line == files.FINDINGS[finding].line("disk", free=shown)


def test_a_store_of_this_release_is_well(instance: Path) -> None:
    (line,) = check_store(instance / "roost.db")
    assert (line.status, line.said.startswith("The store has ")) == ("ok", True)


@pytest.mark.parametrize("content", [None, b""])
def test_a_store_that_is_missing(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "roost.db").write_bytes(content)
    assert check_store(tmp_path / "roost.db") == [in_store("store_missing")]


@pytest.mark.parametrize(("version", "finding"), [("0000", "store_old"), ("9999", "store_new")])
def test_a_store_of_another_release(version: str, finding: str, instance: Path) -> None:
    with closing(sqlite3.connect(instance / "roost.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    assert check_store(instance / "roost.db") == [in_store(finding, found=version, needed=schema.SCHEMA)]


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "roost.db").write_bytes(b"this is no database " * 100)
    assert check_store(tmp_path / "roost.db") == [in_store("store_unreadable", reason="file is not a database")]


def test_a_log_that_grows_and_grows(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_checks, "_size", lambda path: 300 * MIB if path.name.endswith("-wal") else MIB)
    assert check_store(instance / "roost.db") == [in_store("store_log", size="300 MiB")]


def test_a_store_that_was_put_back_and_not_confirmed(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_world.app.app_context():
        assert check_restored() == []
        monkeypatch.setattr(restored, "since", lambda: own_world.clock.now() - 7200)
        assert check_restored() == [in_store("store_restored", age="2 hours ago")]


@pytest.mark.parametrize(
    ("hours", "finding", "age"),
    [(None, "backup_none", None), (1, None, None), (35, None, None), (37, "backup_old", "37 hours ago")],
)
def test_how_old_the_last_backup_is(
    hours: float | None, finding: str | None, age: str | None, own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_at = None if hours is None else own_world.clock.now() - hours * 3600
    monkeypatch.setattr(backup, "newest", lambda _instance: made_at)
    with own_world.app.app_context():
        line = check_backup(own_world.instance)
    if finding is None:
        assert line.status == "ok"
    else:
        assert line == store_checks.FINDINGS[finding].line("backup", **({"age": age} if age else {}))


@pytest.mark.parametrize(("age", "is_new"), [(0, True), (86_399, True), (86_401, False), (-60, False)])
def test_a_portal_of_today_needs_no_backup_yet(age: int, is_new: bool, own_world: World) -> None:
    set_up_at = own_world.clock.now() - age
    os.utime(own_world.instance / "secret_key", (set_up_at, set_up_at))
    with own_world.app.app_context():
        line = check_backup(own_world.instance)
    if is_new:
        assert (line.status, line.said.startswith("There is no backup yet")) == ("ok", True)
    else:
        assert line == store_checks.FINDINGS["backup_none"].line("backup")


def test_a_nightly_backup_that_failed_is_told_with_why(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.backup import service as backups

    failure = backups.Failure(own_world.clock.now() - 3600, "The disk is full.")
    with own_world.app.app_context():
        assert check_nightly() == []
        monkeypatch.setattr(backups, "last_failure", lambda: failure)
        wanted = store_checks.FINDINGS["backup_failed"].line("backup", age="60 minutes ago", error="The disk is full")
        assert check_nightly() == [wanted]


def test_a_backup_that_was_really_made_is_seen(own_world: World) -> None:
    """Up to the functions that make and find one."""
    from portal.backup.service import create

    with own_world.app.app_context():
        assert check_backup(own_world.instance) == store_checks.FINDINGS["backup_none"].line("backup")
        create("manual")
        assert check_backup(own_world.instance).status == "ok"
