"""On a phone 360 px wide: nothing scrolls sideways, fingers hit every target, no page is far."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.all_states import LOOKS
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand
from tests.e2e.states import Look
from tests.e2e.test_accessibility import findings_in_both

WIDER = """() => {
  const wide = document.documentElement.clientWidth, found = [], whole = document.documentElement.scrollWidth;
  if (whole > wide) found.push(`the page is ${whole} px wide`);
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect();
    if (box.width && box.right > wide + 1 && box.left < wide && !one.closest("[hidden], .out, .skip, svg"))
      found.push(`${one.tagName}.${one.className} reaches ${Math.round(box.right)}`);
    if (one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
      found.push(`${one.tagName}.${one.className} scrolls sideways`);
  }
  return found;
}"""

SMALL = """() => {
  const found = [], modal = document.querySelector("dialog[open]");
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]";
  const targets = (modal || document).querySelectorAll(kinds);
  for (const one of targets) {
    if (!one.checkVisibility({visibilityProperty: true}) || one.closest(".skip, .out")) continue;
    const label = one.closest("label") || (one.id && document.querySelector(`label[for="${one.id}"]`));
    const ticks = one.type === "checkbox" || one.type === "radio";
    const box = (ticks && label ? label : one).getBoundingClientRect();
    if (box.width >= 43.5 && box.height >= 43.5) continue;
    const around = one.closest("[role=log] > *") || one.parentElement;
    const said = (around.textContent || "").trim(), mine = (one.textContent || "").trim();
    const inText = one.tagName === "A" && getComputedStyle(one).display === "inline"
      && one.closest("p, .band, [role=log]") && said.length > mine.length;
    const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
    if (!inText) found.push(`${one.tagName} "${one.getAttribute("aria-label") || mine || one.id}" is ${size}`);
  }
  return found;
}"""


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_fits_a_phone_and_can_be_used_by_everybody(open_page: OpenPage, site: Stand, look: Look) -> None:
    page = open_page(site, look.who, color_scheme="dark", bypass_csp=True)
    watched(page).allow_status(403, 404, 409, 410, 422)
    look.go(page, site)
    assert page.evaluate("document.documentElement.clientWidth") == 360
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []
    assert findings_in_both(page) == []


def test_fits_with_figures_and_bars(open_page: OpenPage, site: Stand) -> None:
    """Once the figures have been read, rows and pages are fuller than at first."""
    page = open_page(site, "owner")
    page.goto("/servers?q=survival")
    expect(walk.row(page, "Survival SMP").locator(".badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    expect(page.locator("meter").first).to_be_visible()
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []
    page.goto(f"/servers/{site.server('Survival SMP')}")
    expect(page.locator("#live meter").first).to_be_visible()
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []


def test_state_and_address_show_in_every_row(page: Page) -> None:
    page.goto("/servers")
    for row in page.locator("li.server").all():
        expect(row.locator(".badge")).to_be_visible()
        expect(row.locator(".where")).to_be_visible()


def test_each_page_of_a_server_is_two_taps_away(page: Page) -> None:
    page.goto("/servers")
    page.get_by_role("link", name="Lobby", exact=True).tap()
    expect(page.get_by_role("heading", name="Lobby")).to_be_visible()
    tabs = page.get_by_role("navigation", name="Pages of this server")
    page.wait_for_load_state()
    first = tabs.get_by_role("link").all_inner_texts()
    more = tabs.locator("summary")
    more.tap()
    names = tabs.get_by_role("link").all_inner_texts()
    more.tap()
    assert len(names) > len(first) >= 3
    for name in names:
        if name not in first:
            more.tap()
        tabs.get_by_role("link", name=name).tap()
        expect(tabs.locator("a[aria-current=page]:visible, summary[aria-current]")).to_have_text(name)
        expect(tabs.get_by_role("link")).to_have_text(first)


def test_fits_while_the_panel_is_down(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner")
    page.goto("/servers")
    expect(page.locator("li.server").first).to_be_visible()
    own_site.kill_panel()
    own_site.age(20)
    page.goto("/servers")
    expect(page.locator("#list-status .band")).to_be_visible()
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []
