"""What tests of the editor do: files on the node, the page of one of them, its text."""

from __future__ import annotations

import time
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from portal.demo.wings.filesystem import Filesystem
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.consoles import process_of
from tests.e2e.stand import Stand

SERVER = "Skyblock"
LOADED_MS = 2 * PATIENCE_MS


def disk(stand: Stand, name: str = SERVER) -> Filesystem:
    """The files that the node has."""
    return process_of(stand, name).files


def put(stand: Stand, file: str, content: str, name: str = SERVER) -> None:
    """Make or change a file behind Roost's back."""
    disk(stand, name).write(file, (content.encode(),))


def held(stand: Stand, file: str, name: str = SERVER) -> bytes:
    """The bytes that the node has."""
    return disk(stand, name).place(file).read_bytes()


def address(stand: Stand, file: str, name: str = SERVER) -> str:
    return f"/servers/{stand.server(name)}/files/edit?file={quote(file)}"


def open_file(page: Page, stand: Stand, file: str, name: str = SERVER) -> Locator:
    """Open a file; the place where its text is written, once CodeMirror stands there."""
    page.goto(address(stand, file, name))
    return code(page)


def code(page: Page) -> Locator:
    found = page.locator(".code .cm-content")
    expect(found).to_be_visible(timeout=LOADED_MS)
    return found


def said(page: Page) -> Locator:
    """What the editor says about the text: saved or not."""
    return page.locator("[data-editor-said]")


def at_end_of(page: Page, line: str) -> None:
    """Put the cursor at the end of a line that is seen."""
    page.locator(".cm-line").filter(has_text=line).first.click()
    page.keyboard.press("End")


def written(page: Page) -> str:
    """The text as it stands in the editor; for texts of less than a screen."""
    return "\n".join(page.locator(".cm-line").all_text_contents())


def expect_colours(page: Page, least: int) -> None:
    """Wait until the letters have so many colours: a text is looked through when there is time for it."""
    spans, deadline = page.locator(".cm-line span"), time.monotonic() + LOADED_MS / 1000
    while True:
        colours = set(spans.evaluate_all("all => all.map(one => getComputedStyle(one).color)"))
        if len(colours) >= least:
            return
        assert time.monotonic() < deadline, f"no more colours than {sorted(colours)}"
        page.wait_for_timeout(50)


def save(page: Page) -> None:
    """Press Ctrl+S and wait until it is done."""
    page.keyboard.press("Control+s")
    expect(said(page)).to_contain_text("Saved", timeout=LOADED_MS)
