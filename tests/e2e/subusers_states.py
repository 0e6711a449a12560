"""The page Subusers in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at

PLAYED = "Survival SMP"
SHARED = "Valheim Test"


def _waiting(page: Page, stand: Stand) -> None:
    """Somebody is invited, and has not signed in yet."""
    server_at(SHARED, "/subusers")(page, stand)
    if not page.get_by_text("helper@example.net").count():
        page.get_by_role("link", name="Invite somebody").click()
        page.get_by_label("E-mail address").fill("helper@example.net")
        page.get_by_label("Operator").check()
        page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("Invited, not yet signed in")).to_be_visible()
    expect(page.get_by_text("16 permissions in 9 groups")).to_be_visible()  # the script ticked what the preset gives


def _refused(page: Page, stand: Stand) -> None:
    """What the panel says of an address stands beside it."""
    server_at(PLAYED, "/subusers/new")(page, stand)
    page.get_by_label("E-mail address").fill("subuser@example.com")
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.locator("#email-help.wrong")).to_be_visible()


def _changed(page: Page, stand: Stand) -> None:
    server_at(PLAYED, "/subusers")(page, stand)
    page.get_by_role("link", name="Permissions of mika@example.com").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()


def _asked(page: Page, stand: Stand) -> None:
    server_at(PLAYED, "/subusers")(page, stand)
    page.get_by_role("link", name="Remove mika@example.com").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Remove")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("subusers", server_at(PLAYED, "/subusers")),
    Look("subusers-waiting", _waiting),
    Look("subusers-refused", _refused, status=422),
    Look("subusers-edit", _changed),
    Look("subusers-remove", _asked),
)
