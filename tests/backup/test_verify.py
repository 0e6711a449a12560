"""`flask backup verify`: whether a file could be put back, and what is in it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.backup.conftest import ask, backup, change, done, refused, run, store
from tests.conftest import World


def spoil(path: Path, how: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(how(path.read_bytes()))
    return path


def test_a_whole_backup_is_told_in_one_line(portal: World) -> None:
    path = backup(portal)
    accounts = ask(store(portal), "SELECT count(*) FROM account")[0][0]
    servers = ask(store(portal), "SELECT count(*) FROM panel_server")[0][0]
    assert accounts
    assert servers
    said = done(portal, "verify", str(path))
    assert len(said.splitlines()) == 1
    assert path.name in said
    assert f"{accounts} accounts, {servers} servers" in said
    assert "(manual), schema 0005" in said


def test_an_encrypted_backup_is_looked_through_and_leaves_nothing_readable_behind(sealed: World) -> None:
    path = backup(sealed)
    before = {one.name for one in sealed.instance.iterdir()}
    assert "accounts" in done(sealed, "verify", str(path))
    assert {one.name for one in sealed.instance.iterdir()} == before


def test_looking_changes_nothing_in_the_backup(portal: World) -> None:
    path = backup(portal)
    before = path.read_bytes()
    done(portal, "verify", str(path))
    assert path.read_bytes() == before
    assert {one.name for one in path.parent.iterdir()} == {path.name, ".lock"}


def test_the_wrong_key_and_no_key_are_told_apart(
    sealed: World, make_world: Callable[..., World], tmp_path: Path
) -> None:
    path = backup(sealed)
    assert "another backup_key" in refused(make_world(backup_key="another key, as long as that"), "verify", str(path))
    assert "backup_key is missing" in refused(make_world(), "verify", str(path))


@pytest.mark.parametrize("content", [b"", b"x", b"this is no database " * 100, b"SQLite format 3\x00"])
def test_a_file_of_something_else_is_no_backup(content: bytes, portal: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert "not a backup" in refused(portal, "verify", str(tmp_path / "file"))


def test_a_database_of_something_else_is_no_backup(portal: World, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('0002')")
    assert "not a backup" in refused(portal, "verify", str(tmp_path / "other.db"))


def test_a_cut_backup_is_called_that(portal: World, sealed: World) -> None:
    for world in (portal, sealed):
        path = spoil(backup(world), lambda content: content[:-4096])
        assert "cut" in refused(world, "verify", str(path))


def test_a_backup_with_something_at_its_end_is_damaged(portal: World, sealed: World) -> None:
    for world in (portal, sealed):
        path = spoil(backup(world), lambda content: content + b"more")
        assert "damaged" in refused(world, "verify", str(path))


def test_a_damaged_page_is_found(portal: World) -> None:
    path = backup(portal)
    whole = path.read_bytes()
    for at in random.Random(5).sample(range(4096, len(whole), 4096), 8):
        path.write_bytes(whole[:at] + b"\xff" * 200 + whole[at + 200 :])
        assert "damaged" in refused(portal, "verify", str(path))


def test_a_row_that_belongs_to_nothing_is_found(portal: World) -> None:
    path = backup(portal)
    change(path, "PRAGMA foreign_keys=OFF", "INSERT INTO login_session VALUES ('x', 999, 1, 2)")
    assert "login_session" in refused(portal, "verify", str(path))


@pytest.mark.parametrize(("version", "word"), [("9999", "newer"), ("0000", "never"), ("*", "never"), ("", "never")])
def test_a_schema_that_this_release_does_not_know_is_refused(version: str, word: str, portal: World) -> None:
    path = backup(portal)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    assert word in refused(portal, "verify", str(path))


def test_a_copy_of_a_running_store_is_no_backup(portal: World, tmp_path: Path) -> None:
    (tmp_path / "roost.db").write_bytes(backup(portal).read_bytes())
    (tmp_path / "roost.db-wal").write_bytes(b"x" * 100)
    assert "-wal" in refused(portal, "verify", str(tmp_path / "roost.db"))


def test_there_must_be_such_a_file(portal: World, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.db", tmp_path):
        assert run(portal, "verify", str(path)).exit_code == 2


def test_what_a_backup_says_of_itself_cannot_write_on_the_terminal(portal: World) -> None:
    path = backup(portal)
    marker = json.dumps({"at": 1.0, "reason": "x\x1b[2J\nOK " + "z" * 500, "schema": "0002"})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE store_state SET value = ? WHERE name = 'backup'", (marker,))
    said = done(portal, "verify", str(path))
    assert "(x [2J OK zzz" in said
    assert (len(said.splitlines()), "\x1b" in said, "z" * 60 in said) == (1, False, False)
