"""Acts on files in a browser: dialogs that lead on to others, notices, a list that comes anew; and without script."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from portal.demo.wings.filesystem import Filesystem
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.stand import Stand

NAME = "Hardcore Week 42"


def disk(site: Stand) -> Filesystem:
    server = next(one for one in site.demo.world.servers if one.name == NAME)
    return site.demo.processes[server.uuid].files


def fill(site: Stand, *names: str) -> None:
    for name in names:
        disk(site).write(name, (b"text",))


def held(site: Stand, folder: str) -> set[str]:
    return {one.name for one in disk(site).listed(folder)}


def open_folder(page: Page, site: Stand, directory: str) -> None:
    page.goto(f"/servers/{site.server(NAME)}/files?directory={directory}")
    expect(page.locator("#files")).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.locator("#files .rows li").filter(has=page.get_by_role("link", name=name, exact=True))


def entry(page: Page, name: str) -> Locator:
    """The dialog with everything that can be done to one file."""
    page.get_by_role("link", name=f"More: {name}", exact=True).click()
    return page.get_by_role("dialog")


def test_something_is_made_renamed_moved_copied_and_deleted_on_a_phone(page: Page, site: Stand) -> None:
    fill(site, "/walk/old.txt")
    open_folder(page, site, "/walk")
    dialog = page.get_by_role("dialog")

    page.locator("summary", has_text="New").click()
    page.get_by_role("link", name="New folder").click()
    dialog.get_by_label("Name").fill("old.txt")
    dialog.get_by_role("button", name="Make the folder").click()
    expect(dialog.get_by_role("alert")).to_have_text("There is already a file with this name.")
    dialog.get_by_label("Name").fill("maps")
    dialog.get_by_role("button", name="Make the folder").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#notices")).to_contain_text("the folder was made.")
    expect(row(page, "maps")).to_be_visible()

    entry(page, "old.txt").get_by_role("link", name="Rename").click()
    dialog.get_by_label("Name").fill("new.txt")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "new.txt")).to_be_visible()
    expect(row(page, "old.txt")).to_have_count(0)

    entry(page, "new.txt").get_by_role("button", name="Copy").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "new copy.txt")).to_be_visible()

    entry(page, "new.txt").get_by_role("link", name="Move").click()
    dialog.get_by_label("To the folder").fill("maps")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "new.txt")).to_have_count(0)
    assert held(site, "/walk/maps") == {"new.txt"}

    entry(page, "maps").get_by_role("link", name="Delete").click()
    expect(dialog).to_contain_text("The folder is deleted with everything in it.")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_be_hidden()
    expect(row(page, "maps")).to_have_count(0)
    assert held(site, "/walk") == {"new copy.txt"}
    watched(page).allow_status(422)


def test_number_and_ticks_follow_each_other_in_the_dialog(open_page: OpenPage, site: Stand) -> None:
    fill(site, "/modes/a.sh")
    page = open_page(site, "owner", viewport=DESKTOP)
    open_folder(page, site, "/modes")
    dialog = page.get_by_role("dialog")

    entry(page, "a.sh").get_by_role("link", name="Permissions").click()
    number = dialog.get_by_label("As a number")
    expect(number).to_have_value("644")
    dialog.get_by_role("checkbox", name="Owner: Run").check()
    expect(number).to_have_value("744")
    number.fill("700")
    number.press("Tab")
    expect(dialog.get_by_role("checkbox", name="Others: Read")).not_to_be_checked()
    expect(dialog).to_be_visible()
    number.fill("750")
    dialog.get_by_role("button", name="Set permissions").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#notices")).to_contain_text("has the permissions now.")
    assert disk(site).entry(disk(site).place("/modes/a.sh")).mode & 0o777 == 0o750


def test_a_selection_is_deleted_after_its_names_were_shown(open_page: OpenPage, site: Stand) -> None:
    fill(site, *(f"/many/f{number}.log" for number in range(30)), "/many/keep.txt")
    page = open_page(site, "owner", viewport=DESKTOP)
    open_folder(page, site, "/many")

    for number in range(30):
        page.locator(f'[id="f-f{number}.log"]').check()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("These 30 are deleted:")
    expect(dialog).to_contain_text("and 10 more")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("30 of 30 were deleted.")
    expect(page.locator("#files .rows li")).to_have_count(1)
    assert held(site, "/many") == {"keep.txt"}


def test_without_script_everything_is_a_page(open_page: OpenPage, site: Stand) -> None:
    fill(site, "/plain/a b.txt", "/plain/other")
    page = open_page(site, "owner", java_script_enabled=False)
    page.goto(f"/servers/{site.server(NAME)}/files?directory=/plain")

    page.get_by_role("link", name="More: a b.txt", exact=True).click()
    page.get_by_role("link", name="Permissions").click()
    expect(page.get_by_label("As a number")).to_have_value("644")
    page.get_by_role("checkbox", name="Owner: Run").check()
    page.get_by_role("button", name="Set permissions").click()
    expect(page.get_by_role("status").last).to_contain_text("has the permissions now.")
    page.get_by_role("link", name="Back to the folder").click()
    page.get_by_role("link", name="More: a b.txt", exact=True).click()
    page.get_by_role("link", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill("c.txt")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("main")).to_contain_text(re.compile("is now called"))
    page.get_by_role("link", name="Back to the folder").click()
    page.get_by_role("link", name="More: c.txt", exact=True).click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("was deleted.")
    assert held(site, "/plain") == {"other"}
