"""A backup in a browser: made, seen to be done without a click, fetched with its checksum said, put back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.stand import Stand

WALKED = "Pixelmon"
LONG_MS = 60_000.0


def test_a_backup_is_made_fetched_and_put_back(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    page.goto(f"/servers/{site.server(WALKED)}/backups")
    page.locator("#make").click()
    page.get_by_role("dialog").get_by_label("Name").fill("before the walk")
    page.get_by_role("button", name="Begin the backup").click()
    expect(page.get_by_text("has begun")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    fetch = page.get_by_role("link", name="Download: before the walk")
    expect(fetch).to_be_visible(timeout=LONG_MS)
    expect(page.locator("[hx-get$='/backups/live']")).to_have_count(0)
    with page.expect_download() as fetched:
        fetch.click()
    assert fetched.value.failure() is None
    assert fetched.value.suggested_filename.endswith(".tar.gz")
    expect(page.get_by_text("the checksum agrees")).to_be_visible()

    page.get_by_role("link", name="Restore: before the walk").click()
    page.get_by_role("dialog").get_by_role("button", name="Put it back").click()
    expect(page.get_by_text("Being put back", exact=True)).to_be_visible()
    expect(fetch).to_be_visible(timeout=LONG_MS)
