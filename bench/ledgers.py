"""Stores for bench/billing.py: with priced servers, with some of them long overdue, with a ledger of any length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import text

from portal import clock, create_app
from portal.auth.models import Account
from portal.billing import ledger, terms
from portal.billing.ledger import Posting
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.clock import SystemClock
from portal.config import Settings
from portal.store import db, schema, write
from portal.store.state import StoreState
from portal.suspension import panel_clock
from portal.sweep import clock_gate, confirming

DAY_S = 86_400
PEOPLE = 50


class Moved:
    """The machine's clock, moved: both what it shows and what it counts."""

    def __init__(self, seconds: float) -> None:
        self._real = SystemClock()
        self._seconds = seconds

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._real.now() + self._seconds

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self._real.monotonic() + self._seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._real.sleep(seconds)


class Book:
    """A store and its app. Inside `with` it is the running one."""

    def __init__(self, folder: Path, *, is_new: bool = True) -> None:
        self.account = 1
        if is_new:
            folder.mkdir(mode=0o700)
            schema.upgrade(folder / "roost.db")
        chosen = Settings(
            panel_url="http://panel.invalid", application_key="a" * 48, instance=folder, billing="on",
            log_level="ERROR",
        )  # fmt: skip
        self.app = create_app(chosen, {"TESTING": True})
        self._stack = ExitStack()
        if is_new:
            with self.active(), write() as session:
                for number in range(1, PEOPLE + 1):
                    email = f"customer{number}@example.com"
                    session.add(Account(id=number, email=email, panel_user_id=number, created_at=clock.now()))
                session.execute(text("INSERT INTO store_state VALUES ('bench', '')"))

    def __enter__(self) -> Self:
        self._stack.enter_context(self.active())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        db.engine.dispose()
        self._stack.close()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make it the running app."""
        with self.app.app_context():
            yield

    def credit(self, minor: int) -> None:
        """Money for the account."""
        with write() as session:
            ledger.post_in(session, Posting(self.account, "credit", Money(minor, "EUR"), "credit:bench", "bench"))

    @contextmanager
    def swept(self) -> Iterator[None]:
        """Let the clock have been right for a while, as it is where a worker sweeps every five minutes."""
        before = clock.use(Moved(-600))
        try:
            for moved in (-600, -300):
                clock.use(Moved(moved))
                _panel_agrees()
                clock_gate.look()
            clock.use(Moved(0))
            _panel_agrees()
            yield
        finally:
            clock.use(before)


def _panel_agrees() -> None:
    with write() as session:
        session.merge(StoreState(name=panel_clock.NAME, value=json.dumps([0, int(clock.now())])))


def priced_servers(count: int) -> list[str]:
    """Servers that expire in a month; their uuids."""
    uuids = [f"{number:08d}" for number in range(count)]
    for number, uuid in enumerate(uuids):
        with write() as session:
            known = terms.Known(uuid, uuid, f"Server {uuid}", number + 1)
            terms.set_price_in(session, known, Money(500, "EUR"), Period(1, "months"), by=None, why="bench")
    return uuids


def due_servers(count: int, due: int) -> None:
    """Servers of the panel with owners and prices, `due` of them overdue, reminded of it and past all grace."""
    now = int(clock.now())
    expired = now - 5 * DAY_S
    people = {"people": PEOPLE, "count": count, "due": due, "now": now, "expired": expired, "day": DAY_S}
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    statements = (
        "INSERT INTO panel_server (uuid, identifier, internal_id, environment_names, seen_at) " + numbers
        + "SELECT printf('%08d', i), printf('%08d', i), i, '[]', :now FROM n",
        'INSERT INTO "grant" (server_uuid, panel_user_id, is_owner, permissions, read_at, is_revoked) ' + numbers
        + "SELECT printf('%08d', i), 1 + i % :people, 1, '[]', :now, 0 FROM n",
        "INSERT INTO observed (server_uuid, internal_id, owner_id, name, is_suspended, since, read_at) " + numbers
        + "SELECT printf('%08d', i), i, 1 + i % :people, 'Server', 0, :now, :now FROM n",
        "INSERT INTO price (id, server_uuid, amount_minor, currency, period_count, period_unit, since) " + numbers
        + "SELECT i, printf('%08d', i), 500, 'EUR', 1, 'months', :now FROM n",
        "INSERT INTO term (server_uuid, identifier, name, internal_id, kind, price_id, anchor, periods, expires_at) "
        + numbers + "SELECT printf('%08d', i), printf('%08d', i), 'Server', i, 'priced', i, :expired, 0, "
        "CASE WHEN i * :due % :count < :due THEN :expired ELSE :now + (20 + i % 300) * :day END FROM n",
        "INSERT INTO reminder (server_uuid, expires_at, days, account_id, made_at, shown_at) "
        "SELECT server_uuid, expires_at, 0, 1 + internal_id % :people, expires_at, expires_at FROM term "
        "WHERE expires_at = :expired",
        "INSERT INTO reading (name, read_at, total) SELECT 'directory', :now, :count",
    )  # fmt: skip
    with write() as session:
        for statement in statements:
            session.execute(text(statement), _named(statement, people))
    confirming.confirm(None)


def fill_ledger(account: int, rows: int) -> None:
    """A ledger of one account with so many movements of 200 servers, a second apart. Its chain is not a real one."""
    movements = (
        "INSERT INTO ledger_entry (id, account_id, number, at, kind, amount_minor, currency, idempotency_key, "
        "reference, note, by_account, server_uuid, balance_after, previous, hash) "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
        "SELECT i, :account, i, :now - :rows + i, "
        "CASE i % 50 WHEN 0 THEN 'credit' WHEN 1 THEN 'refund' ELSE 'charge' END, 1, 'EUR', 'bench:' || i, '', "
        "'Server: 1 period', :account, CASE i % 50 WHEN 0 THEN NULL ELSE printf('%08d', i % 200) END, i, '', '' FROM n"
    )
    with write() as session:
        session.execute(text(movements), {"rows": rows, "account": account, "now": int(clock.now())})


def _named(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}
