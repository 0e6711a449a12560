"""Small things that people notice: copying, their own time, rest for the eyes, commands, polls that rest."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.relay import stop_time
from tests.e2e.stand import Stand


def test_copy_button_copies_the_address(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    page.goto("/servers?q=survival")
    stop_time(page)  # so that what is said for a moment stays, and no poll makes the row anew
    row = walk.row(page, "Survival SMP")
    address = row.locator("code").inner_text()
    button = row.get_by_role("button", name=f"Copy address {address}")
    button.tap()
    expect(button.locator("use")).to_have_attribute("href", re.compile("#done$"))
    assert page.evaluate("navigator.clipboard.readText()") == address == "play.example.com:25565"
    page.clock.run_for(1500)
    expect(button.locator("use")).to_have_attribute("href", re.compile("#copy$"))


def test_copy_button_after_a_live_refresh(open_page: OpenPage, site: Stand) -> None:
    """A row that was renewed has a copy button like the one before."""
    page = open_page(site, "owner")
    page.goto("/servers?q=pixelmon")
    expect(walk.row(page, "Pixelmon").locator("meter").first).to_be_visible(timeout=walk.CHANGE_MS)
    expect(walk.row(page, "Pixelmon").get_by_role("button", name=re.compile("^Copy"))).to_be_visible()


@pytest.mark.parametrize(("zone", "named"), [("Asia/Tokyo", "JST"), ("America/New_York", "EST|EDT")])
def test_times_are_in_the_zone_of_the_browser(open_page: OpenPage, site: Stand, zone: str, named: str) -> None:
    page = open_page(site, timezone_id=zone)
    page.goto("/")
    walk.sign_in(page, "owner")
    page.goto(f"/servers/{site.server('Lobby')}")
    shown = page.locator("#live time").last
    expect(shown).to_have_text(re.compile(rf"^\d\d:\d\d:\d\d ({named})$"), timeout=walk.CHANGE_MS)
    text, clock = shown.evaluate(
        "one => [one.textContent, new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'})"
        ".format(new Date(one.getAttribute('datetime')))]"
    )  # both at once: the next reading may be of the next minute
    assert text.startswith(f"{clock}:")


def _animations(page: Page) -> int:
    page.goto("/servers?q=slow+starter")
    expect(page.locator(".badge.busy")).to_have_text("Starting", timeout=walk.CHANGE_MS)
    return int(page.evaluate("document.getAnimations().length"))


def test_nothing_moves_for_those_who_asked_for_rest(open_page: OpenPage, site: Stand) -> None:
    assert _animations(open_page(site, "owner", reduced_motion="reduce")) == 0


def test_what_is_busy_moves_for_the_others(open_page: OpenPage, site: Stand) -> None:
    assert _animations(open_page(site, "owner", reduced_motion="no-preference")) > 0


def test_command_is_sent_without_loading_the_page(page: Page, site: Stand) -> None:
    page.goto(f"/servers/{site.server('Proxy')}/console")
    page.evaluate("window.stillTheSamePage = true")
    box = page.get_by_role("textbox")
    box.fill("say <b>hello</b>")
    box.press("Enter")
    expect(page.get_by_text("Sent: say <b>hello</b>")).to_be_visible()
    expect(box).to_have_value("")
    assert page.evaluate("window.stillTheSamePage")


def test_command_to_a_server_that_is_off_stays_in_the_field(page: Page, site: Stand) -> None:
    page.goto(f"/servers/{site.server('Retakes')}/console")
    watched(page).allow_status(422)
    page.get_by_role("textbox").fill("say nobody hears")
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_text("The server is not running")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("say nobody hears")


def test_hostile_names_are_text(page: Page) -> None:
    page.goto("/servers?q=script")
    expect(page.get_by_text("<script>alert('name')</script>")).to_be_visible()
    page.get_by_role("link", name="<script>").tap()
    expect(page.get_by_role("heading", name="<script>")).to_be_visible()


def test_power_from_the_server_page(page: Page, site: Stand) -> None:
    page.goto(f"/servers/{site.server('Bedrock Friends')}")
    name = "Bedrock Friends"
    expect(page.locator("#live .badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    walk.act(page, "Restart", name).tap()
    walk.confirm(page, "Restart")
    expect(page.locator("#live")).to_contain_text("Restart asked")
    expect(page.locator("#live .badge")).to_have_text("Running", timeout=2 * walk.CHANGE_MS)


def test_crash_is_said_as_stopped_again(page: Page, site: Stand) -> None:
    page.goto("/servers?q=crashy")
    row = walk.row(page, "Crashy")
    expect(row.locator(".badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    walk.act(page, "Start", "Crashy").tap()
    expect(row.locator(".badge")).to_have_text("Stopped again", timeout=2 * walk.CHANGE_MS)
    row.get_by_role("link", name="Open the console").tap()
    expect(page).to_have_url(re.compile("/console$"))


@pytest.mark.soak
def test_kill_is_offered_once_stopping_takes_long(page: Page, site: Stand) -> None:
    page.goto(f"/servers/{site.server('Stubborn')}")
    expect(page.locator("#live .badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    walk.act(page, "Stop", "Stubborn").tap()
    walk.confirm(page, "Stop")
    expect(page.locator("#live .badge")).to_have_text("Stopping")
    expect(walk.act(page, "Kill", "Stubborn")).to_have_count(0)
    expect(walk.act(page, "Kill", "Stubborn")).to_be_visible(timeout=40_000)
    walk.act(page, "Kill", "Stubborn").tap()
    walk.confirm(page, "Kill")
    expect(page.locator("#live .badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
