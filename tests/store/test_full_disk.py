"""R-45: a disk that is full or takes nothing answers 503 `not saved`, and the portal goes on when there is room."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import count

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from portal.store import db, unwritable
from tests.conftest import PASSWORD, World
from tests.store.test_locked import rows

SAID = ["database or disk is full", "disk I/O error", "attempt to write a readonly database"]
LIMIT = "PRAGMA max_page_count=1"  # SQLite takes the present size instead
FREE = "PRAGMA max_page_count=1073741823"


def pragma(world: World, statement: str) -> None:
    """Say it on every connection from now on."""
    with world.app.app_context():
        db.engine.dispose()

        @event.listens_for(db.engine, "checkout")
        def limit(connection, _record, _proxy) -> None:
            connection.execute(statement)


def fill_free_pages(world: World) -> None:
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection, connection:
        connection.execute("CREATE TABLE filler (x)")
    with closing(sqlite3.connect(world.instance / "roost.db", isolation_level=None)) as connection:
        connection.execute(LIMIT)
        with pytest.raises(sqlite3.OperationalError, match="full"):
            connection.executemany("INSERT INTO attempt (bucket, at) VALUES (?, 1)", (("x" * 300,) for _ in count()))


@pytest.mark.parametrize("statement", [LIMIT, "PRAGMA query_only=ON"], ids=["full", "read-only"])
def test_what_cannot_be_saved_answers_503_and_leaves_nothing_half_done(statement: str, bare_world: World) -> None:
    fill_free_pages(bare_world)
    pragma(bare_world, statement)
    before = rows(bare_world)
    for number in range(30):  # a page may still have room for the first ones
        answer = bare_world.browser().post(
            "/login", data={"email": f"{number}{'x' * 150}@example.com", "password": "wrong password"}
        )
        if answer.status_code != 422:
            break
    assert answer.status_code == 503
    assert "not saved" in answer.text
    assert answer.headers["Retry-After"] == "5"
    if "query_only" in statement:
        assert rows(bare_world) == before
    with closing(sqlite3.connect(bare_world.instance / "roost.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_pages_stand_meanwhile_and_it_goes_on_when_there_is_room(bare_world: World) -> None:
    fill_free_pages(bare_world)
    pragma(bare_world, "PRAGMA query_only=ON")
    login = {"email": "owner@example.com", "password": PASSWORD}
    assert bare_world.browser().get("/login").status_code == 200
    assert bare_world.browser().post("/login", data=login).status_code == 503
    pragma(bare_world, "PRAGMA query_only=OFF")
    assert bare_world.browser().post("/login", data=login).status_code == 303


def test_a_power_signal_is_not_sent_when_it_cannot_be_written_down(bare_world: World) -> None:
    browser = bare_world.browser("owner")
    browser.get("/servers")
    pragma(bare_world, "PRAGMA query_only=ON")
    bare_world.calls()
    path = f"/servers/{bare_world.demo.main_server.identifier}/power/start"
    answer = browser.post(path, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "not saved" in answer.text
    assert [call for call in bare_world.calls() if call.startswith("POST")] == []


@pytest.mark.parametrize("said", SAID)
def test_these_mean_that_nothing_can_be_written(said: str) -> None:
    assert unwritable(OperationalError("", {}, sqlite3.OperationalError(said)))


@pytest.mark.parametrize("said", ["database is locked", "no such table: attempt", "near \"disk I/O error\": syntax"])
def test_these_mean_something_else(said: str) -> None:
    assert not unwritable(OperationalError("", {}, sqlite3.OperationalError(said)))
