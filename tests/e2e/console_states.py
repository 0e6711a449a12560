"""The console page in its states. `LOOKS` harm nobody else's page; `BROKEN` need a stand of their own and break it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.consoles import expect_line, expect_live, open_console, process_of, send, view
from tests.e2e.stand import Stand
from tests.e2e.states import Look

COLOURED = "Skyblock"
COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANNOUNCED = (
    *(f"\x1b[{30 + number}m{name}\x1b[{90 + number}m bright {name}\x1b[0m \x1b[{40 + number}mbehind\x1b[0m"
      for number, name in enumerate(COLOURS)),
    "\x1b[1mbold\x1b[0m \x1b[2mdim\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4munderlined\x1b[0m \x1b[7minverse\x1b[0m",
    "\x1b[38;2;255;85;85mtrue colour\x1b[0m, and an address: https://example.com/map?x=1&y=2",
    "a long line " + "that goes on and on " * 20,
)  # fmt: skip


def _live(page: Page, stand: Stand) -> None:
    open_console(page, stand, COLOURED)
    for line in ANNOUNCED:
        process_of(stand, COLOURED).console.print(line)
    expect_line(page, "a long line that")
    send(page, "list")
    expect_line(page, "players online")
    page.wait_for_timeout(2500)  # some figures


def _searching(page: Page, stand: Stand) -> None:
    _live(page, stand)
    page.locator("[data-find]").click()
    page.locator("[data-search-field]").fill("bright")
    page.wait_for_timeout(400)


def _reading_further_up(page: Page, stand: Stand) -> None:
    _live(page, stand)
    for number in range(80):
        process_of(stand, COLOURED).console.print(f"line {number} to make it long")
    expect_line(page, "line 79 to")
    view(page).evaluate("box => { box.scrollTop = box.scrollHeight / 2; }")
    process_of(stand, COLOURED).console.print("one more meanwhile")
    expect(page.locator("[data-jump]")).to_be_visible()
    page.wait_for_timeout(300)


def _tools(page: Page, stand: Stand) -> None:
    open_console(page, stand, COLOURED)
    if page.locator("[data-more]").is_visible():
        page.locator("[data-more]").click()
    page.wait_for_timeout(300)


def _offline(page: Page, stand: Stand) -> None:
    open_console(page, stand, "Valheim Test")
    page.wait_for_timeout(500)


def _window(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server(COLOURED)}/console/window")
    expect_live(page)
    expect_line(page, "a")
    page.wait_for_timeout(500)


def _several(*names: str) -> Callable[[Page, Stand], None]:
    def go(page: Page, stand: Stand) -> None:
        page.goto("/consoles?" + "&".join(f"s={stand.server(name)}" for name in names))
        for number in range(len(names)):
            expect(page.locator("[data-console]").nth(number)).to_have_attribute("data-phase", "live", timeout=20_000)
        page.wait_for_timeout(800)

    return go


def _read_only(page: Page, stand: Stand) -> None:
    open_console(page, stand, "The Factory")


def _state(name: str) -> Callable[[Page, Stand], None]:
    def go(page: Page, stand: Stand) -> None:
        page.goto(f"/servers/{stand.server(name)}/console")
        page.wait_for_timeout(1500)

    return go


LOOKS: tuple[Look, ...] = (
    Look("console-live", _live),
    Look("console-tools", _tools),
    Look("console-search", _searching),
    Look("console-further-up", _reading_further_up),
    Look("console-offline", _offline),
    Look("console-window", _window),
    Look("consoles-none", _several()),
    Look("consoles-2", _several("Skyblock", "Lobby")),
    Look("consoles-4", _several("Skyblock", "Lobby", "Pixelmon", "Valheim Test")),
    Look("console-read-only", _read_only, who="subuser"),
    Look("console-suspended", _state("Unpaid")),
    Look("console-installing", _state("New Adventure")),
)


def _lost_node(page: Page, stand: Stand) -> None:
    _live(page, stand)
    stand.kill_node("fra-1")
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "lost", timeout=20_000)
    page.wait_for_timeout(1500)
    stand.revive_node("fra-1")


def _refused_origin(page: Page, stand: Stand) -> None:
    stand.demo.knobs.turn({"where": "socket", "fault": "refuse-origin"})
    stand.demo.nodes[next(iter(stand.demo.nodes))].sockets.drop()
    page.goto(f"/servers/{stand.server('Pixelmon')}/console")
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "lost", timeout=20_000)


def _signed_out(page: Page, stand: Stand) -> None:
    _live(page, stand)
    stand.end_sessions()
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "over", timeout=10_000)
    page.wait_for_timeout(300)


def _portal_away(page: Page, stand: Stand) -> None:
    stand.restart_web()
    _live(page, stand)
    stand.processes[0].terminate()
    stand.processes[0].wait(30)
    page.wait_for_timeout(4000)


def _egg_feature(name: str, *, has_dialog: bool = True) -> Callable[[Page, Stand], None]:
    def go(page: Page, stand: Stand) -> None:
        process = process_of(stand, name)
        process.power("kill")
        open_console(page, stand, name)
        process.power("start")
        expect(page.get_by_role("dialog").get_by_role("heading").first).to_be_visible(timeout=30_000)
        if not has_dialog:
            page.reload()
            expect(page.locator("[data-feature]:not([hidden])").first).to_be_visible(timeout=10_000)
        page.wait_for_timeout(300)

    return go


BROKEN: tuple[Look, ...] = (
    Look("console-egg-eula-seen", _egg_feature("Creative Plots", has_dialog=False)),
    Look("console-egg-eula", _egg_feature("Creative Plots")),
    Look("console-egg-java", _egg_feature("Create: Above and Beyond")),
    Look("console-egg-steam-token", _egg_feature("Dust2 24/7")),
    Look("console-egg-pid", _egg_feature("Crashy")),
    Look("console-egg-disk", _egg_feature("Rust Build Server")),
    Look("console-node-lost", _lost_node),
    Look("console-origin-refused", _refused_origin),
    Look("console-portal-lost", _portal_away),
    Look("console-signed-out", _signed_out),
)
