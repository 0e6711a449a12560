"""The schema: what the models say, what the migrations make, and which stores are refused."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from portal.store import db, schema
from portal.store.schema import BadStore
from portal.tables import TABLES


@pytest.fixture
def store(tmp_path: Path, prepared: Path) -> Path:
    path = tmp_path / "roost.db"
    shutil.copyfile(prepared, path)
    path.chmod(0o600)
    return path


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def refusal(path: Path) -> str:
    with pytest.raises(BadStore) as caught:
        schema.check(path)
    message = str(caught.value)
    assert re.fullmatch(r"The store .*\.", message), message
    return message


def stamp(path: Path, version: str) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    return path


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_the_migrations_make_what_the_models_say(store: Path) -> None:
    engine = create_engine(f"sqlite:///{store}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, db.metadata) == []
    engine.dispose()


def test_every_table_is_in_the_list_of_tables() -> None:
    assert {one.__table__.name for one in TABLES} == set(db.metadata.tables)


def test_there_is_one_head_and_it_is_the_schema_of_this_code() -> None:
    assert scripts().get_heads() == [schema.SCHEMA]


def test_every_migration_has_a_number_that_sorts_after_the_one_before() -> None:
    """`check` tells older from newer by comparing the texts."""
    numbers = [one.revision for one in reversed(list(scripts().walk_revisions()))]
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    assert numbers == sorted(numbers)


def test_a_fresh_store_is_accepted_and_only_ours(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "roost.db"
    schema.upgrade(path)
    schema.check(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_upgrading_twice_changes_nothing(store: Path) -> None:
    before = dump(store)
    schema.upgrade(store)
    assert dump(store) == before


@pytest.mark.parametrize("name", ["ro ost.db", "50%.db", "what?.db", "a#b.db", "zwölf.db"])
def test_a_path_may_have_any_letters(name: str, tmp_path: Path) -> None:
    schema.upgrade(tmp_path / name)
    schema.check(tmp_path / name)


def test_a_missing_store_is_refused(tmp_path: Path) -> None:
    assert "roost store upgrade" in refusal(tmp_path / "roost.db")
    assert not (tmp_path / "roost.db").exists()


def test_an_empty_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roost.db").touch(0o600)
    assert "roost store upgrade" in refusal(tmp_path / "roost.db")


def test_an_older_store_is_refused_with_the_cure(store: Path) -> None:
    assert "roost store upgrade" in refusal(stamp(store, "0000"))


def test_a_newer_store_is_refused_with_the_cure(store: Path) -> None:
    assert "newer" in refusal(stamp(store, "9999"))


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roost.db").write_bytes(b"this is no database " * 100)
    refusal(tmp_path / "roost.db")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o666])
def test_a_store_that_others_may_open_is_refused(mode: int, store: Path) -> None:
    store.chmod(mode)
    assert f"{mode:o}" in refusal(store)
    assert "chmod 600" in refusal(store)


def test_the_files_beside_the_store_are_only_ours_too(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE probe (x)")
        beside = [path for path in store.parent.iterdir() if path.name.startswith("roost.db-")]
        assert beside
        assert {stat.S_IMODE(path.stat().st_mode) for path in beside} == {0o600}


@pytest.mark.parametrize("name", ["upgrade", "check"])
def test_the_schema_is_read_without_taking_the_lock(name: str, store: Path) -> None:
    """Starting a second process while the first one writes works."""
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        if name == "check":
            schema.check(store)
        else:
            assert schema.version(store) == schema.SCHEMA
        other.execute("ROLLBACK")
