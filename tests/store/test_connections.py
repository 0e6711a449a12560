"""R-S1: what every connection of the store is set to, read back from SQLite itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.store import db, read, write
from tests.conftest import World

READ_BACK = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "trusted_schema": 0,
    "recursive_triggers": 1,
    "journal_size_limit": 64 * 1024 * 1024,
}


@pytest.fixture
def app_context(bare_world: World):
    with bare_world.app.app_context():
        yield


def test_every_connection_has_the_pragmas(app_context: None) -> None:
    connections = [db.engine.connect() for _ in range(12)]  # more than the pool keeps
    try:
        for connection in connections:
            assert {name: connection.scalar(text(f"PRAGMA {name}")) for name in READ_BACK} == READ_BACK
    finally:
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("door", [read, write])
def test_the_ways_in_have_the_pragmas(door, app_context: None) -> None:
    with door() as session:
        assert {name: session.scalar(text(f"PRAGMA {name}")) for name in READ_BACK} == READ_BACK


def test_a_connection_goes_back_to_the_pool_after_an_error(app_context: None) -> None:
    for door in (read, write):
        with pytest.raises(KeyError), door():
            raise KeyError
    assert db.engine.pool.checkedout() == 0


def test_a_page_leaves_no_connection_behind(bare_world: World) -> None:
    browser = bare_world.browser("owner")
    for path in ("/servers", "/login", "/nothing"):
        browser.get(path)
    with bare_world.app.app_context():
        assert db.engine.pool.checkedout() == 0
