"""Pictures of every page and state, on phone and desktop, light and dark, for people to look at.

    .venv/bin/python -m tests.e2e.shots FOLDER [part of a name ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.e2e import all_states, console_states, walk
from tests.e2e.conftest import ARGUMENTS, DESKTOP, PHONE, chromium
from tests.e2e.stand import Stand
from tests.e2e.states import SERVERS, Look

SIZES = {"360": PHONE, "1280": DESKTOP}
SCHEMES = ("light", "dark")
FIGURES_S = 25.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of every page and state.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="only states whose names hold one of these")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    whole, broken, apart = (
        [one for one in looks if not options.names or any(part in one.name for part in options.names)]
        for looks in (all_states.LOOKS, BROKEN, console_states.BROKEN)
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        for chosen, kill in ((whole, False), (broken, True)):
            if not chosen:
                continue
            stand = Stand()
            try:
                _warm(browser, stand)
                if kill:
                    walk.signed_in_state(browser, stand, "owner")
                    stand.kill_panel()
                    time.sleep(11)
                for look in chosen:
                    _shoot(browser, stand, look, options.folder)
            finally:
                stand.close()
        for look in apart:
            _shoot_apart(browser, look, options.folder)
        browser.close()
    return 0


BROKEN = (
    Look("panel-down-list", lambda page, stand: _open(page, "/servers")),
    Look("panel-down-server", lambda page, stand: _open(page, f"/servers/{stand.server('Lobby')}")),
    Look("panel-down-nothing-known", lambda page, stand: _open(page, "/servers"), who="stranger"),
    Look("panel-down-console", lambda page, stand: _open(page, f"/servers/{stand.server('Lobby')}/console")),
)


def _open(page: Page, path: str) -> None:
    page.goto(path)


def _warm(browser: Browser, stand: Stand) -> None:
    """Look at every server once, so that the pictures have figures."""
    context = browser.new_context(base_url=stand.url, storage_state=walk.signed_in_state(browser, stand, "owner"))
    pages = [context.new_page() for _ in range(2)]
    for number, page in enumerate(pages):
        page.goto(f"/servers?page={number + 1}")
    until = time.monotonic() + FIGURES_S
    for name in SERVERS.values():
        pages[0].goto(f"/servers/{stand.server(name)}")
    pages[0].goto("/servers")
    pages[0].wait_for_timeout(max(0.0, until - time.monotonic()) * 1000)
    context.close()


def _shoot_apart(browser: Browser, look: Look, folder: Path) -> None:
    """With a stand of its own, which it may break."""
    stand = Stand()
    try:
        _shoot(browser, stand, look, folder)
    finally:
        stand.close()


def _shoot(browser: Browser, stand: Stand, look: Look, folder: Path) -> None:
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            state = walk.signed_in_state(browser, stand, look.who) if look.who else None
            context = browser.new_context(
                base_url=stand.url, viewport=viewport, color_scheme=scheme, storage_state=state,  # type: ignore[arg-type]
                timezone_id="Europe/Berlin", is_mobile=size == "360", has_touch=size == "360",
            )  # fmt: skip
            page = context.new_page()
            try:
                look.go(page, stand)
                page.wait_for_timeout(150)
                whole = not page.locator("dialog[open], .menu[open]").count()
                page.screenshot(path=folder / f"{look.name}-{size}-{scheme}.png", full_page=whole)
            except (Error, AssertionError) as wrong:
                sys.stderr.write(f"{look.name} {size} {scheme}: {str(wrong).splitlines()[0]}\n")
            context.close()


if __name__ == "__main__":
    sys.exit(main())
