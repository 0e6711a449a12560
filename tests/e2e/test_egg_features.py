"""Egg features on the console page: seen once in what is printed, shown as a dialog, never in the way of typed text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import walk
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.fake_console import FakeConsole
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings

EULA = "[12:00:03 INFO]: You need to agree to the EULA in order to run the server. Go to eula.txt for more info."
THREADS = "java.lang.OutOfMemoryError: unable to create native thread"
NAMES = {"eula": "Lobby", "gsl_token": "Retakes"}


@pytest.fixture
def console(open_page: OpenPage, site: Stand) -> FakeConsole:
    """The console page of a Minecraft server on a phone, starting."""
    console = FakeConsole(open_page(site, "owner"), site, NAMES["eula"])
    console.open("starting")
    return console


def dialog(page: Page) -> Locator:
    return page.locator("#dialog")


def test_a_line_that_names_a_feature_opens_its_dialog(console: FakeConsole) -> None:
    console.print("Loading libraries", EULA.upper())

    expect(dialog(console.page)).to_be_visible()
    expect(dialog(console.page).get_by_role("heading", name="Accept the Minecraft EULA")).to_be_focused()
    link = dialog(console.page).get_by_role("link", name="Read the Minecraft EULA")
    assert link.get_attribute("href") == "https://www.minecraft.net/eula"
    assert link.get_attribute("target") == "_blank"


def test_nothing_is_looked_for_while_the_server_runs(console: FakeConsole) -> None:
    console.say(status=["running"])
    console.print(EULA)
    console.say(status=["stopping", "offline"])
    console.print(THREADS)

    expect(dialog(console.page).get_by_role("heading", name="any more threads")).to_be_visible()
    assert console.page.locator('[data-feature="eula"]').is_hidden()


def test_each_feature_is_shown_once_until_the_server_starts_again(console: FakeConsole) -> None:
    page = console.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/egg-features/" in request.url else None)
    console.print(EULA)
    dialog(page).get_by_role("link", name="Not now").tap()
    expect(dialog(page)).to_be_hidden()
    console.print(EULA, "the end")
    expect(page.locator("[data-log]")).to_contain_text("the end")
    page.wait_for_timeout(400)
    assert len(asked) == 1
    assert dialog(page).is_hidden()
    expect(page.locator('[data-feature="eula"]')).to_be_visible()
    console.say(status=["offline", "starting"])
    expect(page.locator('[data-feature="eula"]')).to_be_hidden()
    console.print(EULA)

    expect(dialog(page)).to_be_visible()


def test_the_band_opens_the_dialog_again(console: FakeConsole) -> None:
    console.print(EULA)
    dialog(console.page).get_by_role("link", name="Not now").tap()
    console.page.locator('[data-feature="eula"]').get_by_role("link", name="What to do").tap()

    expect(dialog(console.page).get_by_role("button", name="I accept the EULA")).to_be_visible()


def test_two_features_are_shown_one_after_the_other(console: FakeConsole) -> None:
    console.print(EULA, THREADS)
    page = console.page
    expect(dialog(page)).to_contain_text("EULA")
    dialog(page).get_by_role("link", name="Not now").tap()

    expect(dialog(page).get_by_role("heading", name="any more threads")).to_be_visible()


def test_what_was_printed_before_one_came_shows_the_band_only(open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner"), site, NAMES["eula"])
    console.open(None)
    console.print(EULA)
    console.say(status=["offline"])

    expect(console.page.locator('[data-feature="eula"]')).to_be_visible()
    console.page.wait_for_timeout(400)
    assert dialog(console.page).is_hidden()
    console.say(status=["starting", "running"])
    expect(console.page.locator('[data-feature="eula"]')).to_be_hidden()


def test_a_later_start_in_what_was_printed_before_makes_it_nothing(open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner"), site, NAMES["eula"])
    console.open(None)
    console.print(EULA, "[Pterodactyl Daemon]: Updating process configuration files...", "Loading libraries")
    console.say(status=["offline"])
    expect(console.page.locator("[data-log]")).to_contain_text("Loading libraries")

    assert console.page.locator('[data-feature="eula"]').is_hidden()


def test_typed_text_is_neither_lost_nor_sent_to_the_dialog(open_page: OpenPage, site: Stand) -> None:
    """Somebody goes on typing and presses Enter: that accepts nothing."""
    page = open_page(site, "owner", viewport=DESKTOP)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    console = FakeConsole(page, site, NAMES["eula"])
    console.open("starting")
    field = page.locator('[data-console] input[name="command"]')
    field.click()
    page.keyboard.type("say half a sent")
    console.print(EULA)
    expect(dialog(page)).to_be_visible()
    page.keyboard.type("ence")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")

    expect(dialog(page)).to_be_hidden()
    expect(field).to_have_value("say half a sent")
    expect(field).to_be_focused()
    assert posts == []


def test_an_open_question_is_not_replaced(console: FakeConsole, site: Stand) -> None:
    page = console.page
    page.locator("#live .button.restart, #live .button.stop").first.tap(timeout=walk.CHANGE_MS)
    expect(dialog(page)).to_contain_text("this server?")
    console.print(EULA)
    expect(page.locator('[data-feature="eula"]')).to_be_visible()
    assert "this server?" in dialog(page).inner_text()
    dialog(page).get_by_role("link", name="Cancel").tap()

    expect(dialog(page)).to_contain_text("EULA")


def test_accepting_closes_the_dialog_and_says_so(own_site: Stand, open_page: OpenPage) -> None:
    console = FakeConsole(open_page(own_site, "owner"), own_site, "Hardcore Week 42")
    console.open("offline")
    console.print(EULA)
    page = console.page
    dialog(page).get_by_role("button", name="I accept the EULA").tap()

    expect(dialog(page)).to_be_hidden()
    expect(page.locator("#notices")).to_contain_text("The EULA is accepted.")


def test_a_wrong_token_stays_in_the_dialog_with_what_is_wrong(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    watched(page).allow_status(422)
    console = FakeConsole(page, site, NAMES["gsl_token"])
    console.open("starting")
    console.print("Could not establish connection to Steam servers.  (GSL Token expired)")
    field = dialog(page).get_by_label("Game server token")
    field.fill("too short")
    field.press("Enter")

    expect(dialog(page)).to_contain_text("this has 9 characters")
    expect(field).to_have_value("too short")
    assert dialog(page).is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dialogs_and_figures_are_accessible(scheme: str, open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner", color_scheme=scheme, bypass_csp=True), site, NAMES["eula"])
    console.open("starting")
    console.sample(state="starting", memory_bytes=990 * 2**20)
    console.print(EULA)
    expect(dialog(console.page)).to_be_visible()
    assert findings(console.page) == []
    dialog(console.page).get_by_role("link", name="Not now").tap()
    console.page.get_by_role("button", name="Charts").tap()

    assert findings(console.page) == []


def test_without_script_the_dialogs_are_pages(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", java_script_enabled=False)
    page.goto(f"/servers/{site.server(NAMES['eula'])}/console")
    page.get_by_role("link", name="Another version of Java is needed").tap()
    expect(page.get_by_label("Version of Java", exact=True)).to_be_visible()
    page.get_by_role("link", name="Not now").tap()

    expect(page).to_have_url(f"{site.url}/servers/{site.server(NAMES['eula'])}/console")
