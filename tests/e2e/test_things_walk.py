"""What a customer does with one server on a phone, page by page, with and without JavaScript, by the service key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.relay import wait_for
from tests.e2e.stand import Stand

SERVERS = {True: "Skyblock", False: "Valheim Test"}
LONG_MS = 60_000.0


@pytest.fixture(scope="module")
def stand(_cheap_passwords: None) -> Iterator[Stand]:
    """A portal with the service key that lets one person do in half a minute what takes others an hour."""
    made = Stand(mode="service", settings={"client_calls_per_minute": 100_000})
    try:
        made.demo.limiter.per_minute["client"] = 0
        yield made
    finally:
        made.close()


def opened(page: Page, name: str) -> None:
    """One of the server's pages, by its tabs."""
    page.locator(".tab-more summary").tap()
    page.locator(".tab-more").get_by_role("link", name=name, exact=True).tap()
    expect(page.locator(".tab-more summary")).to_have_text(name)


def news(page: Page, text: str) -> None:
    expect(page.locator("#notices")).to_contain_text(text)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
def test_everything_of_a_server_on_a_phone(has_script: bool, open_page: OpenPage, stand: Stand) -> None:
    name = SERVERS[has_script]
    page = open_page(stand, "owner", java_script_enabled=has_script)
    page.goto(f"/servers/{stand.server(name)}")

    opened(page, "Backups")
    page.locator("#make").tap()
    page.get_by_label("Name").fill("walk")
    page.get_by_role("button", name="Create backup").tap()
    news(page, "has started")

    opened(page, "Databases")
    page.get_by_role("link", name=re.compile("Create the first one|New database")).tap()
    page.get_by_label("Name", exact=True).fill("walk")
    page.get_by_role("button", name="Create database").tap()
    expect(page.get_by_text("jdbc:mysql://")).to_be_visible()
    page.get_by_role("link", name="Close").tap()
    expect(page.get_by_role("heading", name=re.compile("_walk"))).to_be_visible()
    expect(page.get_by_text("jdbc:mysql://")).to_have_count(0)

    opened(page, "Schedules")
    page.goto(f"/servers/{stand.server(name)}/schedules/new?preset=nightly-backup")
    page.get_by_role("button", name="Create schedule").tap()
    news(page, "was created")  # the editor has the heading of the schedule's page already

    opened(page, "Network")
    note = page.get_by_role("textbox", name="Note").first
    note.fill("for players")
    page.get_by_role("button", name=re.compile("Save the note")).first.tap()
    expect(page.get_by_text(re.compile("saved", re.IGNORECASE)).first).to_be_visible()
    expect(page.get_by_role("textbox", name="Note").first).to_have_value("for players")

    opened(page, "Subusers")
    page.get_by_role("link", name=re.compile("Invite somebody")).first.tap()
    page.get_by_label("E-mail address").fill(f"walk-{has_script}@example.org".lower())
    page.get_by_text("Viewer").first.tap()
    page.get_by_role("button", name="Invite", exact=True).tap()
    if not has_script:  # the preset is shown before anything is given
        page.get_by_role("button", name="Invite", exact=True).tap()
    expect(page.get_by_text("@example.org").first).to_be_visible()
    expect(page.get_by_text("not yet signed in").first).to_be_visible()

    opened(page, "Settings")
    page.get_by_role("textbox", name="Name", exact=True).fill(f"{name} walked")
    page.get_by_role("button", name="Save").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} walked")

    opened(page, "Activity")
    log = page.locator("main")
    for told in ("walk", "Nightly backup", f"{name} walked"):
        expect(log).to_contain_text(told)
    expect(log).to_contain_text("You")
    expect(log).not_to_contain_text("service", ignore_case=True)


def test_a_preset_chosen_before_its_script_has_come_is_ticked_once_it_has(open_page: OpenPage, stand: Stand) -> None:
    page = open_page(stand, "owner").context.new_page()  # one that waits for no script
    held: list[Route] = []
    page.route("**/subusers.js*", lambda route: held.append(route))
    page.goto(f"/servers/{stand.server('Survival SMP')}/subusers/new", wait_until="commit")
    wait_for(page, held)
    page.get_by_text("Viewer").first.tap()
    ticked = page.locator("[name=permissions]:checked")
    assert ticked.count() == 1  # what every subuser has
    held[0].continue_()
    expect(page.locator("[data-chosen]")).to_be_visible()
    gives = page.locator("#preset-viewer").get_attribute("data-gives")
    assert {one.input_value() for one in ticked.all()} == set(json.loads(gives or ""))
    page.get_by_label("E-mail address").fill("early@example.org")
    page.get_by_role("button", name="Invite", exact=True).tap()
    expect(page.get_by_text("early@example.org").first).to_be_visible()
    expect(page.get_by_text("not yet signed in").first).to_be_visible()
