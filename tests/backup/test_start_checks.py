"""R-S5: a store that is somewhere wrong, somebody else's or damaged is not used; one sentence says so."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal.backup import starting
from portal.store import disk, inuse
from portal.store.schema import BadStore
from tests.backup.conftest import change, store
from tests.conftest import World
from tests.site.test_start import assert_one_sentence, ready
from tests.site.test_start import start as start_web

__all__ = ["ready"]


def refusal(world: World, *, closely: bool = True) -> str:
    with pytest.raises(BadStore) as caught:
        starting.check(store(world), closely=closely)
    message = str(caught.value)
    assert re.fullmatch(r"The (store|instance folder) [^\n]*\.", message), message
    with inuse.alone(world.instance):  # whoever is refused lets go
        return message


def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    (tmp_path / "mountinfo").write_text("".join(f"{line}\n" for line in lines))
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "mountinfo")


ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph"])
def test_a_store_on_a_network_file_system_is_refused(
    kind: str, portal: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts(tmp_path, monkeypatch, ROOT, f"30 22 0:40 / {tmp_path} rw - {kind} server:/x rw")
    said = refusal(portal)
    assert f"({kind})" in said
    assert "local disk" in said


def test_the_nearest_and_the_last_mount_counts(
    portal: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = ROOT.replace("ext4", "nfs")
    near = f"30 22 0:40 / {tmp_path} rw - ext4 /dev/sdb rw"
    mounts(tmp_path, monkeypatch, near, far)
    starting.check(store(portal))()
    mounts(tmp_path, monkeypatch, near, near.replace("ext4", "nfs4"))
    assert "nfs4" in refusal(portal)
    mounts(tmp_path, monkeypatch, ROOT, f"30 22 0:40 / {tmp_path}x rw - nfs server:/x rw", "nonsense", "")
    starting.check(store(portal))()


def test_a_mount_with_a_space_in_its_name_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    mounts(tmp_path, monkeypatch, ROOT, rf"30 22 0:40 / {tmp_path}/a\040b rw - nfs server:/x rw")
    assert disk.network_file_system(folder / "roost.db") == "nfs"
    assert disk.network_file_system(tmp_path / "roost.db") is None


def test_where_nobody_knows_the_mounts_it_starts(
    portal: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MOUNTS", tmp_path / "missing")
    starting.check(store(portal))()


def test_somebody_elses_store_is_refused(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4321)
    said = refusal(portal)
    assert "belongs to" in said
    assert f"user {os.getuid() + 4321}" in said


def test_a_store_that_others_may_read_is_refused(portal: World) -> None:
    store(portal).chmod(0o644)
    assert "chmod 600" in refusal(portal)


def test_a_folder_that_takes_nothing_is_refused(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(BadStore, match=r"^The instance folder .* cannot be written to: .*\.$"):
        starting.check(store(portal))


def spoil(world: World) -> None:
    """Overwrite half of the table that has an index over every row."""
    with closing(sqlite3.connect(store(world))) as connection, connection:
        connection.executemany("INSERT INTO attempt (bucket, at) VALUES (?, 1)", [(f"{n:040}",) for n in range(2000)])
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_attempt_bucket'").fetchone()
    content = bytearray(store(world).read_bytes())
    content[(page - 1) * 4096 : (page - 1) * 4096 + 2000] = b"\xff" * 2000
    store(world).write_bytes(content)


def test_a_damaged_store_is_refused_by_what_serves_with_the_cure(portal: World) -> None:
    spoil(portal)
    assert "roost backup restore" in refusal(portal)


def test_a_command_does_not_read_all_of_the_store(portal: World) -> None:
    spoil(portal)
    starting.check(store(portal))()


def test_a_large_store_is_looked_through_only_after_a_stop_that_was_not_clean(
    portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "SMALL", 1000)
    looked: list[Path] = []
    monkeypatch.setattr(starting, "_check_pages", looked.append)
    starting.check(store(portal), closely=True)()
    assert looked == []
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(store(portal))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO attempt (bucket, at) VALUES ('x', 1)")
        connection.commit()
        os._exit(0)
    os.waitpid(child, 0)
    starting.check(store(portal), closely=True)()
    assert looked == [store(portal)]
    release = inuse.share(portal.instance)  # the worker runs: its WAL says nothing
    starting.check(store(portal), closely=True)()
    release()
    assert looked == [store(portal)]


def test_a_store_in_use_stays_held_until_let_go(portal: World) -> None:
    release = starting.check(store(portal))
    with pytest.raises(inuse.InUse), inuse.alone(portal.instance):
        pass
    release()
    release()
    with inuse.alone(portal.instance):
        pass


def test_a_locked_store_is_a_sentence(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    change(store(portal), "INSERT INTO store_state VALUES ('backup', '{}')")

    def locked(*_args: object) -> bool:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(starting.settling, "notice", locked)
    assert "locked" in refusal(portal)


def test_a_web_process_says_so_in_one_sentence(ready: Path) -> None:
    content = bytearray((ready / "roost.db").read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    (ready / "roost.db").write_bytes(content)
    assert_one_sentence(start_web(ready), "roost backup restore")


def test_root_may_hold_the_store_of_its_owner_and_gives_the_lock_to_them(
    portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, int]] = []
    real = Path.stat

    def stat(self: Path, **more: Any) -> Any:
        found = real(self, **more)
        return SimpleNamespace(st_mode=found.st_mode, st_size=found.st_size, st_uid=64_001, st_gid=64_002)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, user, *_, **__: given.append((Path(path).name, user)))
    with pytest.raises(BadStore, match="belongs to user 64001"):
        starting.check_file(store(portal))
    assert given == []
    starting.check_file(store(portal), for_owner=True)()
    assert given == [("in-use", 64_001)]
    monkeypatch.setattr(os, "geteuid", lambda: 64_003)
    with pytest.raises(BadStore, match="belongs to user 64001"):
        starting.check_file(store(portal), for_owner=True)
