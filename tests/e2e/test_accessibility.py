"""axe-core, in light and dark, on phone and desktop; `test_layout` and `test_billing_pages` use it on every page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe, walk
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.stand import Stand

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)"
"""What is well would be half a second of JSON for each page."""
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def findings_in_both(page: Page) -> list[str]:
    """What axe finds on a dark phone and then, the same page, on a light desk."""
    found = findings(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    page.evaluate(DRAWN)  # until then rows that are not laid out yet have the heights of the phone
    return found + findings(page)


def findings(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.source())
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [
        f"{one['impact']} {one['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()[:160]})"
        for one in found
        if one["impact"] in ("serious", "critical") or one["id"] == "color-contrast"
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_once_figures_are_read(open_page: OpenPage, site: Stand, scheme: str) -> None:
    page = open_page(site, "owner", color_scheme=scheme, bypass_csp=True)
    page.goto("/servers")
    expect(walk.row(page, "Lobby").locator(".badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    assert findings(page) == []
    page.goto(f"/servers/{site.server('Lobby')}")
    expect(page.locator("#live meter").first).to_be_visible()
    assert findings(page) == []


def test_no_serious_finding_while_the_panel_is_down(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner", bypass_csp=True)
    page.goto("/servers")
    expect(page.locator("li.server").first).to_be_visible()
    own_site.kill_panel()
    own_site.age(20)
    page.goto("/servers")
    expect(page.locator("#list-status .band")).to_be_visible()
    assert findings(page) == []
