"""The page Schedules in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at


def _one(page: Page, stand: Stand) -> None:
    """A schedule with two tasks, made as a person would."""
    path = f"/servers/{stand.server('Survival SMP')}/schedules"
    page.goto(path)
    if (made := page.get_by_role("link", name="Restart on Mondays", exact=True)).count():
        made.first.click()
        return
    page.goto(f"{path}/new")
    page.get_by_label("Name", exact=True).fill("Restart on Mondays")
    page.get_by_label("How often").select_option("weekly")
    expect(page.locator("#said")).to_contain_text("on Monday")
    page.get_by_role("button", name="Create schedule").click()
    page.wait_for_url("**/schedules/*")
    for command in ("say Restart in one minute", "save-all flush"):
        page.get_by_role("link", name="task").last.click()
        page.get_by_role("dialog").get_by_label("Command").fill(command)
        page.get_by_role("dialog").get_by_role("button", name="Add task").click()
        expect(page.locator(".steps")).to_contain_text(command)
        expect(page.get_by_role("dialog")).to_be_hidden()


def _list(page: Page, stand: Stand) -> None:
    _one(page, stand)
    page.get_by_role("link", name="All schedules").click()
    expect(page.locator(".things .thing").first).to_be_visible()


def _refused(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server('Lobby')}/schedules/new")
    page.get_by_label("Name", exact=True).fill("Odd")
    page.get_by_label("Hour", exact=True).fill("25")
    expect(page.locator("#said")).to_contain_text("The panel does not take this.")
    page.get_by_role("button", name="Create schedule").click()
    expect(page.locator("#hour-help")).to_contain_text("does not evaluate")


LOOKS: tuple[Look, ...] = (
    Look("schedules", _list),
    Look("schedules-empty", server_at("Lobby", "/schedules")),
    Look("schedules-one", _one),
    Look("schedules-nightly", server_at("Lobby", "/schedules/new?preset=nightly-backup")),
    Look("schedules-refused", _refused, status=422),
)
