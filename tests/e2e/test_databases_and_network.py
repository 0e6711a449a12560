"""What only a browser shows of these pages: the password that goes with its dialog, notes saved beside unsaved ones."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.databases_states import _password as password_shown
from tests.e2e.network_states import HELD
from tests.e2e.network_states import _listed as network_listed
from tests.e2e.stand import Stand


def test_a_password_does_not_stay_in_the_page_when_its_dialog_closes(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    password_shown(page, site)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#dialog")).to_be_empty()
    assert "mysql://" not in page.content()


def test_a_password_does_not_stay_in_a_page_that_the_browser_keeps(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    password_shown(page, site)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert "mysql://" not in page.content()


def test_a_note_is_saved_beside_one_that_is_still_typed(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    network_listed(page, site)
    rows = page.locator(".allocation")
    rows.nth(0).get_by_role("textbox").fill("still typed")
    rows.nth(1).get_by_role("textbox").fill("query port")
    rows.nth(1).get_by_role("button", name="Save").click()
    expect(rows.nth(1).get_by_text("Saved.")).to_be_visible()
    expect(rows.nth(1).get_by_role("button", name="Save")).to_be_focused()
    expect(rows.nth(0).get_by_role("textbox")).to_have_value("still typed")


def test_the_head_shows_the_new_primary_one_at_once(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    network_listed(page, site)
    before = page.locator("main p.where code").inner_text()
    server = next(one for one in site.demo.world.servers if one.name == HELD)
    kept = server.allocation
    page.locator(".allocation:not(:has(.badge)) .acts a").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Make primary").click()
    expect(page.get_by_text("is the primary allocation.")).to_be_visible()
    expect(page.locator("main p.where code")).not_to_have_text(before)
    server.allocation = kept
    page.reload()
    expect(page.locator("main p.where code")).to_have_text(before)
