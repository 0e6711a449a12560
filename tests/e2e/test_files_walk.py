"""The two walks that must be perfect: a folder goes up on a desk and work goes on; one line is put right on a phone."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import editor, uploading, walk
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.stand import PASSWORD, Stand

NAME = "Pixelmon"
PHONE_NAME = "Bedrock Friends"
FILES = 200
MIB = 1024 * 1024
UNPACKED_MIB = 500
UNPACKED_MS = 300_000
PROPERTIES = b"#Minecraft server properties\nmax-players=20\nmotd=Bedrock Friends\nview-distance=10\n"


def entry(page: Page, name: str) -> None:
    """Everything that can be done with one file."""
    page.get_by_role("link", name=f"More: {name}", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def zeros(place: Path) -> None:
    """An archive of 500 MB; zeros, so that it is made at once."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(UNPACKED_MIB // 50):
            archive.writestr(f"world/region/r.{number}.mca", bytes(50 * MIB))


@pytest.fixture
def properties(site: Stand) -> Path:
    """A server's settings, as the node has them."""
    editor.disk(site, PHONE_NAME).write("server.properties", (PROPERTIES,))
    return editor.disk(site, PHONE_NAME).place("server.properties")


def test_the_walk_on_a_desk(open_page: OpenPage, site: Stand, tmp_path: Path) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    pack = tmp_path / "pack"
    for number in range(FILES):
        path = pack / f"{'config' if number % 2 else 'data/tables'}/part-{number}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"number: {number}\n")
    sent = uploading.contents(pack)
    disk = editor.disk(site, NAME)
    zeros(disk.root / "world.zip")
    uploading.open_files(page, site, NAME)
    page.evaluate("window.stillTheSamePage = true")

    uploading.drop(page, pack)
    uploading.ends_with(page, f"{FILES} of {FILES} files arrived")
    assert uploading.contents(disk.root / "pack") == sent

    entry(page, "pack")
    page.get_by_role("dialog").get_by_role("link", name="Rename", exact=True).click()
    page.get_by_role("dialog").get_by_label("Name").fill("my pack")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#files").get_by_role("link", name="my pack", exact=True)).to_be_visible()
    assert uploading.contents(disk.root / "my pack") == sent
    assert page.evaluate("window.stillTheSamePage"), "the page was loaded anew"

    entry(page, "world.zip")
    page.get_by_role("dialog").get_by_role("link", name="Unarchive", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Unarchive").click()
    work = page.locator("#work .work")
    expect(work).to_contain_text(re.compile("(Waiting to unarchive|Unarchiving|Unarchived) world.zip"))

    page.locator("#files").get_by_role("link", name="my pack", exact=True).click()
    page.locator("#files").get_by_role("link", name="config", exact=True).click()
    page.locator("#files").get_by_role("link", name="part-7.yml", exact=True).click()
    expect(editor.code(page)).to_contain_text("number: 7")
    editor.at_end_of(page, "number: 7")
    page.keyboard.type("7")
    editor.save(page)
    assert (disk.root / "my pack/config/part-7.yml").read_text() == "number: 77\n"

    uploading.open_files(page, site, NAME)
    expect(work).to_contain_text("Unarchived world.zip", timeout=UNPACKED_MS)
    expect(page.locator("#files").get_by_role("link", name="world", exact=True)).to_be_visible()
    assert sum(one.stat().st_size for one in (disk.root / "world/region").iterdir()) == UNPACKED_MIB * MIB
    disk.delete("world")


def test_the_walk_on_a_phone(open_page: OpenPage, site: Stand, properties: Path) -> None:
    page = open_page(site)
    page.goto("/")
    page.get_by_label("E-mail address").tap()
    page.keyboard.type("owner@example.com")
    page.get_by_label("Password", exact=True).tap()
    page.keyboard.type(PASSWORD)
    page.get_by_role("button", name="Sign in").tap()
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    walk.find(page, "bedrock")
    page.get_by_role("link", name=PHONE_NAME, exact=True).tap()
    page.get_by_role("navigation", name="Pages of this server").get_by_role("link", name="Files").tap()
    page.locator("#files").get_by_role("link", name="server.properties", exact=True).tap()

    expect(editor.code(page)).to_contain_text("max-players")
    page.locator(".cm-line").filter(has_text="max-players=20").tap()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("40")
    page.get_by_role("button", name="Save").tap()
    expect(editor.said(page)).to_contain_text("Saved", timeout=editor.LOADED_MS)
    assert properties.read_bytes() == PROPERTIES.replace(b"players=20", b"players=40")

    page.get_by_role("link", name="Back to the folder").tap()
    expect(page.locator("#files").get_by_role("link", name="server.properties", exact=True)).to_be_visible()
