"""Automatic renewal: from the owner's balance, a day before the expiry, once; told once when it is too little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.auth import service as accounts
from portal.billing import auto, ledger, terms
from portal.billing.auto import Renewals
from portal.billing.ledger import Posting
from portal.billing.models import Reminder, Renewal, Term
from portal.billing.money import Money
from portal.mail.models import Mail
from portal.store import read, restored, write
from portal.store.engine import db
from portal.store.restored import Quarantine
from portal.suspension import holds
from tests.billing.plans import plan
from tests.conftest import World
from tests.mail.conftest import Mailbox, mail_settings, send, serving
from tests.support import money
from tests.support.money import DAY_S

SERVER = "Survival SMP"
HOUR_S = 3600


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving() as box:
        yield box


@pytest.fixture
def mailing(make_world: Callable[..., World], mailbox: Mailbox) -> World:
    return make_world("own", is_ready=True, billing="on", **mail_settings(mailbox))


def price(world: World, minor: int = 500, *, person: str = "owner", **more: int) -> terms.Terms:
    """A server that is to be renewed from somebody's balance."""
    shown = money.price(world, SERVER, minor, **more)
    by = money.account_id(world, person)
    with world.app.app_context(), write() as session:
        return terms.set_auto_renew_in(session, shown.server.uuid, by, by=by, why="test")


def renew(world: World) -> Renewals:
    with world.app.app_context():
        return auto.renew_due()


def renewals(world: World) -> list[Renewal]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Renewal)))


def told(world: World) -> list[int]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Reminder.days)))


def test_it_is_renewed_a_day_before_with_a_receipt(mailing: World, mailbox: Mailbox) -> None:
    shown = price(mailing, expires_in_s=DAY_S + HOUR_S)
    money.fund(mailing, "owner", 700)
    assert renew(mailing) == Renewals()
    mailing.clock.advance(HOUR_S)
    assert renew(mailing) == Renewals(renewed=1)
    assert renew(mailing) == Renewals()
    (row,) = renewals(mailing)
    assert (row.is_automatic, row.from_expiry, row.amount_minor) == (True, shown.expires_at, 500)
    assert money.balance(mailing, "owner") == 200
    send(mailing)
    (message,) = mailbox.received
    assert message["Subject"] == f"Roost: {SERVER} is renewed"
    assert message["To"] == "owner@example.com"
    for page in (mailbox.text(), mailbox.html()):
        for part in ("5.00 EUR were taken", "2.00 EUR", f"/servers/{shown.server.identifier}/billing"):
            assert part in page
    with mailing.app.app_context():
        assert list(ledger.verify()) == []


def test_charge_and_receipt_are_one(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 700)

    def fail(*_: object) -> None:
        raise ValueError("odd")

    with monkeypatch.context() as patched:
        patched.setattr(auto, "_receipt_in", fail)
        assert renew(mailing) == Renewals(failed=1)
    assert (renewals(mailing), money.balance(mailing, "owner")) == ([], 700)
    assert renew(mailing) == Renewals(renewed=1)


def test_too_little_is_told_once_and_tried_every_six_hours(mailing: World, mailbox: Mailbox) -> None:
    price(mailing, expires_in_s=DAY_S)
    money.fund(mailing, "owner", 120)
    mailing.clock.advance(1)
    tries = []
    for _ in range(24):
        tries.append(renew(mailing).short)
        send(mailing)
        mailing.clock.advance(HOUR_S)
    assert [hour for hour, tried in enumerate(tries) if tried] == [0, 6, 12, 18]
    assert told(mailing) == [-2]
    assert len(mailbox.received) == 1
    assert "3.80 EUR are missing" in mailbox.text()
    assert money.balance(mailing, "owner") == 120


def test_it_is_tried_again_as_soon_as_money_came_in(mailing: World, mailbox: Mailbox) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 120)
    mailing.clock.advance(1)
    assert renew(mailing).short == 1
    mailing.clock.advance(60)
    owner = money.account_id(mailing, "owner")
    with mailing.app.app_context(), write() as session:
        ledger.post_in(session, Posting(owner, "charge", Money(-20, "EUR"), key="for something else"))
    assert renew(mailing) == Renewals()
    money.fund(mailing, "owner", 400)
    assert renew(mailing) == Renewals(renewed=1)
    send(mailing)
    assert [one["Subject"] for one in mailbox.received] == [f"Roost: {SERVER} is renewed"]  # the other is not so now


def test_too_little_is_not_told_once_it_is_enough(mailing: World, mailbox: Mailbox) -> None:
    price(mailing, expires_in_s=HOUR_S)
    assert renew(mailing).short == 1
    money.fund(mailing, "owner", 500)
    send(mailing)
    assert mailbox.received == []
    assert told(mailing) == [-2]


