"""Many who look at once: sockets to the node are shared, and a console that floods harms no other."""

from __future__ import annotations

import threading
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.behind import BehindNginx
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.consoles import Counting, expect_live, expect_whole, open_console, process_of, send
from tests.e2e.relay import wait_for

pytestmark = pytest.mark.nginx

FLOOD_S = 6.0
PER_SECOND = 20_000
LEAST = 10_000
MOST_S = 90.0
"""So long it may take on a busy machine until a flood was one."""


def test_viewers_of_a_server_share_sockets(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    pages = [open_page(behind_nginx, "owner") for _ in range(6)]
    for page in pages:
        open_console(page, behind_nginx, "Lobby")
    assert behind_nginx.lasting_sockets("Lobby") <= 2
    with Counting(behind_nginx, "Lobby") as game:
        pages[0].wait_for_timeout(1500)
    for page in pages:
        expect_whole(page, game.printed)


class Flood:
    """A game that prints as fast as Wings lets it, in a thread."""

    def __init__(self, stand: BehindNginx, name: str) -> None:
        self.printed = 0
        self._console = process_of(stand, name).console
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(0.005):
            while self.printed < (time.monotonic() - began) * PER_SECOND and not self._over.is_set():
                self._console.print(f"flood {self.printed} \x1b[32mgreen\x1b[0m and a little more so that it is a line")
                self.printed += 1


def test_a_flood_leaves_the_tab_usable_and_other_consoles_whole(
    behind_nginx: BehindNginx, open_page: OpenPage
) -> None:
    flooded = open_page(behind_nginx, "owner", viewport=DESKTOP)
    calm = open_page(behind_nginx, "owner", viewport=DESKTOP)
    open_console(flooded, behind_nginx, "Survival SMP")
    open_console(calm, behind_nginx, "Lobby")
    with Flood(behind_nginx, "Survival SMP") as flood, Counting(behind_nginx, "Lobby", rate=10) as game:
        began = time.monotonic()
        while time.monotonic() < began + FLOOD_S or flood.printed <= LEAST or game.printed <= FLOOD_S * 5:
            assert time.monotonic() < began + MOST_S, f"that was no flood: {flood.printed} and {game.printed} lines"
            assert flooded.evaluate("1 + 1") == 2
            calm.wait_for_timeout(200)
        send(flooded, "say still usable")
        expect(flooded.locator("[data-told]")).to_contain_text("Sent")
    commands = process_of(behind_nginx, "Survival SMP").commands
    wait_for(calm, commands)
    assert commands == ["say still usable"]
    expect_whole(calm, game.printed)
    expect_live(flooded)
