"""Steps that several tests take, in the words of a customer."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.stand import PASSWORD, Stand

CHANGE_MS = 60_000
"""The panel renews usage every 20 s, so a change may take this long to show."""


def sign_in(page: Page, who: str, password: str = PASSWORD) -> None:
    """Fill the login form that stands on the page and send it."""
    page.get_by_label("E-mail address").fill(f"{who}@example.com")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def signed_in_state(browser: Browser, stand: Stand, who: str) -> Any:
    """The cookies of somebody who is signed in; made once for each stand."""
    if who not in stand.states:
        context = browser.new_context(base_url=stand.url, timezone_id="Europe/Berlin", **stand.browsing)
        page = context.new_page()
        page.goto("/login")
        sign_in(page, who)
        page.wait_for_url("**/servers**")
        stand.states[who] = context.storage_state()
        context.close()
    return stand.states[who]


def row(page: Page, name: str) -> Locator:
    """A server in the list."""
    return page.locator("li.server").filter(has=page.get_by_role("link", name=name, exact=True))


def find(page: Page, text: str) -> None:
    """Type into the search, and wait for the list that fits."""
    box = page.get_by_role("searchbox", name="Search")
    box.press("End")
    with page.expect_response(lambda answer: "q=" in answer.url):
        page.keyboard.insert_text(text)  # at once: on a busy machine each letter could become a search of its own
    expect(page).to_have_url(re.compile(r"[?&]q="))


def confirm(page: Page, what: str) -> None:
    """Say yes in the dialog."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=what).click()
    expect(dialog).to_be_hidden()


def act(page: Page, what: str, name: str) -> Locator:
    """The button of a power signal for a server, in the list or on its own page."""
    return page.get_by_role("button", name=f"{what} {name}", exact=True)
