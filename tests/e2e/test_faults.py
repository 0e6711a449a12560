"""The panel dies and comes back; a node hangs: the page stands, says what it knows, and goes on by itself."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand

NOTICED_MS = 60_000
ACTIONS = re.compile(r"^(Start|Stop|Restart|Kill) ")


def test_panel_killed_and_back(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site, "owner")
    page.goto("/servers")
    rows = page.locator("li.server")
    expect(walk.row(page, "Lobby").locator(".badge")).to_have_text("Running", timeout=walk.CHANGE_MS)
    count = rows.count()
    page.evaluate("window.stillTheSamePage = true")

    own_site.kill_panel()
    band = page.locator("#list-status .band")
    expect(band).to_contain_text("The panel does not answer", timeout=NOTICED_MS)
    expect(band).to_contain_text(re.compile(r"Last read: (just now|\d+ s ago)"))
    expect(rows).to_have_count(count)
    expect(page.get_by_role("button", name=ACTIONS)).to_have_count(0)
    expect(walk.row(page, "Lobby").locator(".badge")).to_have_text("Running")

    anew = page.context.new_page()
    anew.goto("/servers")
    expect(anew.locator("#list-status .band")).to_contain_text("The panel does not answer")
    expect(anew.locator("li.server")).to_have_count(count)
    expect(anew.get_by_role("button", name=ACTIONS)).to_have_count(0)
    anew.goto(f"/servers/{own_site.server('Lobby')}")
    # A server that was read a moment ago is not asked for again at once, so this may take one more reading.
    expect(anew.locator("#live .band")).to_contain_text("The panel does not answer", timeout=NOTICED_MS)
    expect(anew.get_by_role("button", name=ACTIONS)).to_have_count(0)
    anew.close()

    own_site.revive_panel()
    expect(band).to_have_count(0, timeout=NOTICED_MS)
    expect(walk.act(page, "Stop", "Lobby")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage"), "the page was loaded anew"


def test_panel_down_from_the_start_is_no_empty_list(own_site: Stand, open_page: OpenPage) -> None:
    page = open_page(own_site)
    own_site.kill_panel()
    page.goto("/login")
    walk.sign_in(page, "owner")
    expect(page.get_by_role("heading", name="Your servers could not be read yet")).to_be_visible()
    assert "No servers yet" not in page.content()
    own_site.revive_panel()
    expect(page.locator("li.server").first).to_be_visible(timeout=NOTICED_MS)


@pytest.mark.soak
def test_hanging_node_keeps_no_page_waiting(own_site: Stand, open_page: OpenPage) -> None:
    own_site.demo.set_condition("node-hangs")
    page = open_page(own_site, "owner")
    began = time.monotonic()
    page.goto("/servers")
    expect(page.locator("li.server").first).to_be_visible()
    listed = time.monotonic() - began
    began = time.monotonic()
    page.goto(f"/servers/{own_site.server('Survival SMP')}")
    expect(page.get_by_role("heading", name="Survival SMP")).to_be_visible()
    expect(page.get_by_role("heading", name="Limits")).to_be_visible()
    opened = time.monotonic() - began
    assert listed < 2, f"the list took {listed:.1f} s"
    assert opened < 2, f"the server's page took {opened:.1f} s"
    expect(page.locator("#live .badge")).to_have_text("Node unreachable", timeout=NOTICED_MS)
    expect(page.locator("#live")).to_contain_text("does not answer")
    expect(page.get_by_role("button", name=ACTIONS)).to_have_count(0)

    own_site.demo.set_condition(None)
    expect(page.locator("#live .badge")).to_have_text("Running", timeout=NOTICED_MS)


def test_portal_gone_is_said_and_passes(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    page.goto("/servers")
    expect(page.locator("#offline")).to_be_hidden()
    page.route("**/servers/live*", lambda route: route.abort())
    watched(page).allow("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("li.server").first).to_be_visible()
    page.unroute("**/servers/live*")
    expect(page.locator("#offline")).to_be_hidden()


def test_refused_command_is_said_where_one_looks(own_site: Stand, open_page: OpenPage) -> None:
    """The command line is far down on a phone; what became of the command must be in view, and the text kept."""
    page = open_page(own_site, "owner")
    page.route_web_socket("**/console/socket", lambda socket: socket.close(code=1013, reason="No room."))
    page.goto(f"/servers/{own_site.server('Lobby')}/console")
    expect(page.locator("#live meter").first).to_be_visible(timeout=walk.CHANGE_MS)
    watched(page).allow_status(422, 503)
    page.get_by_role("textbox").fill("say is anybody there")
    own_site.kill_panel()
    own_site.age(120)
    page.get_by_role("button", name="Send").tap()
    expect(page.get_by_text("The panel cannot be reached just now")).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_role("textbox")).to_have_value("say is anybody there")
