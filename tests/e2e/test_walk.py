"""The main job on a phone: sign in, find a server, start it, see it run, stop it."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, shared
from tests.e2e.stand import PASSWORD, Stand

NAME = "Hardcore Week 42"
MOST_S = 60.0
"""On a machine of its own, where it takes 25 s."""
BADGES = """() => {
    window.badges = [];
    const look = () => {
        const text = document.querySelector("li.server .badge")?.textContent.trim();
        if (text && text !== badges.at(-1)) badges.push(text);
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
"""What the badge of the only row says, one after the other: some of it for seconds only."""


def test_the_walk_on_a_phone(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site)
    began = time.monotonic()
    page.goto("/")
    page.get_by_label("E-mail address").tap()
    page.keyboard.type("owner@example.com")
    page.get_by_label("Password", exact=True).tap()
    page.keyboard.type(PASSWORD)
    page.get_by_role("button", name="Sign in").tap()

    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    page.evaluate("window.stillTheSamePage = true")
    walk.find(page, "hardcore")
    expect(page.locator("li.server")).to_have_count(1)
    row = walk.row(page, NAME)
    page.evaluate(BADGES)
    walk.act(page, "Start", NAME).tap()
    expect(page.get_by_role("status").filter(has_text="Start asked")).to_be_visible()
    expect(row.locator(".badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    assert site.state_of(NAME) == "running"
    assert page.evaluate("badges.slice(-2)") == ["Starting", "Running"]

    walk.act(page, "Stop", NAME).tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=f"Stop {NAME}")).to_be_visible()
    dialog.get_by_role("button", name="Stop").tap()
    expect(dialog).to_be_hidden()
    expect(row.locator(".badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    assert page.evaluate("badges.slice(-3)") == ["Running", "Stopping", "Offline"]
    took = time.monotonic() - began
    assert site.state_of(NAME) == "offline"
    assert page.evaluate("window.stillTheSamePage"), "the page was loaded anew"
    assert took < shared(MOST_S), f"the walk took {took:.0f} s"
