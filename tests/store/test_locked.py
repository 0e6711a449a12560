"""R-S6: a store that somebody else holds for longer than we wait: 503, come back in 2 s, nothing half done."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from portal.store import db, engine, write
from tests.conftest import PASSWORD, World

PATIENT = {name: value for name, value in engine.PRAGMAS.items() if name != "busy_timeout"}


@contextmanager
def held(world: World, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Another process writes and does not come to an end."""
    with closing(sqlite3.connect(world.instance / "roost.db", isolation_level=None)) as other:
        other.execute(begin)
        try:
            yield
        finally:
            other.execute("ROLLBACK")


@pytest.fixture
def impatient(bare_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Waits 30 ms for the lock instead of 5 s."""
    monkeypatch.setattr(engine, "PRAGMAS", {"busy_timeout": "30"} | PATIENT)
    with bare_world.app.app_context():
        db.engine.dispose()
    return bare_world


def rows(world: World) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


@pytest.mark.parametrize("password", [PASSWORD, "wrong password"])
def test_a_login_that_cannot_write_says_so_and_leaves_nothing(password: str, impatient: World) -> None:
    before = rows(impatient)
    browser = impatient.browser()
    with held(impatient):
        answer = browser.post("/login", data={"email": "owner@example.com", "password": password})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "not saved" in answer.text
    assert rows(impatient) == before
    assert browser.get("/servers").status_code == 303  # nobody is signed in


def test_a_power_signal_is_not_sent_when_it_cannot_be_written_down(impatient: World) -> None:
    browser = impatient.browser("owner")
    browser.get("/servers")
    path = f"/servers/{impatient.demo.main_server.identifier}/power/start"
    before, _ = rows(impatient), impatient.calls()
    with held(impatient):
        answer = browser.post(path, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert [call for call in impatient.calls() if call.startswith("POST")] == []
    assert rows(impatient) == before


def test_pages_that_only_read_work_meanwhile(impatient: World) -> None:
    with held(impatient):
        assert impatient.browser().get("/login").status_code == 200


def test_a_store_that_cannot_even_be_read_gives_the_same_answer(impatient: World) -> None:
    browser = impatient.browser("owner")
    with impatient.app.app_context():
        db.engine.dispose()
    with closing(sqlite3.connect(impatient.instance / "roost.db")) as other:
        other.execute("PRAGMA journal_mode=DELETE")
    with held(impatient, "BEGIN EXCLUSIVE"):
        answer = browser.get("/servers")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


def test_an_error_of_the_store_that_is_no_lock_is_an_error_of_ours(bare_world: World) -> None:
    with closing(sqlite3.connect(bare_world.instance / "roost.db")) as other:
        other.execute("DROP TABLE attempt")
    answer = bare_world.browser().post("/login", data={"email": "owner@example.com", "password": PASSWORD})
    assert answer.status_code == 500
    assert "attempt" not in answer.text.replace("attempts", "")


@pytest.mark.parametrize("kind", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_BUSY_SNAPSHOT])
def test_every_kind_of_busy_is_waited_for(kind: int, bare_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while another process brings the store in order after a crash."""
    left = [3]

    class Busy(sqlite3.Connection):
        def execute(self, sql: str, /, *values: Any) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE" and left[0]:
                left[0] -= 1
                error = sqlite3.OperationalError("database is locked")
                error.sqlite_errorcode = kind
                raise error
            return super().execute(sql, *values)

    with bare_world.app.app_context(), monkeypatch.context() as patch:
        db.engine.dispose()
        connect = sqlite3.connect
        patch.setattr(db.engine.dialect.dbapi, "connect", lambda *args, **more: connect(*args, **more, factory=Busy))
        with write() as session:
            session.execute(text("UPDATE account SET created_at = 7"))
        db.engine.dispose()
    assert left == [0]


@pytest.mark.slow
def test_nobody_waits_for_ever_beside_those_who_write_all_the_time(bare_world: World) -> None:
    """With the waits of SQLite alone one of three gets the lock once at best, and gives up after 5 s."""
    until, turns = time.monotonic() + 8, [0, 0, 0]

    def load(number: int) -> None:
        with bare_world.app.app_context():
            while time.monotonic() < until or sum(turns) < 100:  # a disk may be slow
                with write() as session:
                    session.execute(text("UPDATE account SET created_at = created_at + 1"))
                    time.sleep(0.002)
                turns[number] += 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(load, range(3)))
    assert min(turns) * 10 > max(turns), turns
