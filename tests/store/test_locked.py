"""R-S6: a store that somebody else holds for longer than we wait: 503, come back in 2 s, nothing half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from portal.store import db, engine
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
