"""Numbered lines through everything that ends a socket: each once and in order, and the page comes back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from tests.e2e.behind import NODE, BehindNginx
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.consoles import BACK_MS, Counting, expect_line, expect_live, expect_whole, open_console
from tests.e2e.stand import Stand

pytestmark = pytest.mark.nginx

NAME = "Lobby"
NO_NETWORK = ("ERR_CONNECTION", "ERR_SOCKET", "WebSocket connection", "htmx:sendError", "htmx:afterRequest")
TOKEN_S = 600
TOKEN_EVERY_S = 31


@contextmanager
def counting(stand: Stand, *pages: Page, rate: float = 8) -> Iterator[Counting]:
    """Pages at a console that counts; in the end each of them must have it whole.

    A node keeps 150 lines, and whoever comes back to a process that listened to nobody has only those: the rate says
    how long coming back may take.
    """
    for page in pages:
        watched(page).allow(*NO_NETWORK)
        open_console(page, stand, NAME)
    with Counting(stand, NAME, rate=rate) as game:
        for page in pages:
            expect_line(page, "count 8 of")
        yield game
        after = game.printed + 8
        for page in pages:
            expect_line(page, f"count {after} of", BACK_MS)
    for page in pages:
        expect_whole(page, game.printed)


def test_the_browser_s_leg_is_cut_in_every_way(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    cuts: tuple[Callable[[], int], ...] = (
        behind_nginx.leg.cut, lambda: behind_nginx.leg.cut("fin"), behind_nginx.leg.cut_within_a_message
    )  # fmt: skip
    with counting(behind_nginx, page) as game:
        for cut in cuts:
            assert cut() >= 1
            expect_line(page, f"count {game.printed + 5} of", BACK_MS)
            expect_live(page)


def test_the_node_s_leg_is_cut_in_every_way(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner", viewport=DESKTOP)
    leg = behind_nginx.node_leg
    with counting(behind_nginx, page) as game:
        for cut in (leg.cut, lambda: leg.cut("fin"), leg.cut_within_a_message):
            assert cut() >= 1
            before = game.printed
            expect_line(page, f"count {before + 5} of", BACK_MS)


@pytest.mark.soak
def test_the_node_s_leg_falls_silent(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    """Half-open: nobody says that the socket has ended."""
    page = open_page(behind_nginx, "owner", viewport=DESKTOP)
    with counting(behind_nginx, page, rate=3) as game:
        behind_nginx.node_leg.stall()
        accepted = behind_nginx.node_leg.accepted
        deadline = time.monotonic() + 60
        while behind_nginx.node_leg.accepted == accepted and time.monotonic() < deadline:
            page.wait_for_timeout(100)
        assert behind_nginx.node_leg.accepted > accepted, "Roost did not notice"
        behind_nginx.node_leg.resume()
        expect_line(page, f"count {game.printed} of", 45_000)


def test_the_node_is_started_anew(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner", viewport=DESKTOP)
    with counting(behind_nginx, page):
        behind_nginx.kill_node(NODE)
        page.wait_for_timeout(2000)
        behind_nginx.revive_node(NODE)


@pytest.mark.soak
def test_the_token_is_renewed_when_the_node_says_that_it_ends(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner", viewport=DESKTOP)
    with counting(behind_nginx, page):
        sockets = behind_nginx.node_leg.accepted
        behind_nginx.demo.clock.advance(TOKEN_S - 50)
        _wait_for_tokens(behind_nginx, page, 2)
        behind_nginx.demo.clock.advance(60)
        page.wait_for_timeout(2000)
        assert behind_nginx.node_leg.accepted == sockets, "on the same socket"


@pytest.mark.soak
def test_the_token_has_expired_before_anybody_noticed(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    """What the node would have shown meanwhile it shows to nobody; its log has it."""
    page = open_page(behind_nginx, "owner", viewport=DESKTOP)
    with counting(behind_nginx, page):
        page.wait_for_timeout(TOKEN_EVERY_S * 1000)
        behind_nginx.demo.clock.advance(TOKEN_S + 5)
        _wait_for_tokens(behind_nginx, page, 2)


def _wait_for_tokens(stand: Stand, page: Page, count: int) -> None:
    """Until the panel was asked for so many; a socket asks for the next one after half a minute at the earliest."""
    deadline = time.monotonic() + TOKEN_EVERY_S + 15
    while sum(call.path.endswith("/websocket") for call in stand.demo.calls) < count:
        assert time.monotonic() < deadline, "the panel was not asked for a token"
        page.wait_for_timeout(100)


def test_gunicorn_is_restarted(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    pages = [open_page(behind_nginx, "owner") for _ in range(3)]
    with counting(behind_nginx, *pages, rate=3):  # nobody is left who heard anything; a start takes long
        behind_nginx.restart_web()
        for page in pages:
            expect_live(page)


@pytest.mark.soak
def test_the_page_lands_in_another_process(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    """Another process has another stream; the page's last lines tell where it goes on."""
    pages = [open_page(behind_nginx, "owner") for _ in range(4)]
    with counting(behind_nginx, *pages):
        for _ in range(4):
            behind_nginx.leg.cut()
            for page in pages:
                page.wait_for_timeout(1000)
                expect_live(page)
        assert behind_nginx.lasting_sockets(NAME) == 2, "both processes were used"
