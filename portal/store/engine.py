"""Connections and transactions of the store.

Python's SQLite driver opens a transaction only before the first write, so a value read earlier is outside of it. The
driver's own transactions are therefore off; `read()` begins deferred, `write()` begins IMMEDIATE, which takes the
write lock before anything is read.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from portal import faultpoint
from portal.store.model import db

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "5000",
    "trusted_schema": "OFF",
    "recursive_triggers": "ON",  # else REPLACE takes rows away that the triggers of the ledger keep
    "journal_size_limit": str(64 * 1024 * 1024),
}

TURN_MS = 3
"""How long one question for the write lock waits; see `_begin_writing`."""


class DeferredWrite(RuntimeError):
    """A row was changed outside `write()`, where a balance read before could be stale by now."""


def bind(engine: Engine) -> None:
    """Give every connection of an engine the pragmas and the transactions of this module; errors hold no values."""
    engine.hide_parameters = True

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("sqlite_begin") == "IMMEDIATE":
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_writing(connection: Connection) -> None:
    """Take the write lock, or fail after `busy_timeout` as SQLite does.

    The longer SQLite has waited the more seldom it looks, up to 100 ms apart: whoever waits beside a few that write one
    short transaction after the other finds the lock taken each time, for minutes. So each question is short and new.
    """
    driver: Any = connection.connection.driver_connection
    patience = int(PRAGMAS["busy_timeout"])
    driver.execute(f"PRAGMA busy_timeout={TURN_MS}")
    try:
        for _ in range(patience // TURN_MS):
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # higher bits say which kind of busy
                    break
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in the words of SQLAlchemy, as any other statement
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")


@event.listens_for(Session, "before_flush")
def _only_in_write(session: Session, _flush: UOWTransaction, _objects: Any) -> None:
    if not session.info.get("writes") and (session.new or session.dirty or session.deleted):
        raise DeferredWrite("rows are changed only inside store.write()")


@event.listens_for(Session, "do_orm_execute")
def _only_read_outside_write(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get("writes"):
        raise DeferredWrite("rows are changed only inside store.write()")


@contextmanager
def read() -> Iterator[Session]:
    """A short transaction that sees one state of the store; its objects stay readable afterwards."""
    with Session(db.engine, expire_on_commit=False) as session:
        yield session
        session.expunge_all()


@contextmanager
def write() -> Iterator[Session]:
    """A transaction that holds the write lock from its first statement; commits at the end, rolls back on an error."""
    engine = _immediate()
    name = f"commit {_caller()}" if faultpoint.is_heard() else ""
    with Session(engine, expire_on_commit=False, info={"writes": True}) as session, session.begin():
        yield session
        session.flush()
        faultpoint.reach(f"{name} before")
    faultpoint.reach(f"{name} after")


def _caller() -> str:
    """The function that opened a write(): every commit has a name without anybody having to give one."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in (__name__, "contextlib"):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}"


def _immediate() -> Engine:
    engines: dict[str, Engine] = current_app.extensions.setdefault("roost_write_engine", {})
    if "engine" not in engines:
        engines["engine"] = db.engine.execution_options(sqlite_begin="IMMEDIATE")
    return engines["engine"]


def locked(error: OperationalError) -> bool:
    """Whether an error means that another process held the lock for longer than we wait (5 s)."""
    return "locked" in str(error.orig)


def unwritable(error: OperationalError) -> bool:
    """Whether an error means that the disk is full or takes nothing; SQLite has then rolled the transaction back."""
    said = ("database or disk is full", "disk I/O error", "attempt to write a readonly database")
    return str(error.orig).startswith(said)
