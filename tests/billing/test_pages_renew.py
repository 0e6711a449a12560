"""Renewing as a customer does it: what the confirm page says, one charge for each period, and why there was none."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import func, select, update

from portal.billing.models import LedgerEntry, Renewal
from portal.servers.models import Grant
from portal.store import engine, read, restored, write
from portal.store.state import StoreState
from tests.billing.pages import SERVER, field, has_field, hold, path, pay, suspend_on_panel
from tests.conftest import World
from tests.servers.support import HTMX, details, said, see
from tests.support import money
from tests.support.money import DAY_S

Make = Callable[..., World]


@pytest.fixture(params=["own", "service"])
def paying(request: pytest.FixtureRequest, make_world: Make) -> World:
    return ready(make_world, request.param)


def ready(make_world: Make, mode: str = "own", **settings: object) -> World:
    world = make_world(mode, is_ready=True, billing="on", **settings)
    money.price(world, SERVER, 500, expires_in_s=2 * DAY_S)
    return world


def charges(world: World) -> int:
    with world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == "charge")) or 0


def renew_page(world: World, who: str = "owner", rest: str = "") -> str:
    return see(world, who, path(world, rest=f"/renew{rest}"))


def test_the_confirm_page_names_payer_amount_balance_and_both_dates(paying: World) -> None:
    money.fund(paying, "subuser", 2000)
    page = renew_page(paying, "subuser", "?periods=3")
    shown = details(page)
    assert shown["Who pays"] == "subuser@example.com"
    assert shown["It costs"] == "15.00 EUR 3 × 5.00 EUR"
    assert shown["Your balance now"] == "20.00 EUR"
    assert shown["Your balance then"] == "5.00 EUR"
    assert shown["Now until"] < shown["Then until"]
    assert "Pay 15.00 EUR" in page


def test_paying_charges_the_person_who_clicks_and_says_what_was_paid(paying: World) -> None:
    money.fund(paying, "subuser", 2000)
    money.fund(paying, "owner", 777)
    browser = paying.browser("subuser")
    answer = pay(browser, paying, renew_page(paying, "subuser"))
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "Paid 5.00 EUR." in said(page)
    assert "15.00 EUR" in page
    assert (money.balance(paying, "subuser"), money.balance(paying, "owner")) == (1500, 777)
    theirs = see(paying, "owner", path(paying))
    assert "by somebody else with access" in said(theirs)
    assert "15.00 EUR" not in theirs
    assert "subuser@" not in theirs
    stolen = see(paying, "owner", answer.location.partition("localhost")[2] or answer.location)
    assert "Paid 5.00 EUR." not in said(stolen)


def test_a_double_click_is_one_charge_and_ends_on_the_same_page(paying: World) -> None:
    money.fund(paying, "owner", 2000)
    browser, confirmed = paying.browser("owner"), renew_page(paying)
    answers = [pay(browser, paying, confirmed) for _ in range(10)]
    assert {one.status_code for one in answers} == {303}
    assert len({one.location for one in answers}) == 1
    assert charges(paying) == 1
    assert money.balance(paying, "owner") == 1500


def test_two_people_on_two_pages_are_one_charge_and_the_second_is_told(paying: World) -> None:
    for person in ("owner", "subuser"):
        money.fund(paying, person, 2000, reference=person)
    pages = {person: renew_page(paying, person) for person in ("owner", "subuser")}
    assert pay(paying.browser("subuser"), paying, pages["subuser"]).status_code == 303
    late = pay(paying.browser("owner"), paying, pages["owner"])
    assert late.status_code == 409
    assert "renewed already, until" in said(late.text)
    assert "You were not charged" in said(late.text)
    assert charges(paying) == 1
    assert has_field(late.text, "token"), "it can be renewed once more, from the new end on"


def test_a_price_that_changed_meanwhile_charges_nothing_and_shows_the_new_one(paying: World) -> None:
    money.fund(paying, "owner", 2000)
    browser, confirmed = paying.browser("owner"), renew_page(paying)
    money.price(paying, SERVER, 650)
    answer = pay(browser, paying, confirmed)
    assert answer.status_code == 409
    assert "has changed meanwhile" in said(answer.text)
    assert "Pay 6.50 EUR" in answer.text
    assert charges(paying) == 0
    assert pay(browser, paying, answer.text).status_code == 303


def test_too_little_says_what_is_missing_and_how_to_pay_instead_of_a_button(make_world: Make) -> None:
    world = ready(make_world, how_to_pay="Transfer it to DE02.", pay_url="https://example.com/pay")
    for minor, missing in ((0, "5.00 EUR"), (120, "3.80 EUR")):
        if minor:
            money.fund(world, "owner", minor)
        page = renew_page(world)
        assert f"{missing} missing" in said(page)
        assert "Transfer it to DE02." in page
        assert 'href="https://example.com/pay"' in page
        assert re.search(r"R\d+-\d\d", said(page))
        assert not has_field(page, "token")
    money.fund(world, "owner", 380, reference="the rest")
    assert "Pay 5.00 EUR" in renew_page(world)


def test_money_that_went_elsewhere_meanwhile_is_missing_and_nothing_is_charged(paying: World) -> None:
    money.fund(paying, "owner", 700)
    money.price(paying, "Creative Plots", 600, expires_in_s=DAY_S)
    browser, confirmed = paying.browser("owner"), renew_page(paying)
    other = see(paying, "owner", path(paying, "Creative Plots", "/renew"))
    assert pay(browser, paying, other, "Creative Plots").status_code == 303
    answer = pay(browser, paying, confirmed)
    assert answer.status_code == 409
    assert "4.00 EUR" in said(answer.text)
    assert not has_field(answer.text, "token")
    assert charges(paying) == 1


def test_a_balance_in_another_currency_cannot_pay_and_says_so(paying: World) -> None:
    money.fund(paying, "owner", 5000, currency="USD")
    page = renew_page(paying)
    assert "kept in USD, and this server costs EUR" in said(page)
    assert not has_field(page, "token")
    assert "missing" not in said(page)


def test_a_token_of_another_server_or_person_pays_nothing(paying: World) -> None:
    for person in ("owner", "subuser"):
        money.fund(paying, person, 5000, reference=person)
    money.price(paying, "Creative Plots", 600, expires_in_s=DAY_S)
    other = see(paying, "owner", path(paying, "Creative Plots", "/renew"))
    mine = renew_page(paying)
    tries = (("owner", field(other, "token")), ("subuser", field(mine, "token")), ("owner", "x"), ("owner", ""))
    for who, token in tries:
        data = {"token": token, "paid_from": "1"}
        assert paying.browser(who).post(path(paying, rest="/renew"), data=data).status_code == 409
    assert charges(paying) == 0


def test_an_old_owners_open_page_pays_nothing_once_the_server_is_somebody_elses(paying: World) -> None:
    money.fund(paying, "owner", 5000)
    confirmed = renew_page(paying)
    with paying.app.app_context(), write() as session:
        uuid = money.known(paying, SERVER).uuid
        session.execute(update(Grant).where(Grant.server_uuid == uuid).values(is_revoked=True))
    assert pay(paying.browser("owner"), paying, confirmed).status_code == 404
    assert charges(paying) == 0


def test_a_hosts_suspension_has_to_be_read_of_before_it_is_paid(paying: World) -> None:
    money.fund(paying, "owner", 5000)
    shown = money.terms_of(paying, SERVER)
    assert shown is not None
    hold(paying, shown, "external")
    page = renew_page(paying)
    assert "It stays suspended when you renew it" in said(page)
    browser = paying.browser("owner")
    assert pay(browser, paying, page).status_code == 409
    assert charges(paying) == 0
    assert pay(browser, paying, page, accepts_hold="y").status_code == 303


def test_an_abuse_hold_that_came_meanwhile_refuses_the_payment(paying: World) -> None:
    money.fund(paying, "owner", 5000)
    page = renew_page(paying)
    shown = money.terms_of(paying, SERVER)
    assert shown is not None
    hold(paying, shown, "abuse", reason="miner found")
    answer = pay(paying.browser("owner"), paying, page, accepts_hold="y")
    assert answer.status_code == 409
    assert "blocked this server" in said(answer.text)
    assert "miner" not in answer.text
    assert charges(paying) == 0


def test_paying_for_an_unpaid_server_says_that_it_is_switched_on_again(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=-3 * DAY_S)
    hold(paying, shown, "unpaid", sends=True)
    money.fund(paying, "owner", 5000)
    suspend_on_panel(paying)
    browser = paying.browser("owner")
    answer = pay(browser, paying, renew_page(paying))
    page = browser.get(answer.location).text
    assert "It is being switched on again" in said(page)
    assert "every 2s" in page
    assert "It is being switched on again" in said(browser.get(f"/servers/{paying.server(SERVER)}").text)


@pytest.mark.parametrize(("late", "sentence"), [("expiry", "follows on the day it ended"), ("now", "from now")])
def test_the_policy_for_late_renewals_stands_on_the_confirm_page(make_world: Make, late: str, sentence: str) -> None:
    world = make_world("own", is_ready=True, billing="on", late_renewal=late)
    money.price(world, SERVER, 500, expires_in_s=-2 * DAY_S)
    assert sentence in said(renew_page(world))


def test_long_overdue_offers_as_many_periods_as_reach_beyond_now(paying: World) -> None:
    money.price(paying, SERVER, 500, days=10, expires_in_s=-35 * DAY_S)
    money.fund(paying, "owner", 5000)
    page = renew_page(paying)
    assert "Pay 20.00 EUR" in page
    assert "choose a longer time" in said(renew_page(paying, rest="?periods=1"))


@pytest.mark.parametrize("periods", ["0", "25", "999", "-1", "x", "1e9", "9" * 40])
def test_a_number_of_periods_that_there_is_not_has_a_reason_and_no_button(paying: World, periods: str) -> None:
    page = renew_page(paying, rest=f"?periods={periods}")
    assert "Choose from 1 to 24 periods." in page
    assert not has_field(page, "token")


def test_observe_refuses_the_post_and_quarantine_waits(make_world: Make) -> None:
    world = ready(make_world)
    money.fund(world, "owner", 5000)
    confirmed = renew_page(world)
    with world.app.app_context(), write() as session:
        value = '{"since": 1.0, "backup_at": null, "audit_before": 0, "audit_now": 0}'
        session.add(StoreState(name=restored.NAME, value=value))
    waiting = renew_page(world)
    assert "Renewals wait." in waiting
    assert not has_field(waiting, "token")
    answer = pay(world.browser("owner"), world, confirmed)
    assert answer.status_code == 409
    assert "restored from a backup" in said(answer.text)
    watching = make_world("own", is_ready=True, billing="observe")
    money.price(watching, SERVER, 500, expires_in_s=DAY_S)
    money.fund(watching, "owner", 5000)
    answer = watching.browser("owner").post(path(watching, rest="/renew"), data={"token": field(confirmed, "token")})
    assert answer.status_code == 409
    for one in (world, watching):
        assert charges(one) == 0


def test_a_locked_store_says_try_again_and_does_nothing(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.PRAGMAS, "busy_timeout", "10")
    world = ready(make_world)
    money.fund(world, "owner", 5000)
    confirmed, browser = renew_page(world), world.browser("owner")
    with closing(sqlite3.connect(world.instance / "roost.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = pay(browser, world, confirmed)
        assert browser.get(path(world)).status_code == 200
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert charges(world) == 0
    assert pay(browser, world, confirmed).status_code == 303


def test_with_htmx_the_page_stays_and_the_piece_says_why(paying: World) -> None:
    money.fund(paying, "owner", 1000)
    browser = paying.browser("owner")
    piece = browser.get(path(paying, rest="/renew?periods=2"), headers=HTMX)
    assert piece.text.lstrip().startswith('<div id="renewal"')
    assert "Pay 10.00 EUR" in piece.text
    data = {"token": field(piece.text, "token"), "paid_from": field(piece.text, "paid_from")}
    money.price(paying, SERVER, 400)
    refused = browser.post(path(paying, rest="/renew?periods=2"), data=data, headers=HTMX)
    assert refused.status_code == 422
    assert "Pay 8.00 EUR" in refused.text
    data = {"token": field(refused.text, "token"), "paid_from": field(refused.text, "paid_from")}
    paid = browser.post(path(paying, rest="/renew?periods=2"), data=data, headers=HTMX)
    assert paid.status_code == 200
    assert paid.headers["HX-Redirect"].startswith(path(paying))


def test_a_history_of_many_renewals_comes_in_pages(paying: World) -> None:
    money.price(paying, SERVER, 100, days=1, expires_in_s=DAY_S)
    money.fund(paying, "owner", 100_000)
    browser = paying.browser("owner")
    for _ in range(15):
        assert pay(browser, paying, renew_page(paying)).status_code == 303
    with paying.app.app_context(), read() as session:
        assert session.scalar(select(func.count()).select_from(Renewal)) == 15
    first = browser.get(path(paying)).text
    assert first.count("by you") == 12
    older = re.search(r'href="([^"]*before=\d+)#renewals"', first)
    assert older
    assert browser.get(older[1]).text.count("by you") == 3
