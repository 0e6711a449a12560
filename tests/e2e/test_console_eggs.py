"""Egg features from the start button to the running game, on the demo's five servers, against real node sockets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage
from tests.e2e.consoles import expect_line, open_console, process_of
from tests.e2e.stand import Stand

COMES_UP_MS = 60_000


def start(page: Page, stand: Stand, name: str) -> Locator:
    """Start a server from its console page; the dialog that opens once it does not come up."""
    process_of(stand, name).power("kill")
    open_console(page, stand, name)
    expect(page.locator("#live .badge")).to_have_text("Offline", timeout=walk.CHANGE_MS)
    walk.act(page, "Start", name).tap()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading").first).to_be_visible(timeout=COMES_UP_MS)
    return dialog


def expect_running(page: Page, stand: Stand, name: str) -> None:
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#live .badge")).to_have_text("Running", timeout=COMES_UP_MS)
    assert stand.state_of(name) == "running"


def test_the_eula_is_accepted_and_the_server_runs(own_site: Stand, open_page: OpenPage) -> None:
    page, name = open_page(own_site, "owner"), "Creative Plots"
    dialog = start(page, own_site, name)
    expect(dialog).to_contain_text("EULA")
    dialog.get_by_role("button", name="I accept the EULA").tap()
    expect_line(page, "For help, type", COMES_UP_MS)
    expect_running(page, own_site, name)
    assert process_of(own_site, name).files.place("eula.txt").read_text().strip() == "eula=true"


def test_another_java_is_chosen_and_the_server_runs(own_site: Stand, open_page: OpenPage) -> None:
    page, name = open_page(own_site, "owner"), "Create: Above and Beyond"
    dialog = start(page, own_site, name)
    dialog.get_by_role("combobox").select_option(label="Java 17")
    dialog.get_by_role("button", name="Save and start again").tap()
    expect_running(page, own_site, name)


def test_a_steam_token_is_given_and_the_server_runs(own_site: Stand, open_page: OpenPage) -> None:
    page, name = open_page(own_site, "owner"), "Dust2 24/7"
    dialog = start(page, own_site, name)
    dialog.get_by_role("textbox").fill("0123456789ABCDEF" * 2)
    dialog.get_by_role("button", name="Save and start again").tap()
    expect_running(page, own_site, name)


@pytest.mark.parametrize(
    ("name", "says"), [("Crashy", "limit of processes"), ("Rust Build Server", "disk space")], ids=["pid", "disk"]
)
def test_what_only_the_host_can_change_is_explained(own_site: Stand, open_page: OpenPage, name: str, says: str) -> None:
    page = open_page(own_site, "owner")
    dialog = start(page, own_site, name)
    expect(dialog).to_contain_text(says)
    dialog.get_by_role("link", name="Close").or_(dialog.get_by_role("button", name="Close")).first.tap()
    expect(dialog).to_be_hidden()
