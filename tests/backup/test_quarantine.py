"""Quarantine: however an older store came to be in place, the next start notices, and an admin ends it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from portal.audit import service as audit
from portal.background import directory
from portal.backup import highwater, service, settling, starting
from portal.mail import queue
from portal.store import db, restored, write
from portal.store.schema import BadStore
from tests.auth.conftest import is_signed_in
from tests.backup.conftest import ask, backup, change, done, refused, run, store, worked
from tests.conftest import World

ACTS = 7


@pytest.fixture
def restarted(portal: World) -> World:
    """Restored to a backup that seven acts are missing from, one message waiting in it."""
    with portal.app.app_context(), write() as session:
        queue.add_in(session, "invite", "owner@example.com")
    path = backup(portal)
    act(portal)
    portal.clock.advance(30)
    done(portal, "restore", str(path), "--yes")
    return portal


def act(world: World) -> None:
    with world.app.app_context():
        for _ in range(ACTS):
            audit.record(None, "test", outcome="done")


def since(world: World) -> float | None:
    with world.app.app_context():
        return restored.since()


def start(world: World) -> None:
    """What a web process and the worker do before anything else."""
    with world.app.app_context():
        db.engine.dispose()
    starting.check(store(world), closely=True)()


def put_by_hand(world: World, path: Path) -> None:
    """What somebody does who has not read the manual."""
    with world.app.app_context():
        db.engine.dispose()
    wal = world.instance / "roost.db-wal"
    assert not wal.exists() or not wal.stat().st_size
    shutil.copyfile(path, store(world))


def test_a_store_in_use_is_in_none(portal: World) -> None:
    start(portal)
    assert since(portal) is None
    assert done(portal, "confirm") == "The store is not in quarantine.\n"


def test_a_restored_store_is_in_it_until_confirmed(restarted: World) -> None:
    assert since(restarted) == restarted.clock.now()
    start(restarted)
    assert since(restarted) == restarted.clock.now()
    assert "out of quarantine" in done(restarted, "confirm", "--yes")
    assert since(restarted) is None
    start(restarted)
    assert since(restarted) is None
    assert ask(store(restarted), "SELECT action FROM audit_entry ORDER BY id DESC LIMIT 2") == [
        ("backup.confirm",), ("backup.restore",),
    ]  # fmt: skip


def test_confirming_shows_what_differs_and_asks(restarted: World) -> None:
    ran = run(restarted, "confirm", typed="n\n")
    assert ran.exit_code == 1
    assert f"At least {ACTS} acts" in ran.stdout
    assert "1 messages that waited" in ran.stdout
    assert "start roost-worker first" in ran.stdout
    assert since(restarted) is not None
    assert run(restarted, "confirm", typed="y\n").exit_code == 0
    assert since(restarted) is None


def test_confirming_compares_with_what_the_panel_says_now(restarted: World) -> None:
    change(store(restarted), "DELETE FROM client_key", "DELETE FROM account WHERE email = 'subuser@example.com'")
    restarted.clock.advance(60)
    with restarted.app.app_context():
        directory.sync()
    total = ask(store(restarted), "SELECT total FROM reading WHERE name = 'directory'")[0][0]
    ran = run(restarted, "confirm", typed="n\n")
    assert f"that it has {total} servers" in ran.stdout
    assert "panel users have servers and no account here" in ran.stdout


def test_a_backup_put_in_place_by_hand_is_noticed(portal: World) -> None:
    path, browser = backup(portal), portal.browser("owner")
    act(portal)
    put_by_hand(portal, path)
    start(portal)
    assert since(portal) == portal.clock.now()
    assert not is_signed_in(browser)
    assert ask(store(portal), "SELECT * FROM store_state WHERE name = 'backup'") == []
    with portal.app.app_context():
        state = restored.state()
    assert state is not None
    assert state.backup_at == portal.clock.now()


def test_a_command_notices_it_too(portal: World) -> None:
    put_by_hand(portal, backup(portal))
    assert portal.app.test_cli_runner().invoke(args=["user", "list"]).exit_code == 0
    assert since(portal) is not None


def test_a_plain_copy_from_earlier_is_noticed_by_the_file_beside(portal: World, tmp_path: Path) -> None:
    """A snapshot of the machine, or a copy made while Roost was stopped, bears no mark."""
    with portal.app.app_context():
        db.engine.dispose()
    shutil.copyfile(store(portal), tmp_path / "copy.db")
    act(portal)
    worked(portal, 3)
    put_by_hand(portal, tmp_path / "copy.db")
    start(portal)
    assert since(portal) is not None
    with portal.app.app_context():
        state = restored.state()
    assert state is not None
    assert state.audit_before - state.audit_now == ACTS


def test_it_is_noticed_although_nobody_did_anything_since(portal: World, tmp_path: Path) -> None:
    with portal.app.app_context():
        db.engine.dispose()
    shutil.copyfile(store(portal), tmp_path / "copy.db")
    worked(portal, 3)
    put_by_hand(portal, tmp_path / "copy.db")
    start(portal)
    assert since(portal) is not None


def test_the_worker_writes_the_file_once_a_minute_and_when_it_stops(
    portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = []
    real = highwater.keep
    monkeypatch.setattr(highwater, "keep", lambda: (times.append(portal.clock.now()), real())[1])
    worked(portal, 40)
    assert len(times) == 1, "only at the stop"
    worked(portal, 200)
    assert len(times) - 1 == 4, "three minutes and a stop"
    noted = highwater.noted(portal.instance)
    assert noted is not None
    assert noted.beat >= len(times) - 1


def test_a_store_that_goes_on_is_never_taken_for_restored(portal: World) -> None:
    for _ in range(3):
        worked(portal, 130)
        act(portal)
        start(portal)
        backup(portal)
        start(portal)
    assert since(portal) is None


def test_after_a_restore_the_next_starts_find_nothing_new(restarted: World) -> None:
    done(restarted, "confirm", "--yes")
    for _ in range(2):
        start(restarted)
        worked(restarted, 70)
    assert since(restarted) is None


def test_a_store_put_back_is_past_what_the_file_had_seen(portal: World) -> None:
    """Otherwise each start after it would find it behind again."""
    path = backup(portal)
    act(portal)
    worked(portal, 200)
    done(portal, "restore", str(path), "--yes")
    done(portal, "confirm", "--yes")
    start(portal)
    assert since(portal) is None


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"audit": "x", "beat": 1, "at": 1}', b"\xff"])
def test_a_file_that_says_nothing_stops_nothing(content: bytes | None, portal: World) -> None:
    path = portal.instance / highwater.FILE
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    start(portal)
    assert since(portal) is None
    backup(portal)
    assert highwater.noted(portal.instance) is not None


def test_a_store_swapped_while_in_use_does_not_hide_that(portal: World) -> None:
    """The file is never set back, so that the next start still sees it."""
    path = portal.instance / highwater.FILE
    path.write_text(json.dumps({"audit": 10**6, "beat": 10**6, "at": 1.0}))
    with portal.app.app_context():
        highwater.keep()
    noted = highwater.noted(portal.instance)
    assert noted is not None
    assert noted.audit == 10**6
    start(portal)
    assert since(portal) is not None


def test_two_processes_that_start_together_notice_once(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put_by_hand(portal, backup(portal))
    real, seen = settling._was_put_back, []

    def first_looks_then_the_other_is_quicker(*args: object) -> bool:
        seen.append(1)
        if len(seen) == 1:
            found = real(*args)
            assert settling.notice(store(portal))
            return found
        return real(*args)

    monkeypatch.setattr(settling, "_was_put_back", first_looks_then_the_other_is_quicker)
    assert settling.notice(store(portal))
    assert ask(store(portal), "SELECT count(*) FROM audit_entry WHERE action = 'backup.restore'") == [(1,)]


def test_a_backup_beside_the_files_of_another_store_is_refused(portal: World) -> None:
    """R-95: SQLite would write the old WAL over it."""
    path, copy = backup(portal), store(portal)
    put_by_hand(portal, path)
    for ending in ("-wal", "-shm"):
        copy.with_name(copy.name + ending).write_bytes(b"x" * 4096)
    before = copy.read_bytes()
    with pytest.raises(BadStore) as caught:
        start(portal)
    assert "roost.db-wal" in str(caught.value)
    assert "away" in str(caught.value)
    assert copy.read_bytes() == before
    assert "roost.db-wal" in refused(portal, "confirm")
    for ending in ("-wal", "-shm"):
        copy.with_name(copy.name + ending).unlink()
    start(portal)
    assert since(portal) is not None


def test_a_real_stale_wal_is_refused_too(portal: World, tmp_path: Path) -> None:
    path = backup(portal)
    connection = sqlite3.connect(store(portal))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("INSERT INTO attempt (bucket, at) VALUES ('stale', 1)")
    connection.commit()
    for ending in ("-wal", "-shm"):
        shutil.copyfile(f"{store(portal)}{ending}", tmp_path / ending)
    connection.close()
    put_by_hand(portal, path)
    for ending in ("-wal", "-shm"):
        shutil.copyfile(tmp_path / ending, f"{store(portal)}{ending}")
    with pytest.raises(BadStore):
        start(portal)


def test_a_store_killed_with_its_own_wal_starts(portal: World) -> None:
    """After a hand-made copy was noticed, the mark is gone from the file itself, not only in its WAL."""
    put_by_hand(portal, backup(portal))
    start(portal)
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(store(portal))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO attempt (bucket, at) VALUES ('x', 1)")
        connection.commit()
        os._exit(0)
    os.waitpid(child, 0)
    assert (portal.instance / "roost.db-wal").stat().st_size
    start(portal)
    assert ask(store(portal), "SELECT bucket FROM attempt WHERE bucket = 'x'")


def test_mail_that_is_written_after_a_restore_waits(restarted: World) -> None:
    with restarted.app.app_context():
        with write() as session:
            queue.add_in(session, "invite", "owner@example.com")
        assert queue.counts() == {"dropped": 1, "waiting": 1}


def test_the_service_tells_when_it_began(restarted: World) -> None:
    with restarted.app.app_context():
        began = restored.since()
        restarted.clock.advance(1000)
        assert restored.since() == began
        service.confirm()
        assert restored.since() is None
        restored.confirm()


def test_what_became_open_again_is_told(restarted: World) -> None:
    start(restarted)
    said = done(restarted, "confirm", "--yes")
    assert "Passwords are as they were then, and accounts that were disabled since are open again" in said
