"""A backup in a browser: made, seen to be done without a click, fetched with its checksum said, restored."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.stand import Stand

WALKED = "Pixelmon"
LONG_MS = 60_000.0


def test_a_backup_is_made_fetched_and_restored(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    page.goto(f"/servers/{site.server(WALKED)}/backups")
    page.locator("#make").click()
    name = page.get_by_role("dialog").get_by_label("Name")
    expect(name).to_be_visible()
    assert page.evaluate("document.activeElement.className") != "out"
    name.fill("before the walk")
    name.press("Enter")  # starts it, and does not only look what would be left out
    expect(page.get_by_text("has started")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    fetch = page.get_by_role("link", name="Download: before the walk")
    expect(fetch).to_be_visible(timeout=LONG_MS)
    expect(page.locator("[hx-get$='/backups/live']")).to_have_count(0)
    with page.expect_download() as fetched:
        fetch.click()
    assert fetched.value.failure() is None
    assert fetched.value.suggested_filename.endswith(".tar.gz")
    expect(page.get_by_text("the checksum agrees")).to_be_visible()

    for number in ("3", "4"):
        page.locator("#rule").click()
        keep = page.get_by_role("dialog").get_by_label("Keep", exact=True)
        keep.fill(number)
        keep.press("Enter")  # the second time there is a button to remove the rule before that to set it
        expect(page.get_by_text(f"Keep the newest {number}.", exact=True)).to_be_visible()

    page.get_by_role("link", name="Restore: before the walk").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restoring", exact=True)).to_be_visible()
    expect(fetch).to_be_visible(timeout=LONG_MS)
