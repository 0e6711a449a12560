"""Does it add up: chains, sums, and the trail of changes replayed against the store."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal import clock
from portal.alerts import service as alerts
from portal.billing import ledger, renewing, terms, verifying
from portal.billing.ledger import LedgerError, Posting
from portal.billing.money import Money
from portal.store import db, write
from portal.suspension import holds
from tests.conftest import World
from tests.support import money

SERVER, OTHER = "Survival SMP", "Lobby"
DAY_S = 86_400


@pytest.fixture
def lived(make_world: Callable[..., World]) -> World:
    """A portal in which everything has happened that moves money, expiry or holds."""
    world = make_world("own", is_ready=True, billing="on")
    shown, other = money.price(world, SERVER, 500, expires_in_s=-3 * DAY_S), money.price(world, OTHER, 300, days=30)
    money.fund(world, "owner", 5000)
    money.fund(world, "subuser", 700)
    owner = money.account_id(world, "owner")
    with world.app.app_context():
        with write() as session:
            unpaid = holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
            admin = holds.place_in(session, other.server.uuid, "admin", reason="asked for", by=owner)
            holds.place_in(session, other.server.uuid, "abuse", reason="phishing", by=owner)
            holds.release_in(session, admin, reason="over", by=owner)
        assert unpaid.id == 1
        renewing.renew(owner, renewing.token_of(owner, renewing.offer(shown, 2)))
        with write() as session:
            ledger.post_in(session, Posting(owner, "correction", Money(-100, "EUR"), "c 1", corrects=1))
            terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="")
            terms.set_expiry_in(session, other.server.uuid, int(clock.now()) + 5 * DAY_S, by=owner, why="a gift")
            terms.set_auto_renew_in(session, shown.server.uuid, None, by=owner, why="")
    money.free(world, "Dust2 24/7")
    money.price(world, SERVER, 600)
    return world


def faults(world: World, *statements: str) -> tuple[str, ...]:
    """What a look finds once somebody has changed the file by hand."""
    with world.app.app_context():
        with db.engine.begin() as connection:
            for one in statements:
                connection.exec_driver_sql(one)
        return verifying.verify().faults


def test_the_trail_rebuilds_balances_expiry_and_holds(lived: World) -> None:
    """R-83."""
    with lived.app.app_context():
        found = verifying.verify()
        assert found.faults == ()
        assert (found.entries, found.accounts) == (4, 2)
        assert found.changes >= 14
        assert verifying.last() == (int(lived.clock.now()), 0)
        assert alerts.current() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE balance SET balance_minor = balance_minor + 1 WHERE account_id = 1", "the balance is not the sum"),
        ("UPDATE balance SET balance_minor = balance_minor + 1 WHERE account_id = 1", "tells another balance"),
        ("UPDATE term SET expires_at = expires_at + 1 WHERE kind = 'priced'", "tells another expires_at"),
        ("UPDATE term SET anchor = anchor + 1 WHERE kind = 'priced'", "tells another anchor"),
        ("UPDATE term SET kind = 'free', expires_at = NULL WHERE kind = 'priced'", "tells another kind, expires_at"),
        ("UPDATE term SET price_id = 1 WHERE price_id <> 1", "tells another price_id"),
        ("UPDATE term SET auto_renew_by = 1", "tells another auto_renew_by"),
        ("UPDATE term SET gone_at = 1", "tells another gone_at"),
        ("DELETE FROM term", "the store does not know it"),
        ("UPDATE hold SET released_at = NULL WHERE id = 1", "hold 1 of"),
        ("UPDATE hold SET released_at = 1 WHERE id = 3", "tells another released_at"),
        ("UPDATE hold SET lifted_at = 1 WHERE id = 3", "tells another lifted_at"),
        ("UPDATE hold SET kind = 'external' WHERE id = 3", "tells another kind"),
        ("DELETE FROM hold WHERE id = 3", "hold 3: the trail of changes tells of it"),
    ],
)
def test_whatever_is_changed_by_hand_shows(change: str, said: str, lived: World) -> None:
    found = faults(lived, change)
    assert [one for one in found if said in one], found


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("ledger_entry", "UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE id = 1", "it was changed"),
        ("ledger_entry", "UPDATE ledger_entry SET note = 'x' WHERE id = 2", "it was changed"),
        ("audit_change", "UPDATE audit_change SET why = 'x' WHERE id = 2", "change 2: it was changed"),
        ("audit_change", "UPDATE audit_change SET after = '{}'", ": it cannot be read"),
        ("audit_change", "UPDATE audit_change SET after = '{'", "change 1: it cannot be read"),
        ("audit_change", "UPDATE audit_change SET after = '[]'", "change 1: it cannot be read"),
        ("renewal", "UPDATE renewal SET amount_minor = 1", "it has no charge of its amount"),
        ("renewal", "DELETE FROM renewal", "1 charges have no renewal"),
        ("audit_change", "DELETE FROM audit_change WHERE id = 2", "rows 2 to 2 are missing"),
    ],
)
def test_rows_that_are_only_added_to_show_a_change(table: str, change: str, said: str, lived: World) -> None:
    drop = [f"DROP TRIGGER {table}_no_{act}" for act in ("update", "delete")]
    found = faults(lived, *drop, change)
    assert [one for one in found if said in one], found


def test_a_fault_is_an_alert_until_a_later_look_finds_none(lived: World) -> None:
    faults(lived, "UPDATE hold SET lifted_at = 1 WHERE id = 3")
    with lived.app.app_context():
        (told,) = alerts.current()
        assert told.title == "Money does not add up"
        assert "roost ledger verify" in told.cure
        assert verifying.last() == (int(lived.clock.now()), 1)
    assert faults(lived, "UPDATE hold SET lifted_at = NULL WHERE id = 3") == ()
    with lived.app.app_context():
        assert alerts.current() == []


def test_many_faults_are_not_told_without_end(lived: World) -> None:
    insert = "INSERT INTO hold (server_uuid, kind, reason, placed_at, asserted) VALUES ('{}', 'abuse', '', 1, 0)"
    found = faults(lived, *(insert.format(number) for number in range(150)))
    assert len(found) == verifying.MOST


def test_no_money_moves_while_the_ledger_is_broken(lived: World) -> None:
    money.fund(lived, "owner", 100, reference="before")
    assert faults(lived, "UPDATE balance SET balance_minor = balance_minor + 1 WHERE account_id = 1")
    with pytest.raises(LedgerError, match="do not add up"):
        money.fund(lived, "owner", 100, reference="meanwhile")
    assert faults(lived, "UPDATE balance SET balance_minor = balance_minor - 1 WHERE account_id = 1") == ()
    money.fund(lived, "owner", 100, reference="after")


def test_the_background_process_looks_once_a_day(lived: World) -> None:
    with lived.app.app_context():
        verifying.daily()
        first = verifying.last()
        lived.clock.advance(DAY_S - 60)
        verifying.daily()
        assert verifying.last() == first
        lived.clock.advance(60)
        verifying.daily()
        assert verifying.last() != first
