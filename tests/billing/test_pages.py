"""What a customer sees of prices, in every state a server can be in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.billing import terms
from portal.billing.models import Reminder, Term
from portal.credentials import service as credentials
from portal.servers import records
from portal.store import read, write
from tests.billing.pages import SERVER, hold, path, pay, suspend_on_panel
from tests.conftest import World
from tests.servers.support import details, poll_of, said, see
from tests.support import money
from tests.support.money import DAY_S

Make = Callable[..., World]


@pytest.fixture(params=["own", "service"])
def paying(request: pytest.FixtureRequest, make_world: Make) -> World:
    return make_world(request.param, is_ready=True, billing="on", pay_url="https://example.com/pay")


def test_not_yet_set_and_free_have_no_end_and_nothing_to_pay(paying: World) -> None:
    unset = see(paying, "owner", path(paying))
    assert "No price yet" in unset
    assert "/billing/renew" not in unset
    money.free(paying, SERVER)
    free = see(paying, "owner", path(paying))
    assert "costs nothing" in said(free)
    assert "/billing/renew" not in free
    for page in (unset, free):
        assert "Paid until" not in page


def test_a_price_says_how_much_how_often_and_until_when(paying: World) -> None:
    money.price(paying, SERVER, 1250, months=3, expires_in_s=30 * DAY_S)
    page = see(paying, "subuser", path(paying))
    assert "12.50 EUR per 3 months" in said(page)
    assert "in 30 days" in details(page)["Paid until"]
    assert "UTC" in details(page)["Paid until"]
    assert "suspended after" in said(page)


def test_due_soon_overdue_and_unpaid_say_what_happens_and_have_a_button(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=2 * DAY_S)
    for expires_in_s, word in ((2 * DAY_S, "Due soon"), (-3600, "Overdue")):
        with paying.app.app_context(), write() as session:
            at = int(paying.clock.now()) + expires_in_s
            terms.set_expiry_in(session, shown.server.uuid, at, by=None, why="test")
        for where in (path(paying), f"/servers/{paying.server(SERVER)}", "/servers"):
            page = see(paying, "owner", where)
            assert word in page, where
            assert path(paying, rest="/renew") in page, where
    hold(paying, shown, "unpaid")
    suspend_on_panel(paying)
    for where in (path(paying), f"/servers/{paying.server(SERVER)}", "/servers"):
        page = see(paying, "owner", where)
        assert "because it was not paid" in said(page), where
        assert where == "/servers" or "Ask your host what to do" not in said(page)  # the list has others
        assert path(paying, rest="/renew") in page, where


def test_suspended_by_the_host_says_so_and_tells_no_reason(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=9 * DAY_S)
    for kind in ("external", "admin"):
        hold(paying, shown, kind, reason="he wrote rude mails")  # type: ignore[arg-type]
    page = see(paying, "owner", path(paying))
    assert "Suspended by your host" in page
    assert "Renewing it does not switch it on again" in said(page)
    for where in (path(paying), path(paying, rest="/renew"), f"/servers/{paying.server(SERVER)}", "/servers"):
        assert "rude" not in see(paying, "owner", where)


def test_a_blocked_server_cannot_be_renewed_and_leaves_no_dead_button(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=-DAY_S)
    money.fund(paying, "owner", 5000)
    hold(paying, shown, "abuse", reason="spam from 192.0.2.9")
    for where in (path(paying), path(paying, rest="/renew")):
        page = see(paying, "owner", where)
        assert "blocked this server" in said(page)
        assert "spam" not in page
        assert 'name="token"' not in page
        assert "https://example.com/support" in page
    assert path(paying, rest="/renew") not in see(paying, "owner", path(paying))


def test_a_suspension_that_no_hold_explains_is_the_hosts(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=-DAY_S)
    suspend_on_panel(paying)
    assert "Suspended by your host" in see(paying, "owner", path(paying))


def test_a_server_that_is_gone_costs_nothing_more(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=9 * DAY_S)
    with paying.app.app_context(), write() as session:
        session.get_one(Term, shown.server.uuid).gone_at = 5
    page = see(paying, "owner", path(paying))
    assert "The panel has this server no more" in said(page)
    assert path(paying, rest="/renew") not in page
    assert 'name="token"' not in see(paying, "owner", path(paying, rest="/renew"))


def test_who_has_nothing_to_do_with_the_server_sees_nothing_and_only_the_owner_switches(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=9 * DAY_S)
    for rest in ("", "/renew", "/live"):
        for person in ("stranger", "admin"):
            assert paying.browser(person).get(path(paying, rest=rest)).status_code == 404
        anonymous = paying.browser().get(path(paying, rest=rest))
        assert anonymous.status_code in (303, 286)
        assert "EUR" not in anonymous.text
    for person in ("stranger", "admin"):
        assert paying.browser(person).post(path(paying, rest="/renew")).status_code == 404
    assert paying.browser("subuser").post(path(paying, rest="/auto"), data={"wanted": "on"}).status_code == 403
    assert "Only the owner" in see(paying, "subuser", path(paying))
    assert paying.browser("owner").post(path(paying, rest="/auto"), data={"wanted": "on"}).status_code == 303
    now = money.terms_of(paying, SERVER)
    assert now is not None
    assert now.auto_renew_by == money.account_id(paying, "owner")
    assert "From the balance of the owner" in said(see(paying, "subuser", path(paying)))
    paying.browser("owner").post(path(paying, rest="/auto"), data={"wanted": "off"})
    after = money.terms_of(paying, SERVER)
    assert after is not None
    assert after.auto_renew_by is None


def test_an_automatic_renewal_that_will_do_warns_of_nothing_and_one_that_will_not_says_what_is_missing(
    paying: World,
) -> None:
    money.price(paying, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(paying, "owner", 500)
    paying.browser("owner").post(path(paying, rest="/auto"), data={"wanted": "on"})
    page = see(paying, "owner", path(paying))
    assert "It renews by itself before" in said(page)
    assert "Due soon" not in page
    money.price(paying, SERVER, 620)
    page = see(paying, "owner", path(paying))
    assert "Your balance is short of 1.20 EUR" in said(page)
    assert "1.20" not in see(paying, "subuser", path(paying))


def test_with_the_panel_down_everything_here_works_and_asks_it_nothing(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=-DAY_S)
    money.fund(paying, "owner", 700)
    paying.browser("owner").get(f"/servers/{paying.server(SERVER)}")
    paying.demo.set_condition("panel-maintenance")
    paying.clock.advance(3600)
    paying.calls()
    browser = paying.browser("owner")
    assert browser.get(path(paying)).status_code == 200
    confirmed = browser.get(path(paying, rest="/renew")).text
    assert pay(browser, paying, confirmed).status_code == 303
    assert browser.get("/balance").status_code == 200
    assert browser.post(path(paying, rest="/auto"), data={"wanted": "on"}).status_code == 303
    assert money.balance(paying, "owner") == 200
    assert paying.calls() == []


def test_somebody_without_a_key_who_was_never_shown_the_server_can_renew_it_all_the_same(make_world: Make) -> None:
    """They have a link from a reminder, and no need to connect the panel first."""
    world = make_world("own", is_ready=True, billing="on")
    money.price(world, SERVER, 500, expires_in_s=DAY_S)
    owner = money.account_id(world, "owner")
    with world.app.app_context(), write() as session:
        credentials.drop_key_in(session, owner)
        records.forget_scope_in(session, owner)
    page = see(world, "owner", path(world))
    assert SERVER in page
    assert path(world, rest="/renew") in page


def test_off_shows_nothing_anywhere(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="off")
    money.price(world, SERVER, 500, expires_in_s=-DAY_S)
    browser = world.browser("owner")
    for where in (path(world), path(world, rest="/renew"), path(world, rest="/live"), "/balance", "/balance/print",
                  "/balance/statement.csv"):  # fmt: skip
        assert browser.get(where).status_code == 404, where
    for rest in ("/renew", "/auto"):
        assert browser.post(path(world, rest=rest)).status_code == 404
    for where in ("/servers", f"/servers/{world.server(SERVER)}"):
        page = browser.get(where).text
        assert "EUR" not in page
        assert "billing" not in page
        assert "/balance" not in page


def test_observe_shows_what_would_be_and_has_no_button(make_world: Make) -> None:
    world = make_world("own", is_ready=True, billing="observe")
    money.price(world, SERVER, 500, expires_in_s=-3600)
    money.fund(world, "owner", 5000)
    page = see(world, "owner", path(world))
    assert "Preview." in page
    assert "would be suspended after" in said(page)
    assert path(world, rest="/renew") not in page
    confirmed = see(world, "owner", path(world, rest="/renew"))
    assert 'name="token"' not in confirmed
    assert world.browser("owner").post(path(world, rest="/auto"), data={"wanted": "on"}).status_code == 409
    for where in ("/servers", f"/servers/{world.server(SERVER)}"):
        assert "Overdue" not in see(world, "owner", where)


@pytest.mark.parametrize("where", ["list", "overview", "billing", "renew"])
def test_a_page_that_says_until_when_counts_as_a_reminder_for_the_owner_alone(make_world: Make, where: str) -> None:
    world = make_world("own", is_ready=True, billing="on")
    shown = money.price(world, SERVER, 500, expires_in_s=2 * DAY_S)
    owner, assert_at = money.account_id(world, "owner"), int(world.clock.now())
    with world.app.app_context(), write() as session:
        session.add(Reminder(server_uuid=shown.server.uuid, expires_at=shown.expires_at, days=3, account_id=owner,
                             made_at=assert_at))  # fmt: skip
    address = {"list": "/servers", "overview": f"/servers/{world.server(SERVER)}", "billing": path(world),
               "renew": path(world, rest="/renew")}[where]  # fmt: skip

    def shown_at() -> int | None:
        with world.app.app_context(), read() as session:
            return session.query(Reminder).one().shown_at

    see(world, "subuser", address)
    world.browser("owner").get(f"/servers/{world.server(SERVER)}/live")
    assert shown_at() is None
    see(world, "owner", address)
    assert shown_at() == assert_at


def test_what_the_list_says_changes_by_itself(paying: World) -> None:
    money.price(paying, SERVER, 500, expires_in_s=8 * DAY_S)
    page = see(paying, "owner", "/servers")
    poll = poll_of(page)
    assert paying.browser("owner").get(poll).status_code == 204
    money.price(paying, SERVER, 900)
    answer = paying.browser("owner").get(poll)
    assert answer.status_code == 200
    assert "9.00 EUR" in said(answer.text)
