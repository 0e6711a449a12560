"""The ledger: rows that nobody changes, sums that are right, keys that count once, and a walk that finds every lie."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from portal.audit import changes
from portal.billing import ledger
from portal.billing.ledger import Conflict, LedgerError, NotEnough, Posted, Posting
from portal.billing.money import LARGEST, Money, MoneyError
from portal.store import direct, read, write
from portal.store.engine import DeferredWrite
from tests.conftest import World
from tests.support import money

CURRENCIES = ("JPY", "EUR", "KWD")


@pytest.fixture
def kept(make_world: Callable[..., World]) -> World:
    return make_world("own", billing="on")


def post(account: int, minor: int, key: str, *, kind: str = "credit", currency: str = "EUR", **more: object) -> Posted:
    with write() as session:
        return ledger.post_in(session, Posting(account, kind, Money(minor, currency), key, **more))  # type: ignore[arg-type]


def faults(world: World) -> list[str]:
    with world.app.app_context():
        return [one.reason for one in ledger.verify()] + [one.reason for one in changes.verify()]


def test_the_same_key_with_the_same_content_is_the_first_answer_again(kept: World) -> None:
    owner = money.account_id(kept, "owner")
    with kept.app.app_context():
        first = post(owner, 500, "k", reference="bank 1")
        again = post(owner, 500, "k", reference="bank 1")
        assert (first.is_new, again.is_new) == (True, False)
        assert (again.id, again.number, again.at, again.balance) == (first.id, first.number, first.at, first.balance)
        for other in (
            {"minor": 501}, {"account": money.account_id(kept, "subuser")}, {"kind": "refund"},
            {"reference": "bank 2"}, {"currency": "JPY"},
        ):  # fmt: skip
            said = {"account": owner, "minor": 500, "kind": "credit", "currency": "EUR", "reference": "bank 1"} | other
            with pytest.raises(Conflict):
                post(key="k", **said)  # type: ignore[arg-type]
    assert money.balance(kept, "owner") == 500
    assert faults(kept) == []


def test_an_account_has_one_currency(kept: World) -> None:
    owner = money.account_id(kept, "owner")
    with kept.app.app_context():
        post(owner, 5, "a", currency="JPY")
        with pytest.raises(LedgerError, match="JPY"):
            post(owner, 5, "b", currency="EUR")
        assert ledger.balance(owner) == Money(5, "JPY")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_nothing_is_spent_that_is_not_there(kept: World, currency: str) -> None:
    owner = money.account_id(kept, "owner")
    with kept.app.app_context():
        with pytest.raises(NotEnough) as caught:
            post(owner, -1, "a", kind="charge", currency=currency)
        assert caught.value.missing == Money(1, currency)
        post(owner, 100, "b", currency=currency)
        with pytest.raises(NotEnough) as caught:
            post(owner, -101, "c", kind="charge", currency=currency)
        assert caught.value.missing == Money(1, currency)
        post(owner, -100, "d", kind="charge", currency=currency)
        assert ledger.balance(owner) == Money(0, currency)
    assert faults(kept) == []


def test_more_than_the_largest_amount_is_refused_and_not_wrapped(kept: World) -> None:
    owner = money.account_id(kept, "owner")
    with kept.app.app_context():
        post(owner, LARGEST, "a")
        with pytest.raises(MoneyError, match="too large"):
            post(owner, 1, "b")
        assert ledger.balance(owner) == Money(LARGEST, "EUR")
    assert faults(kept) == []


def test_a_correction_names_a_row_of_the_same_account(kept: World) -> None:
    owner, other = money.account_id(kept, "owner"), money.account_id(kept, "subuser")
    with kept.app.app_context():
        wrong = post(owner, 900, "a")
        assert post(owner, -800, "b", kind="correction", corrects=wrong.id).balance == Money(100, "EUR")
        for account, number in ((other, wrong.id), (owner, 10_000)):
            with pytest.raises(LedgerError, match="correct"):
                post(account, 1, "c", kind="correction", corrects=number)
    assert faults(kept) == []


@pytest.mark.parametrize("table", ["ledger_entry", "audit_change"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = 0", "DELETE FROM {}", "REPLACE INTO {0} SELECT * FROM {0}"])
def test_the_database_itself_lets_no_row_be_changed_or_removed(kept: World, table: str, change: str) -> None:
    money.fund(kept, "owner", 500)
    with kept.app.app_context(), pytest.raises((IntegrityError, OperationalError)), write() as session:
        session.execute(text(change.format(table)))
    assert faults(kept) == []
    assert money.balance(kept, "owner") == 500


def test_the_database_itself_lets_no_balance_go_below_what_may_be_owed(kept: World) -> None:
    money.fund(kept, "owner", 500)
    with kept.app.app_context(), pytest.raises(IntegrityError), write() as session:
        session.execute(text("UPDATE balance SET balance_minor = -1"))
    assert money.balance(kept, "owner") == 500


LIES = {
    "another amount": "UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE number = 2",
    "another reference": "UPDATE ledger_entry SET reference = 'x' WHERE number = 2",
    "another time": "UPDATE ledger_entry SET at = at + 1 WHERE number = 1",
    "another note": "UPDATE ledger_entry SET note = 'x' WHERE number = 3",
    "a row gone": "DELETE FROM ledger_entry WHERE number = 2",
    "the last row gone": "DELETE FROM ledger_entry WHERE number = 3",
    "all rows gone": "DELETE FROM ledger_entry",
    "a richer balance": "UPDATE balance SET balance_minor = balance_minor + 1",
    "no balance": "DELETE FROM balance",
    "a shorter balance": "UPDATE balance SET entries = 2, head = (SELECT hash FROM ledger_entry WHERE number = 2)",
    "a changed trail": "UPDATE audit_change SET after = '{}' WHERE id = 2",
    "a shorter trail": "DELETE FROM audit_change WHERE id = 2",
    "a trail by somebody else": "UPDATE audit_change SET account_id = 99 WHERE id = 1",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_the_walk_finds_every_lie(kept: World, lie: str) -> None:
    for number in range(3):
        money.fund(kept, "owner", 100, reference=f"payment {number}")
    assert faults(kept) == []
    with closing(sqlite3.connect(kept.instance / "roost.db")) as connection, connection:
        for table in ("ledger_entry", "audit_change"):
            for change in ("update", "delete"):
                connection.execute(f"DROP TRIGGER {table}_no_{change}")
        connection.execute(lie)
    assert faults(kept)


steps = st.lists(
    st.tuples(
        st.sampled_from(["owner", "subuser"]), st.sampled_from(["credit", "charge", "refund", "correction"]),
        st.integers(-LARGEST, LARGEST) | st.integers(-300, 300), st.integers(0, 7),
    ),
    max_size=25,
)  # fmt: skip


@given(steps)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_posted_the_balance_is_the_sum_and_no_key_counts_twice(
    kept: World, acts: list[tuple[str, str, int, int]]
) -> None:
    people = {name: money.account_id(kept, name) for name in ("owner", "subuser")}
    keys: dict[int, tuple[int, str, int]] = {}
    with kept.app.app_context():
        had = {account: _minor(account) for account in people.values()}
        begun = _rows()
        for person, kind, minor, key in acts:
            if minor == 0:
                continue
            account, content = people[person], (people[person], kind, minor)
            try:
                posted = post(account, minor, f"{begun}:{key}", kind=kind)
            except Conflict:
                assert keys[key] != content
            except NotEnough as refused:
                short = refused.missing.minor
                assert short == -(had[account] + minor) > 0
            except MoneyError:
                assert abs(had[account] + minor) > LARGEST
            else:
                assert posted.is_new == (key not in keys)
                if posted.is_new:
                    had[account] += minor
                    assert posted.balance.minor == had[account]
                assert keys.setdefault(key, content) == content
        assert {account: _minor(account) for account in people.values()} == had
        assert _rows() == begun + len(keys)
        assert list(ledger.verify()) == []


def _minor(account: int) -> int:
    found = ledger.balance(account)
    return found.minor if found else 0


def _rows() -> int:
    with read() as session:
        return int(session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one())


def test_statements_past_the_orm_change_nothing_outside_write(kept: World) -> None:
    owner = money.account_id(kept, "owner")
    with kept.app.app_context():
        with pytest.raises(DeferredWrite), read() as session:
            ledger.post_in(session, Posting(owner, "credit", Money(1, "EUR"), "a"))
        with read() as session:
            assert direct.execute(session, text("SELECT 1")).scalar() == 1
    assert money.balance(kept, "owner") == 0
