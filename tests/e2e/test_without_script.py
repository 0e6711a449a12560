"""Everything but live refresh works without JavaScript."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand


@pytest.fixture
def plain(open_page: OpenPage, site: Stand) -> Page:
    page = open_page(site, java_script_enabled=False)
    page.goto("/")
    walk.sign_in(page, "owner")
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    return page


def _wait_for(page: Page, state: str) -> None:
    """Load the page again until the badge says so: that is what a person without script does."""
    deadline = time.monotonic() + walk.CHANGE_MS / 1000
    while page.locator("#live .badge").inner_text() != state:
        assert time.monotonic() < deadline, page.locator("#live").inner_text()
        page.wait_for_timeout(1000)
        page.reload()


def test_wrong_password_is_said(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, java_script_enabled=False)
    watched(page).allow_status(422)
    page.goto("/login")
    walk.sign_in(page, "owner", "not the password")
    expect(page.get_by_text("do not belong together")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("owner@example.com")


def test_search_state_and_order_are_a_form(plain: Page) -> None:
    plain.get_by_role("searchbox", name="Search").fill("rust")
    plain.get_by_label("Order").select_option("node")
    plain.get_by_role("button", name="Show").click()
    expect(plain).to_have_url(re.compile(r"q=rust.*sort=node"))
    expect(plain.locator("li.server")).to_have_count(2)
    expect(plain.get_by_role("searchbox", name="Search")).to_have_value("rust")


def test_pages_of_the_list(plain: Page) -> None:
    plain.get_by_role("link", name="Next").click()
    expect(plain.get_by_text("Page 2 of 2")).to_be_visible()
    plain.get_by_role("link", name="Previous").click()
    expect(plain.get_by_text("Page 1 of 2")).to_be_visible()


@pytest.mark.soak
def test_start_and_stop_with_a_page_that_asks(plain: Page, site: Stand) -> None:
    name = "Valheim Test"
    plain.goto(f"/servers/{site.server(name)}")
    _wait_for(plain, "Offline")
    walk.act(plain, "Start", name).click()
    expect(plain.locator("#live")).to_contain_text("Start asked")
    _wait_for(plain, "Running")
    walk.act(plain, "Stop", name).click()
    expect(plain.get_by_role("heading", name=f"Stop {name}")).to_be_visible()
    plain.get_by_role("link", name="Cancel").click()
    expect(plain.get_by_role("heading", name=name)).to_be_visible()
    walk.act(plain, "Stop", name).click()
    plain.get_by_role("button", name="Stop").click()
    expect(plain.locator("#live")).to_contain_text("Stop asked")
    _wait_for(plain, "Offline")


def test_command(plain: Page, site: Stand) -> None:
    plain.goto(f"/servers/{site.server('Skyblock')}")
    plain.get_by_role("link", name="Console").click()
    plain.get_by_role("textbox").fill("say hello without script")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_text("The command was sent.")).to_be_visible()
    uuid = next(one.uuid for one in site.demo.world.servers if one.name == "Skyblock")
    assert site.demo.processes[uuid].commands[-1] == "say hello without script"


def test_nothing_is_offered_that_needs_script(plain: Page) -> None:
    expect(plain.locator("button.copy:visible")).to_have_count(0)


def test_sign_out(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, java_script_enabled=False)
    page.goto("/")
    walk.sign_in(page, "subuser")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/servers")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
