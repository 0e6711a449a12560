"""`flask backup create`: a whole copy of the store, for the owner alone, with no secret in it."""

from __future__ import annotations

import re
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal.auth import links, sessions
from portal.auth import service as accounts
from portal.backup import highwater, service
from portal.mail import queue
from portal.store import backup as backups
from portal.store import copies, db, disk, encryption, write
from portal.store.files import BackupError
from tests.backup.conftest import KEY, ask, backup, change, done, refused, run, store
from tests.conftest import PASSWORD, World


def test_the_last_line_says_where_the_backup_is(portal: World) -> None:
    path = backup(portal)
    assert path.parent == portal.instance / "backups"
    assert re.fullmatch(r"roost-\d{8}T\d{6}Z-manual\.db", path.name)


def test_a_backup_is_for_the_owner_alone(portal: World) -> None:
    path = backup(portal)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_backup_holds_what_the_store_holds_and_says_what_it_is(portal: World) -> None:
    path = backup(portal, "--reason", "before-upgrade")
    query = "SELECT * FROM account ORDER BY id"
    assert ask(path, query) == ask(store(portal), query)
    with closing(copies.connect(path, "ro", immutable=True)) as connection:
        marker = copies.marker_of(connection)
    assert marker is not None
    assert (marker.reason, marker.at, marker.schema) == ("before-upgrade", portal.clock.now(), "0005")
    assert ask(store(portal), "SELECT * FROM store_state WHERE name = 'backup'") == []


def test_nothing_else_is_left_in_the_folder(portal: World, sealed: World) -> None:
    for world in (portal, sealed):
        path = backup(world)
        assert {one.name for one in path.parent.iterdir()} == {path.name, ".lock"}


def test_two_backups_of_one_second_are_two(portal: World) -> None:
    assert backup(portal) != backup(portal)
    assert len(backups.kept(portal.instance)) == 2


@pytest.mark.parametrize("reason", ["", "Two words", "../x", "a/b", "-a", "a" * 40, "ä"])
def test_a_reason_is_one_plain_word(reason: str, portal: World) -> None:
    assert "reason" in refused(portal, "create", f"--reason={reason}")
    assert backups.kept(portal.instance) == []


def test_a_backup_under_a_key_holds_nothing_readable(sealed: World) -> None:
    path = backup(sealed)
    assert path.name.endswith(".db.enc")
    content = path.read_bytes()
    assert b"SQLite format" not in content
    assert b"owner@example.com" not in content
    assert KEY.encode() not in content


def test_no_secret_stands_in_a_backup_not_even_an_unencrypted_one(portal: World) -> None:
    secrets = [PASSWORD, *portal.demo.keys.values()]
    with portal.app.app_context():
        owner = accounts.find("owner@example.com")
        secrets.append(sessions.start(owner.id, days=30))
        for kind in ("invite", "reset"):
            secrets.append(links.make(owner.id, kind).url.rpartition("/")[2])
        with write() as session:
            queue.add_in(session, "invite", owner.email, account_id=owner.id)
        secrets.append(portal.app.config["SECRET_KEY"])
        secrets.append(portal.app.config["ROOST_MASTER_KEY"])
    secrets += [(portal.instance / name).read_text().strip() for name in ("master_key", "secret_key")]
    content = backup(portal).read_bytes()
    assert b"owner@example.com" in content
    for secret in secrets:
        raw = secret if isinstance(secret, bytes) else secret.encode()
        assert len(raw) > 8
        assert raw not in content


def test_a_damaged_store_gives_no_backup(portal: World) -> None:
    change(store(portal), "PRAGMA foreign_keys=OFF", "INSERT INTO login_session VALUES ('x', 999, 1, 2)")
    assert "damaged" in refused(portal, "create")
    assert {one.name for one in (portal.instance / "backups").iterdir()} == {".lock"}