def test_an_overdue_one_is_paid_beyond_now_and_released(mailing: World) -> None:
    shown = price(mailing, expires_in_s=-3 * DAY_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context(), write() as session:
        holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
    assert renew(mailing).renewed == 1
    with mailing.app.app_context():
        assert holds.of(shown.server.uuid) == []


def test_several_periods_are_paid_by_itself_only_while_the_server_still_runs(mailing: World) -> None:
    shown = price(mailing, days=2, expires_in_s=-5 * DAY_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context(), write() as session:
        hold = holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
    assert renew(mailing) == Renewals()
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, hold, reason="undone", by=None)
    mailing.clock.advance(6 * HOUR_S)
    assert renew(mailing).renewed == 1
    (row,) = renewals(mailing)
    assert row.periods == 3
    assert row.to_expiry > mailing.clock.now()


@pytest.mark.parametrize("kind", ["abuse", "admin", "external"])
def test_what_the_host_holds_is_not_paid_for(mailing: World, kind: holds.Kind) -> None:
    shown = price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context(), write() as session:
        holds.place_in(session, shown.server.uuid, kind, reason="x", by=None)
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "owner") == 5000


def test_only_the_owner_pays(mailing: World) -> None:
    price(mailing, person="subuser", expires_in_s=HOUR_S)
    money.fund(mailing, "subuser", 5000)
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "subuser") == 5000


def test_nothing_is_taken_from_a_disabled_account(mailing: World) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context():
        accounts.disable(money.account_id(mailing, "owner"))
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "owner") == 5000


def test_a_balance_in_another_currency_pays_nothing(mailing: World) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000, currency="JPY")
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "owner") == 5000


def test_a_gone_server_is_not_paid_for(mailing: World) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context(), write() as session:
        session.execute(update(Term).values(gone_at=1))
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "owner") == 5000


def test_one_that_fails_does_not_keep_the_others(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000)
    monkeypatch.setattr(auto, "_due", lambda _now: ["odd", shown.server.uuid])
    real = terms.get_in

    def get_in(session: Session, uuid: str) -> terms.Terms | None:
        if uuid == "odd":
            raise ValueError("odd")
        return real(session, uuid)

    monkeypatch.setattr(terms, "get_in", get_in)
    assert renew(mailing) == Renewals(renewed=1, failed=1)


def test_nothing_happens_in_a_restored_store_or_while_billing_only_observes(mailing: World) -> None:
    price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 5000)
    with mailing.app.app_context(), write() as session:
        restored.begin_in(session.connection().connection.dbapi_connection, Quarantine(clock.now(), None, 0, 0))
    assert renew(mailing) == Renewals()
    with mailing.app.app_context():
        restored.confirm()
    mailing.app.config["ROOST"] = replace(mailing.app.config["ROOST"], billing="observe")
    assert renew(mailing) == Renewals()
    assert money.balance(mailing, "owner") == 5000


def test_without_mail_it_is_renewed_all_the_same(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing="on")
    price(world, expires_in_s=HOUR_S)
    money.fund(world, "owner", 500)
    assert renew(world).renewed == 1
    with world.app.app_context(), read() as session:
        assert session.scalars(select(Mail)).all() == []


def test_a_clock_that_went_back_holds_nothing_up_and_charges_nothing_twice(mailing: World) -> None:
    shown = price(mailing, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 1000)
    mailing.clock.advance(1)
    with mailing.app.app_context(), write() as session:
        hold = holds.place_in(session, shown.server.uuid, "admin", reason="x", by=None)
    assert renew(mailing) == Renewals()
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, hold, reason="x", by=None)
    mailing.clock.advance(-HOUR_S)
    assert renew(mailing) == Renewals(renewed=1)
    mailing.clock.advance(HOUR_S)
    assert renew(mailing) == Renewals()
    assert len(renewals(mailing)) == 1


def test_what_is_due_is_found_by_its_index(mailing: World) -> None:
    with mailing.app.app_context(), db.engine.connect() as connection:
        steps = plan(connection, auto._query(10))
    assert steps[0].startswith("SEARCH term USING INDEX ix_term_auto"), steps


def test_one_that_is_long_overdue_is_left_to_its_owner_who_is_told_once(mailing: World, mailbox: Mailbox) -> None:
    price(mailing, days=1, expires_in_s=-60 * DAY_S)
    money.fund(mailing, "owner", 100_000)
    for _ in range(3):
        assert renew(mailing) == Renewals()
        mailing.clock.advance(7 * HOUR_S)
    send(mailing)
    assert (told(mailing), money.balance(mailing, "owner")) == ([-2], 100_000)
    assert len(mailbox.received) == 1
    for page in (mailbox.text(), mailbox.html()):
        assert "so it is left to you" in page
        assert "your balance is not enough" not in page
        assert "It is tried again" not in page
