"""A session that ends in the middle of an action: sign in again, and go on where one was."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand

TYPED = "say what I was about to say"


@pytest.mark.parametrize("script", [True, False], ids=["script", "without script"])
def test_what_was_typed_is_there_after_signing_in_again(own_site: Stand, open_page: OpenPage, script: bool) -> None:
    page = open_page(own_site, "owner", java_script_enabled=script)
    watched(page).allow_status(401)
    path = f"/servers/{own_site.server('Lobby')}/console"
    page.goto(path)
    page.get_by_role("textbox").fill(TYPED)
    own_site.end_sessions()
    if script:
        expect(page.locator("[data-console]")).to_have_attribute("data-phase", "over")  # until then the socket takes it
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    walk.sign_in(page, "owner")
    expect(page).to_have_url(re.compile(f"{path}$"))
    expect(page.get_by_role("textbox")).to_have_value(TYPED)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status").filter(has_text=re.compile("Sent|was sent"))).to_be_visible()


def test_a_list_left_open_leads_back_to_itself(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner")
    watched(page).allow_status(401)
    page.goto("/servers?q=rust")
    own_site.end_sessions()
    notice = page.get_by_role("alert").filter(has_text="Your session has ended")
    expect(notice).to_be_in_viewport()
    expect(page.locator("li.server")).to_have_count(2)
    notice.get_by_role("link").tap()
    walk.sign_in(page, "owner")
    expect(page).to_have_url(re.compile(r"/servers\?q=rust"))


def test_a_power_button_after_the_session_ended(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner")
    watched(page).allow_status(401)
    page.goto("/servers?q=retakes")
    expect(walk.row(page, "Retakes").locator(".badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    own_site.end_sessions()
    walk.act(page, "Start", "Retakes").tap()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert own_site.state_of("Retakes") == "offline"


def test_login_page_says_that_panel_passwords_do_not_work(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site)
    page.goto("/login")
    expect(page.get_by_text("Passwords of the panel do not work here")).to_be_visible()
    expect(page.locator("#main").get_by_role("link", name="Ask your host")).to_be_visible()
