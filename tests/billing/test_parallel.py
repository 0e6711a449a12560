"""Many processes at once: 1,000 renewals of one server are one charge, and no balance is spent twice."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.audit import changes
from portal.billing import ledger, renewing, terms
from portal.billing.ledger import NotEnough
from portal.billing.renewing import AlreadyRenewed
from portal.config import Settings
from portal.store import db, locked, read
from tests.conftest import World
from tests.support import money

PROCESSES = 8
EACH = 125


@pytest.fixture
def paying(make_world: Callable[..., World]) -> World:
    return make_world("own", billing="on")


def renew_all(line: Connection, instance: Path, account: int, tokens: list[str]) -> None:
    """In a process of its own, with its own app: renew by every token; says how each ended.

    A store that is busy for longer than one waits is asked again.
    """
    ended: Counter[str] = Counter()
    try:
        chosen = Settings(panel_url="http://panel.test", application_key="a" * 48, instance=instance, billing="on")
        app = create_app(chosen, {"TESTING": True})
        line.send("ready")
        line.recv()
        with app.app_context():
            waiting = tokens[::-1]
            while waiting:
                try:
                    renewing.renew(account, waiting[-1])
                    how = "Renewed"
                except (AlreadyRenewed, NotEnough) as refused:
                    how = type(refused).__name__
                except OperationalError as wrong:
                    if locked(wrong):
                        continue
                    raise
                waiting.pop()
                ended[how] += 1
    except BaseException as error:
        ended[repr(error)] += 1
        raise
    finally:
        line.send(ended)
        os._exit(0)


def in_processes(world: World, account: int, shares: list[list[str]]) -> Counter[str]:
    """All at once; how the renewals ended, together."""
    with world.app.app_context():
        db.engine.dispose()
    context = multiprocessing.get_context("fork")
    lines, others = [], []
    for share in shares:
        mine, theirs = context.Pipe()
        other = context.Process(target=renew_all, args=(theirs, world.instance, account, share))
        other.start()
        lines.append(mine)
        others.append(other)
    for line in lines:
        assert line.recv() == "ready"
    for line in lines:
        line.send("go")
    ended: Counter[str] = sum((line.recv() for line in lines), Counter())
    for other in others:
        other.join(60)
    return ended


def rows(world: World, table: str) -> int:
    with world.app.app_context(), read() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def assert_whole(world: World) -> None:
    with world.app.app_context():
        assert list(ledger.verify()) == []
        assert list(changes.verify()) == []


def test_a_thousand_renewals_of_one_server_from_eight_processes_are_one_charge(paying: World) -> None:
    shown = money.price(paying, "Survival SMP", 500)
    money.fund(paying, "owner", 1_000_000)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        token = renewing.token_of(owner, renewing.offer(shown, 1))
    ended = in_processes(paying, owner, [[token] * EACH] * PROCESSES)
    assert ended == {"Renewed": 1, "AlreadyRenewed": PROCESSES * EACH - 1}
    assert money.balance(paying, "owner") == 1_000_000 - 500
    assert (rows(paying, "renewal"), rows(paying, "ledger_entry")) == (1, 2)
    with paying.app.app_context():
        after = terms.of(shown.server.uuid)
        assert after is not None
        assert after.expires_at == shown.end_after(1)
    assert_whole(paying)


def test_a_balance_good_for_one_is_spent_once_by_a_hundred(paying: World) -> None:
    chosen = [one.name for one in paying.demo.world.servers][:4]
    money.fund(paying, "owner", 700)
    owner = money.account_id(paying, "owner")
    tokens = []
    for name in chosen:
        shown = money.price(paying, name, 500)
        with paying.app.app_context():
            tokens.append(renewing.token_of(owner, renewing.offer(shown, 1)))
    shares = [[tokens[(at + number) % 4] for number in range(13)] for at in range(PROCESSES)]
    ended = in_processes(paying, owner, shares)
    assert ended["Renewed"] == 1
    assert ended["NotEnough"] + ended["AlreadyRenewed"] == PROCESSES * 13 - 1
    assert money.balance(paying, "owner") == 200
    assert (rows(paying, "renewal"), rows(paying, "ledger_entry")) == (1, 2)
    assert_whole(paying)
