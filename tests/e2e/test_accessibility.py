"""axe-core on every page and state, in light and dark, on phone and desktop."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import axe, walk
from tests.e2e.conftest import DESKTOP, PHONE, OpenPage, watched
from tests.e2e.console_states import LOOKS as CONSOLES
from tests.e2e.stand import Stand
from tests.e2e.states import LOOKS, Look

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _findings(page: Page) -> list[str]:
    page.evaluate(axe.source())
    found: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [
        f"{one['impact']} {one['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[-1].strip()[:160]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical") or one["id"] == "color-contrast"
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", [*LOOKS, *CONSOLES], ids=lambda look: look.name)
def test_no_serious_finding(open_page: OpenPage, site: Stand, look: Look, scheme: str) -> None:
    size = PHONE if scheme == "dark" else DESKTOP
    page = open_page(site, look.who, color_scheme=scheme, viewport=size, bypass_csp=True)
    watched(page).allow_status(403, 404, 410, 422)
    look.go(page, site)
    assert _findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_once_figures_are_read(open_page: OpenPage, site: Stand, scheme: str) -> None:
    page = open_page(site, "owner", color_scheme=scheme, bypass_csp=True)
    page.goto("/servers")
    expect(walk.row(page, "Lobby").locator(".badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    assert _findings(page) == []
    page.goto(f"/servers/{site.server('Lobby')}")
    expect(page.locator("#live meter").first).to_be_visible()
    assert _findings(page) == []


def test_no_serious_finding_while_the_panel_is_down(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner", bypass_csp=True)
    page.goto("/servers")
    expect(page.locator("li.server").first).to_be_visible()
    own_site.kill_panel()
    page.wait_for_timeout(10_500)
    page.goto("/servers")
    expect(page.locator("#list-status .band")).to_be_visible()
    assert _findings(page) == []
