"""R-S2: reading begins deferred, writing IMMEDIATE, and nothing is written anywhere else."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.auth.models import Account, Attempt, LoginSession
from portal.store import bind, db, read, write
from portal.store.engine import DeferredWrite
from tests.conftest import World
from tests.store.conftest import traced

ROUNDS = 25


def test_reading_begins_deferred_and_ends(bare_world: World) -> None:
    with bare_world.app.app_context(), traced(db.engine) as seen:
        with read() as session:
            session.scalars(select(Account)).all()
        assert seen[0] == "BEGIN DEFERRED"
        assert seen[-1] == "ROLLBACK"


def test_writing_begins_immediate_and_commits(bare_world: World) -> None:
    with bare_world.app.app_context(), traced(db.engine) as seen:
        with write() as session:
            session.add(Attempt(bucket="b", at=1.0))
        assert seen[0].startswith("PRAGMA busy_timeout")
        assert seen[1] == "BEGIN IMMEDIATE"
        assert seen[-1] == "COMMIT"


def test_an_error_while_writing_rolls_everything_back(bare_world: World) -> None:
    with bare_world.app.app_context():
        with traced(db.engine) as seen:
            with pytest.raises(KeyError):
                write_and_fail()
            assert seen[-1] == "ROLLBACK"
        with read() as session:
            assert session.scalar(select(Attempt)) is None


def write_and_fail() -> None:
    with write() as session:
        session.add(Attempt(bucket="b", at=1.0))
        session.flush()
        raise KeyError


def test_every_transaction_of_a_login_that_writes_began_immediate(bare_world: World) -> None:
    with bare_world.app.app_context():
        engine = db.engine
    with traced(engine) as seen:
        bare_world.browser().post("/login", data={"email": "owner@example.com", "password": "wrong password"})
        bare_world.browser().post("/login", data={"email": "owner@example.com", "password": "correct horse"})
    begun = ""
    writes = 0
    for statement in seen:
        if statement.startswith("BEGIN"):
            begun = statement
        elif statement.split()[0] in ("INSERT", "UPDATE", "DELETE", "REPLACE"):
            writes += 1
            assert begun == "BEGIN IMMEDIATE", statement
    assert writes >= 5


@pytest.mark.parametrize("change", ["new", "dirty", "deleted"])
def test_a_row_changed_outside_write_is_refused(change: str, bare_world: World) -> None:
    with bare_world.app.app_context(), read() as session:
        account = session.scalars(select(Account)).first()
        if change == "new":
            session.add(Attempt(bucket="b", at=1.0))
        elif change == "dirty":
            account.email = "other@example.com"
        else:
            session.delete(account)
        with pytest.raises(DeferredWrite):
            session.flush()


def test_a_row_changed_in_the_extensions_own_session_is_refused(bare_world: World) -> None:
    with bare_world.app.app_context():
        db.session.add(Attempt(bucket="b", at=1.0))
        with pytest.raises(DeferredWrite):
            db.session.commit()
        db.session.rollback()


def test_a_statement_that_writes_outside_write_is_refused(bare_world: World) -> None:
    with bare_world.app.app_context(), read() as session, pytest.raises(DeferredWrite):
        session.execute(update(Account).values(email="x"))


def test_foreign_keys_are_kept(bare_world: World) -> None:
    orphan = LoginSession(token_hash="x", account_id=999, created_at=1.0, expires_at=2.0)
    with bare_world.app.app_context(), pytest.raises(IntegrityError), write() as session:
        session.add(orphan)


def spend_one() -> None:
    """What paying will do: read a balance, think, write the rest."""
    with write() as session:
        left = session.scalar(text("SELECT created_at FROM account WHERE id = 1"))
        session.execute(text("UPDATE account SET created_at = :left WHERE id = 1"), {"left": left - 1})


def test_no_spending_is_lost_between_threads(bare_world: World) -> None:
    set_counter(bare_world, 2 * ROUNDS)
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            with bare_world.app.app_context():
                for _ in range(ROUNDS):
                    spend_one()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong
    assert counter(bare_world) == 0


def test_no_spending_is_lost_between_processes(bare_world: World) -> None:
    set_counter(bare_world, 2 * ROUNDS)
    context = multiprocessing.get_context("fork")
    others = [
        context.Process(target=spend_in_another_process, args=(bare_world.instance / "roost.db",)) for _ in range(2)
    ]
    for one in others:
        one.start()
    for one in others:
        one.join(60)
    assert [one.exitcode for one in others] == [0, 0]
    assert counter(bare_world) == 0


def spend_in_another_process(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    bind(engine)
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    for _ in range(ROUNDS):
        with Session(writing, info={"writes": True}) as session, session.begin():
            left = session.scalar(text("SELECT created_at FROM account WHERE id = 1"))
            session.execute(text("UPDATE account SET created_at = :left WHERE id = 1"), {"left": left - 1})


def set_counter(world: World, value: float) -> None:
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection, connection:
        connection.execute("UPDATE account SET created_at = ? WHERE id = 1", (value,))


def counter(world: World) -> float:
    with closing(sqlite3.connect(world.instance / "roost.db")) as connection:
        return float(connection.execute("SELECT created_at FROM account WHERE id = 1").fetchone()[0])