def test_a_backup_never_fills_the_disk(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_mib", lambda _path: 50.0)
    assert "make room" in refused(portal, "create")
    assert backups.kept(portal.instance) == []


def test_what_a_killed_backup_left_goes_away(portal: World) -> None:
    folder = backup(portal).parent
    (folder / ".making-1234.db").touch()
    backup(portal)
    assert not (folder / ".making-1234.db").exists()


def test_there_is_nothing_to_copy_without_a_store(portal: World) -> None:
    for path in portal.instance.glob("roost.db*"):
        path.unlink()
    assert "no store" in refused(portal, "create")
    assert not store(portal).exists()


def test_a_file_that_is_no_store_is_not_copied(portal: World) -> None:
    store(portal).write_bytes(b"this is no database " * 100)
    refused(portal, "create")
    assert backups.kept(portal.instance) == []


def test_a_store_of_an_older_schema_is_copied_as_it_is(portal: World) -> None:
    """The backup before an upgrade is made by the newer release."""
    change(store(portal), "UPDATE alembic_version SET version_num = '0001'", "DROP TABLE store_state")
    assert ask(backup(portal), "SELECT version_num FROM alembic_version") == [("0001",)]


def test_a_backup_notes_how_far_the_store_is(portal: World) -> None:
    backup(portal)
    first = highwater.noted(portal.instance)
    backup(portal)
    second = highwater.noted(portal.instance)
    assert first is not None
    assert second is not None
    assert second.beat > first.beat


def test_newest_is_the_time_in_the_name_of_the_newest_one(portal: World) -> None:
    assert backups.newest(portal.instance) is None
    path = backup(portal)
    made_at = int(portal.clock.now())
    assert backups.newest(portal.instance) == made_at
    (path.parent / "notes.txt").touch()
    (path.parent / "roost-20250101T000000Z-manual.db").touch()
    portal.clock.advance(7200)
    assert backups.newest(portal.instance) == made_at, "a copy of an old one is as old as its name says"
    (path.parent / "roost-20990101T000000Z-manual.db").touch()
    assert backups.newest(portal.instance) == made_at


BOTH = "SELECT (SELECT created_at FROM account WHERE id = 1), (SELECT count(*) FROM audit_entry WHERE action = 'load')"


def test_backups_under_full_write_load_see_whole_transactions(portal: World, tmp_path: Path) -> None:
    """Each transaction counts in one table and writes a row into another; every copy must agree with itself."""
    change(store(portal), "UPDATE account SET created_at = 0 WHERE id = 1")
    stop, wrong = threading.Event(), list[BaseException]()

    def load() -> None:
        try:
            with portal.app.app_context():
                while not stop.is_set():
                    with write() as session:
                        session.execute(text("UPDATE account SET created_at = created_at + 1 WHERE id = 1"))
                        session.execute(text("INSERT INTO audit_entry (at, action, detail, outcome) "
                                             "VALUES (1, 'load', :fill, 'done')"), {"fill": "x" * 400})  # fmt: skip
        except BaseException as error:
            wrong.append(error)

    writers = [threading.Thread(target=load) for _ in range(3)]
    for one in writers:
        one.start()
    try:
        with portal.app.app_context():
            made = [service.create() for _ in range(20)]
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert not wrong
    seen = []
    for path in made:
        assert ask(path, "PRAGMA integrity_check") == [("ok",)]
        ((counted, rows),) = ask(path, BOTH)
        assert counted == rows
        seen.append(rows)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0], "nobody wrote meanwhile"
    with portal.app.app_context():
        db.engine.dispose()
    done(portal, "restore", str(made[10]), "--yes")
    assert ask(store(portal), BOTH) == [(seen[10], seen[10])]


def test_a_backup_waits_longer_for_the_lock_than_a_page(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the lock is not to be had within the store's patience; the third time it is."""
    tries, keep = list[bool](), highwater.keep

    def busy() -> None:
        tries.append(True)
        if len(tries) < 3:
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))
        keep()

    monkeypatch.setattr(highwater, "keep", busy)
    with portal.app.app_context():
        assert service.verify(service.create()).accounts
    assert len(tries) == 3


def test_a_lock_that_nobody_gives_back_ends_a_backup(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(highwater, "keep", busy)
    with portal.app.app_context(), pytest.raises(BackupError, match="database is locked"):
        service.create()


def test_a_writer_is_not_held_up_by_a_copy(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two steps of a copy another process writes; the copy does not see it and does not begin anew."""
    monkeypatch.setattr(backups, "PAGES", 2)
    target = portal.instance / "copy.db"
    target.touch()
    before = ask(store(portal), "SELECT count(*) FROM attempt")
    real, steps = copies.connect, []

    class Source:
        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def backup(self, copy: Source, *, pages: int) -> None:
            def step(_status: int, _left: int, _total: int) -> None:
                steps.append(1)
                change(store(portal), "INSERT INTO attempt (bucket, at) VALUES ('x', 1)")

            self._connection.backup(copy._connection, pages=pages, progress=step)

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

    monkeypatch.setattr(copies, "connect", lambda *args, **kw: Source(real(*args, **kw)))
    backups._copy(store(portal), target)
    assert len(steps) > 10
    assert ask(target, "SELECT count(*) FROM attempt") == before
    assert ask(target, "PRAGMA integrity_check") == [("ok",)]
    assert ask(store(portal), "SELECT count(*) FROM attempt") == [(before[0][0] + len(steps),)]


def test_a_disk_that_takes_nothing_is_one_sentence_and_leaves_nothing(
    sealed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encryption, "encrypt", full)
    assert "No space left" in refused(sealed, "create")
    assert {one.name for one in (sealed.instance / "backups").iterdir()} == {".lock"}


def test_the_service_says_why_there_is_none(portal: World) -> None:
    with portal.app.app_context(), pytest.raises(BackupError, match="reason"):
        service.create("Not a word")
    assert run(portal, "create", "--reason", "Not a word").stdout == ""
