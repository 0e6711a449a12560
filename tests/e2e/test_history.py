"""Back and forward lead to what was there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e import walk


def test_back_and_forward_after_a_search(page: Page) -> None:
    page.goto("/servers")
    everything = page.locator("li.server").count()
    walk.find(page, "valheim")
    expect(page.locator("li.server")).to_have_count(1)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/servers$"))
    expect(page.locator("li.server")).to_have_count(everything)
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("")
    _stands(page, everything)
    page.go_forward()
    expect(page).to_have_url(re.compile(r"[?&]q=valheim"))
    expect(page.locator("li.server")).to_have_count(1)
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("valheim")
    expect(page.get_by_role("heading", name="Servers")).to_have_count(1)
    expect(page.locator("header.top")).to_have_count(1)


def test_back_from_a_server_to_the_search(page: Page) -> None:
    page.goto("/servers")
    walk.find(page, "rust")
    expect(page.locator("li.server")).to_have_count(2)
    page.get_by_role("link", name="Rust Weekly", exact=True).tap()
    expect(page.get_by_role("heading", name="Rust Weekly")).to_be_visible()
    page.go_back()
    expect(page.locator("li.server")).to_have_count(2)
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("rust")
    page.wait_for_load_state()
    walk.find(page, " build")
    expect(page.locator("li.server")).to_have_count(1)
    for step, rows in ((page.go_back, 2), (page.go_forward, 1), (page.go_back, 2)):
        step()
        _stands(page, rows)
    page.go_back()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("")


def _stands(page: Page, rows: int) -> None:
    """Rows are there before the page has loaded; going on earlier would cut its loading off."""
    expect(page.locator("li.server")).to_have_count(rows)
    page.wait_for_load_state()


def test_a_search_is_an_address(page: Page) -> None:
    page.goto("/servers?q=factorio")
    expect(page.locator("li.server")).to_have_count(1)
    page.get_by_label("Order").select_option("memory")
    expect(page).to_have_url(re.compile(r"sort=memory"))
    page.reload()
    expect(page.get_by_label("Order")).to_have_value("memory")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("factorio")


def test_live_refresh_after_back(page: Page) -> None:
    """The poll of a page that came back from history goes on, and only once."""
    page.goto("/servers")
    walk.find(page, "valheim")
    page.go_back()
    expect(page.locator("li.server").first).to_be_visible()
    expect(page.locator("[data-poll]")).to_have_count(1)
    with page.expect_response(lambda answer: "/servers/live" in answer.url) as found:
        pass
    assert found.value.status in (200, 204)
