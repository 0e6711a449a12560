"""Renewing when dates were put right, pages left open, or the books are shut: a time that is left, or no charge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.billing import auto, ledger, renewing, terms
from portal.billing.ledger import STOPPED, Posting, Stopped
from portal.billing.models import Renewal, Term
from portal.billing.money import Money
from portal.billing.renewing import Changed, RenewalError, TooShort
from portal.operator import changing
from portal.operator.changing import Change
from portal.store import read, write
from portal.store.state import StoreState
from portal.suspension import holds
from tests.billing.pages import SERVER, field, has_field, path
from tests.conftest import World
from tests.servers.support import said, see
from tests.support import money
from tests.support.money import DAY_S

Make = Callable[..., World]


@pytest.fixture
def paying(make_world: Make) -> World:
    world = make_world("own", is_ready=True, billing="on")
    money.fund(world, "owner", 100_000)
    return world


def pay(world: World, periods: int = 1) -> renewing.Renewed:
    with world.app.app_context():
        shown = terms.of(money.known(world, SERVER).uuid)
        assert shown is not None
        return renewing.pay(money.account_id(world, "owner"), renewing.offer(shown, periods))


def token(world: World, periods: int = 1) -> str:
    me = money.account_id(world, "owner")
    with world.app.app_context():
        shown = terms.of(money.known(world, SERVER).uuid)
        assert shown is not None
        return renewing.token_of(me, renewing.offer(shown, periods))


def use(world: World, said: str) -> renewing.Renewed:
    with world.app.app_context():
        return renewing.renew(money.account_id(world, "owner"), said)


def move(world: World, days: int) -> None:
    """The host puts the expiry right."""
    with world.app.app_context():
        change = Change(expiry="move", move_days=days, made_at=int(clock.now()))
        plan = changing.plan(change, [money.known(world, SERVER).identifier])
        assert changing.apply(None, changing.token_of(None, plan)).servers == 1


def rows(world: World) -> list[Renewal]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Renewal).order_by(Renewal.id)))


def stop_money(world: World) -> None:
    with world.app.app_context(), write() as session:
        session.merge(StoreState(name=STOPPED, value="a fault"))


def test_a_server_that_lands_on_an_expiry_of_before_is_renewed_again(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, days=30, expires_in_s=40 * DAY_S)
    first = pay(paying)
    move(paying, -60)
    again = pay(paying)
    assert again.until == (shown.expires_at or 0) + 1, "a second more than shown, never less"
    assert [one.to_expiry for one in rows(paying)] == [first.until, again.until]
    third = pay(paying)
    assert third.until == first.until
    assert pay(paying).until == first.until + 30 * DAY_S
    assert len({one.from_expiry for one in rows(paying)}) == 4


def test_by_dates_of_months_too(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on", time_zone="Europe/Berlin")
    money.fund(world, "owner", 100_000)
    uuid = money.price(world, SERVER, 500).server.uuid
    zone = ZoneInfo("Europe/Berlin")
    august, july = (int(datetime(2026, month, 1, 12, tzinfo=zone).timestamp()) for month in (8, 7))
    for at in (august, july):
        with world.app.app_context(), write() as session:
            terms.set_expiry_in(session, uuid, at, by=None, why="right")
        until = pay(world).until
    assert until == august + 1
    september = int(datetime(2026, 9, 1, 12, tzinfo=zone).timestamp())
    assert pay(world).until == september


def test_an_expiry_that_was_renewed_from_is_refused_with_a_sentence(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, days=30, expires_in_s=40 * DAY_S)
    pay(paying)
    with paying.app.app_context(), write() as session:  # as stores of before may have it
        session.execute(update(Term).values(expires_at=shown.expires_at, anchor=shown.anchor, periods=shown.periods))
    before = money.balance(paying, "owner")
    with pytest.raises(RenewalError, match="Ask your host"):
        pay(paying)
    page = see(paying, "owner", path(paying, rest="/renew"))
    answer = paying.browser("owner").post(path(paying, rest="/renew"), data={"token": field(page, "token")})
    assert answer.status_code == 409
    assert money.balance(paying, "owner") == before


def test_time_that_is_counted_from_now_is_promised_for_an_hour(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on", late_renewal="now")
    money.fund(world, "owner", 5000)
    money.price(world, SERVER, 500, days=7, expires_in_s=-3 * DAY_S)
    old = token(world)
    world.clock.advance(3601)
    with pytest.raises(Changed):
        use(world, old)
    assert money.balance(world, "owner") == 5000
    late = token(world)
    world.clock.advance(3600)
    assert use(world, late).until == int(world.clock.now()) + 7 * DAY_S - 3600


def test_a_page_left_open_sells_no_time_that_is_over(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, days=7, expires_in_s=DAY_S)
    old = token(paying)
    with paying.app.app_context(), write() as session:
        holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
    paying.clock.advance(20 * DAY_S)
    with pytest.raises(Changed):
        use(paying, old)
    assert money.balance(paying, "owner") == 100_000
    assert use(paying, token(paying, 3)).until > paying.clock.now()


def test_what_the_host_chose_for_late_ones_meanwhile_counts(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on", late_renewal="now")
    money.fund(world, "owner", 5000)
    money.price(world, SERVER, 500, expires_in_s=-100 * DAY_S)
    old = token(world)
    world.app.config["ROOST"] = replace(world.app.config["ROOST"], late_renewal="extend")
    with pytest.raises(Changed):
        use(world, old)
    assert money.balance(world, "owner") == 5000


def test_a_time_that_is_over_is_not_sold_but_a_longer_one_is(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, days=7, expires_in_s=-20 * DAY_S)
    with paying.app.app_context():
        with pytest.raises(TooShort):
            renewing.offer(shown, 2)
        made = replace(renewing.offer(shown, 3), periods=1, to_expiry=shown.end_after(1), amount_minor=500)
        with pytest.raises(TooShort):
            renewing.pay(money.account_id(paying, "owner"), made)
    page = see(paying, "owner", path(paying, rest="/renew?periods=2"))
    assert "choose a longer time" in said(page)
    assert not has_field(page, "token")
    assert has_field(see(paying, "owner", path(paying, rest="/renew?periods=3")), "token")


def test_one_that_is_overdue_for_more_than_24_periods_can_be_paid(paying: World) -> None:
    money.price(paying, SERVER, 100, days=1, expires_in_s=-60 * DAY_S)
    page = see(paying, "owner", path(paying, rest="/renew"))
    assert "Pay 61.00 EUR" in page
    assert pay(paying, 61).until > paying.clock.now()
    with pytest.raises(RenewalError, match="from 1 to 24"):
        pay(paying, 25)


def test_while_the_books_are_shut_nothing_is_moved_and_the_page_says_so(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=DAY_S)
    me, bought = money.account_id(paying, "owner"), Money(500, "EUR")
    posting = Posting(me, "credit", bought, "credit:before", "before")
    with paying.app.app_context(), write() as session:
        ledger.post_in(session, posting)
    stop_money(paying)
    with paying.app.app_context():
        with write() as session:
            assert not ledger.post_in(session, posting).is_new, "what is there already is found"
        with pytest.raises(Stopped), write() as session:
            ledger.post_in(session, replace(posting, key="credit:after", reference="after"))
    page = see(paying, "owner", path(paying, rest="/renew"))
    assert "The books do not add up" in said(page)
    assert not has_field(page, "token")


def test_an_amount_that_there_cannot_be_is_no_broken_page(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on", currency="IRR")
    money.price(world, SERVER, 600_000_000_000, currency="IRR", expires_in_s=5 * DAY_S)
    money.price(world, "Skyblock", 600_000_000_000, currency="IRR", expires_in_s=5 * DAY_S)
    other = path(world, rest="/renew?periods=2")
    assert "So much cannot be paid at once" in said(see(world, "owner", other))
    page = see(world, "owner", path(world, rest="/renew"))
    assert 'value="1"' in page
    assert 'value="2"' not in page
    for days in (0, 800):
        world.clock.advance(days * DAY_S)
        world.work()
        browser = world.browser("owner")
        for place in ("/servers", "/balance", "/balance/print", path(world), path(world, rest="/renew")):
            assert browser.get(place).status_code == 200, place


def test_the_sum_of_what_is_needed_may_be_larger_than_any_amount(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on")
    with world.app.app_context():
        owned = [one.name for one in world.demo.world.servers if one.owner.username == "owner"]
    assert len(owned) > 1
    for name in owned[:2]:
        money.price(world, name, 900_000_000_000, expires_in_s=5 * DAY_S)
    assert "18,000,000,000.00 EUR" in said(see(world, "owner", "/balance"))


def auto_renewed(world: World, **more: int) -> terms.Terms:
    shown = money.price(world, SERVER, 100, **more)
    me = money.account_id(world, "owner")
    with world.app.app_context(), write() as session:
        return terms.set_auto_renew_in(session, shown.server.uuid, me, by=me, why="test")


def test_by_itself_it_pays_no_period_more_than_needed_and_three_at_most(paying: World) -> None:
    auto_renewed(paying, days=1, expires_in_s=-60 * DAY_S)
    with paying.app.app_context():
        assert auto.renew_due().renewed == 0
        paying.clock.advance(7 * 3600)
        assert auto.renew_due().renewed == 0
    assert money.balance(paying, "owner") == 100_000
    money.price(paying, SERVER, 100, days=1, expires_in_s=-2 * DAY_S - 60)
    with paying.app.app_context():
        paying.clock.advance(7 * 3600)
        assert auto.renew_due().renewed == 1
    (row,) = rows(paying)
    assert (row.periods, row.to_expiry > paying.clock.now() > row.to_expiry - DAY_S) == (3, True)


def test_what_failed_oddly_is_not_tried_with_every_round(paying: World, monkeypatch: pytest.MonkeyPatch) -> None:
    auto_renewed(paying, expires_in_s=3600)
    paying.clock.advance(1)  # later than the money came in
    tries = []

    def fail(*_: object, **__: object) -> None:
        tries.append(1)
        raise ValueError("odd")

    monkeypatch.setattr(renewing, "pay_in", fail)
    for _ in range(3):
        with paying.app.app_context():
            auto.renew_due()
        paying.clock.advance(60)
    assert len(tries) == 1


@pytest.mark.parametrize("why", ["short", "disabled"])
def test_nobody_is_promised_a_renewal_that_will_not_be(make_world: Make, why: str) -> None:
    from portal.auth import service as accounts

    world = make_world("own", is_ready=True, billing="on")
    money.fund(world, "owner", 1000)
    auto_renewed(world, expires_in_s=20 * 3600)
    assert "It renews by itself before" in said(see(world, "subuser", path(world)))
    if why == "disabled":
        with world.app.app_context():
            accounts.disable(money.account_id(world, "owner"))
    else:
        money.price(world, SERVER, 5000, expires_in_s=20 * 3600)
    page = said(see(world, "subuser", path(world)))
    assert "It renews by itself before" not in page
    assert "If nobody renews it" in page


def test_a_server_that_is_renamed_on_the_panel_is_so_on_the_statement(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=DAY_S)
    next(one for one in paying.demo.world.servers if one.name == SERVER).name = "Renamed\x1b[2J SMP"
    paying.clock.advance(61)
    paying.work()
    with paying.app.app_context():
        after = terms.of(shown.server.uuid)
    assert after is not None
    assert after.server.name.startswith("Renamed")
    assert replace(after, server=shown.server) == shown
