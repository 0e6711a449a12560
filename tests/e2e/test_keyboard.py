"""Everything with the keyboard alone, and one always sees where one is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.stand import PASSWORD, Stand

FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {id: one.id, label: one.getAttribute("aria-label") || one.textContent.trim(), tag: one.tagName,
          outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
          inView: box.top >= 0 && box.bottom <= innerHeight && box.width > 0 && box.height > 0};
}"""


@pytest.fixture
def keys(open_page: OpenPage, site: Stand) -> Page:
    return open_page(site, "owner", viewport=DESKTOP)


def _tab_to(page: Page, label: str, most: int = 60) -> dict[str, Any]:
    for _ in range(most):
        page.keyboard.press("Tab")
        seen: dict[str, Any] = page.evaluate(FOCUS)
        if seen["label"].startswith(label):
            return seen
        assert seen["tag"] == "BODY" or seen["outline"] >= 2, f"no focus to be seen on {seen}"
    raise AssertionError(f"{label} was not reached with {most} times Tab")


def test_sign_in_and_start_with_the_keyboard(open_page: OpenPage, own_site: Stand) -> None:
    name = "Retakes"  # which the tests on the shared portal need offline
    page = open_page(own_site, viewport=DESKTOP)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["label"] == "Skip to content"
    while page.evaluate("document.activeElement.id") != "email":
        page.keyboard.press("Tab")
    page.keyboard.type("owner@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    while page.evaluate("document.activeElement.id") != "q":
        page.keyboard.press("Tab")
    page.keyboard.type("retakes")
    expect(page.locator("li.server")).to_have_count(1)
    expect(walk.row(page, name).locator(".badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    seen = _tab_to(page, f"Start {name}")
    assert seen["outline"] >= 2
    assert seen["inView"]
    page.keyboard.press("Enter")
    expect(walk.row(page, name)).to_contain_text("Start asked")


def test_dialog_takes_the_focus_and_gives_it_back(keys: Page) -> None:
    keys.goto("/servers?q=terraria+journey")
    walk.act(keys, "Stop", "Terraria Journey").focus()
    keys.keyboard.press("Enter")
    dialog = keys.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert keys.evaluate("document.getElementById('dialog').contains(document.activeElement)")
    for _ in range(5):
        keys.keyboard.press("Tab")
        inside = "document.activeElement === document.body || dialog.contains(document.activeElement)"
        assert keys.evaluate(inside), "the focus left the dialog for the page behind it"
    keys.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert keys.evaluate(FOCUS)["label"] == "Stop Terraria Journey"


def test_dialog_can_be_cancelled(keys: Page, site: Stand) -> None:
    keys.goto("/servers?q=terraria+journey")
    walk.act(keys, "Stop", "Terraria Journey").focus()
    keys.keyboard.press("Enter")
    keys.get_by_role("link", name="Cancel").focus()
    keys.keyboard.press("Enter")
    expect(keys.get_by_role("dialog")).to_be_hidden()
    assert site.state_of("Terraria Journey") == "running"


def test_what_says_it_is_a_button_takes_the_space_bar(keys: Page) -> None:
    keys.goto("/servers?q=terraria+journey")
    walk.act(keys, "Stop", "Terraria Journey").focus()
    keys.keyboard.press("Space")
    expect(keys.get_by_role("dialog")).to_be_visible()


def test_focus_stays_on_the_page_after_a_power_signal(keys: Page) -> None:
    """The button that was pressed is gone afterwards; the next Tab must not begin at the top of the page again."""
    keys.goto("/servers?q=create%3A")
    name = "Create: Above and Beyond"
    expect(walk.row(keys, name).locator(".badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    walk.act(keys, "Start", name).focus()
    keys.keyboard.press("Enter")
    expect(walk.row(keys, name)).to_contain_text("Start asked")
    keys.keyboard.press("Tab")
    assert keys.evaluate(FOCUS)["label"] != "Skip to content", "the focus was lost when the row was renewed"


def test_account_menu(keys: Page) -> None:
    keys.goto("/servers")
    seen = _tab_to(keys, "owner@example.com")
    assert seen["outline"] >= 2
    keys.keyboard.press("Enter")
    expect(keys.get_by_role("button", name="Sign out")).to_be_visible()
    keys.keyboard.press("Escape")
    expect(keys.get_by_role("button", name="Sign out")).to_be_hidden()


def test_skip_link_leads_to_the_content(keys: Page) -> None:
    keys.goto("/servers")
    keys.keyboard.press("Tab")
    expect(keys.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    keys.keyboard.press("Enter")
    keys.keyboard.press("Tab")
    assert keys.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_focus_is_visible_everywhere_on_a_server_page(keys: Page, site: Stand) -> None:
    keys.goto(f"/servers/{site.server('Lobby')}/console")
    for _ in range(14):
        keys.keyboard.press("Tab")
        seen = keys.evaluate(FOCUS)
        assert seen["tag"] == "BODY" or (seen["outline"] >= 2 and seen["inView"]), seen
