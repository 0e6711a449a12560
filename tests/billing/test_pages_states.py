"""What pages of prices promise: when a server can be suspended, what renews by itself, what it cost, in which zone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.billing import terms
from portal.billing.models import Reminder
from portal.store import write
from tests.billing.pages import SERVER, hold, path, pay, suspend_on_panel
from tests.conftest import World
from tests.servers.support import details, said, see
from tests.support import money
from tests.support.money import DAY_S

Make = Callable[..., World]


@pytest.fixture
def paying(make_world: Make) -> World:
    return make_world("own", is_ready=True, billing="on")


def notice(world: World, *, age_s: int) -> None:
    """The owner saw a reminder on a page so long ago."""
    shown = money.terms_of(world, SERVER)
    assert shown is not None
    at, owner = int(world.clock.now()) - age_s, money.account_id(world, "owner")
    with world.app.app_context(), write() as session:
        session.add(Reminder(server_uuid=shown.server.uuid, expires_at=shown.expires_at, days=3, account_id=owner,
                             made_at=at, shown_at=at))  # fmt: skip


def test_past_grace_it_says_that_it_can_happen_at_any_time(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=-24 * DAY_S)
    notice(paying, age_s=3 * DAY_S)
    page = see(paying, "owner", path(paying))
    assert "It can be suspended at any time now." in said(page)
    assert "suspended after" not in said(page)
    assert "Runs until" not in details(page)
    assert "at any time now" in said(see(paying, "owner", f"/servers/{paying.server(SERVER)}"))


@pytest.mark.parametrize(("age_s", "left"), [(None, "in 2"), (DAY_S // 2, "in 12 hours")])
def test_who_was_not_told_a_day_ago_still_has_that_day(paying: World, age_s: int | None, left: str) -> None:
    money.price(paying, SERVER, 500, expires_in_s=-24 * DAY_S)
    if age_s is not None:
        notice(paying, age_s=age_s)
    page = see(paying, "owner", path(paying))
    assert "at any time" not in said(page)
    assert left in details(page)["Runs until"]


def test_what_is_overdue_and_renews_by_itself_says_that_it_does_so_at_once(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=-3600)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context(), write() as session:
        terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
    assert "within minutes" not in said(see(paying, "owner", path(paying)))
    money.fund(paying, "owner", 500)
    page = said(see(paying, "owner", path(paying)))
    assert "It is renewed by itself within minutes, for 5.00 EUR." in page
    assert "If nobody renews it" not in page


def test_observing_an_old_hold_is_told_as_a_preview(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="observe")
    hold(world, money.price(world, SERVER, 500, expires_in_s=-9 * DAY_S), "unpaid")
    page = said(see(world, "owner", path(world)))
    assert "would be suspended" in page
    assert "is being suspended" not in page


def test_prices_are_one_line_a_day_with_free_times_and_none_without_a_price(paying: World) -> None:
    money.price(paying, SERVER, 500)
    money.price(paying, SERVER, 600)
    assert said(see(paying, "owner", path(paying))).count("Since 2") == 1
    paying.clock.advance(2 * DAY_S)
    money.free(paying, SERVER)
    assert "Since 2" not in said(see(paying, "owner", path(paying)))
    paying.clock.advance(2 * DAY_S)
    money.price(paying, SERVER, 700)
    history = said(see(paying, "owner", path(paying))).partition("Prices")[2]
    assert history.index("7.00 EUR") < history.index("free") < history.index("6.00 EUR")
    assert "5.00 EUR" not in history


def test_a_blocked_server_has_no_switch_to_renew_by_itself(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=9 * DAY_S)
    assert 'name="wanted"' in see(paying, "owner", path(paying))
    hold(paying, shown, "abuse")
    assert 'name="wanted"' not in see(paying, "owner", path(paying))


def test_a_suspended_server_shows_no_figures_of_before(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=9 * DAY_S)
    where = f"/servers/{paying.server(SERVER)}"
    see(paying, "owner", where)
    paying.read_live()
    assert "Network in" in see(paying, "owner", where)
    suspend_on_panel(paying)
    see(paying, "owner", where)
    paying.read_live()
    page = see(paying, "owner", where)
    assert "Suspended" in page
    assert "Network in" not in page


def test_dates_are_in_the_hosts_zone_until_the_browser_names_one(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="on", time_zone="Asia/Tokyo")
    money.price(world, SERVER, 500, expires_in_s=9 * DAY_S)
    assert " JST" in details(see(world, "owner", path(world)))["Paid until"]
    browser = world.browser("owner")
    browser.set_cookie("tz", "Asia/Kolkata")
    assert " IST" in details(browser.get(path(world)).text)["Paid until"]


def test_a_second_tab_is_told_that_it_was_paid_already(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(paying, "owner", 5000)
    browser = paying.browser("owner")
    tabs = [see(paying, "owner", path(paying, rest="/renew")) for _ in range(2)]
    first = pay(browser, paying, tabs[0])
    assert "nothing was charged again" not in said(browser.get(first.location).text)
    paying.clock.advance(60)
    second = pay(browser, paying, tabs[1])
    assert "It was paid already; nothing was charged again." in said(browser.get(second.location).text)
    assert money.balance(paying, "owner") == 4500
