"""The walk of the console on a phone behind nginx: start, colours, a command, its answer, ten seconds of no network."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import walk
from tests.e2e.behind import BehindNginx
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.consoles import (
    BACK_MS,
    LIVE_MS,
    Counting,
    counted,
    expect_line,
    expect_live,
    expect_whole,
    lines,
    open_console,
    send,
    view,
)

pytestmark = pytest.mark.nginx

NAME = "Hardcore Week 42"
NO_NETWORK = ("ERR_CONNECTION", "ERR_SOCKET", "WebSocket connection", "htmx:sendError", "htmx:afterRequest")
AWAY_S = 10.0


def test_the_walk_on_a_phone(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    stand = behind_nginx
    page = open_page(stand, "owner")
    watched(page).allow(*NO_NETWORK)
    page.goto(f"/servers/{stand.server(NAME)}")
    walk.act(page, "Start", NAME).tap()
    expect(page.locator("#live")).to_contain_text("Start asked")
    page.get_by_role("link", name="Console").first.tap()
    expect_live(page)
    page.evaluate("window.stillTheSamePage = true")
    expect_line(page, "Starting minecraft server version")
    expect_line(page, "For help, type")
    warned = view(page).get_by_text("OFFLINE/INSECURE MODE").first
    plain = view(page).get_by_text("Loading properties").first
    assert _colour(warned) != _colour(plain), "a warning has a colour"
    expect(page.locator("#live .badge")).to_have_text("Running")

    send(page, "list")
    expect_line(page, "of a max of 20 players online")

    with Counting(stand, NAME, rate=5) as game:  # it may come back to the other process: a node keeps 150 lines
        expect_line(page, "count 10 of")
        with stand.leg.away():
            page.wait_for_timeout(AWAY_S * 1000)
            at_the_end = game.printed
            assert counted(page)[-1] < at_the_end, "the network was away"
        expect_live(page, timeout=BACK_MS)
        expect_line(page, f"count {at_the_end + 10} of")
    expect_whole(page, game.printed)
    assert page.evaluate("window.stillTheSamePage"), "the page was loaded anew"
    assert len([line for line in lines(page) if "of a max of 20 players" in line]) == 1


def _colour(of: Locator) -> str:
    return str(of.evaluate("one => getComputedStyle([...one.querySelectorAll('*')].pop() ?? one).color"))


def test_a_command_is_sent_once_and_answered(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    open_console(page, behind_nginx, "Lobby")
    send(page, "say <b>hello</b> to all")
    expect_line(page, "[Server] <b>hello</b> to all")
    uuid = next(one.uuid for one in behind_nginx.demo.world.servers if one.name == "Lobby")
    assert behind_nginx.demo.processes[uuid].commands == ["say <b>hello</b> to all"]


def test_power_works_while_the_socket_is_down(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    """Power goes by HTTP: a node whose sockets nobody reaches is no obstacle."""
    page = open_page(behind_nginx, "owner")
    open_console(page, behind_nginx, "Lobby")
    with behind_nginx.node_leg.away():
        expect(page.locator("[data-console]").first).to_have_attribute("data-phase", "lost", timeout=LIVE_MS)
        walk.act(page, "Stop", "Lobby").tap()
        walk.confirm(page, "Stop")
        expect(page.locator("#live .badge")).to_have_text("Offline", timeout=2 * walk.CHANGE_MS)
        assert behind_nginx.state_of("Lobby") == "offline"
    expect_live(page, timeout=BACK_MS)
