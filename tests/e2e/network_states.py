"""The page Network in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from portal.demo.world import Allocation
from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at

HELD = "Survival SMP"
FIXED = "Retakes"


def _listed(page: Page, stand: Stand) -> None:
    """With a few allocations, one of them under a long alias and with a long note."""
    server = next(one for one in stand.demo.world.servers if one.name == HELD)
    world = stand.demo.world
    server.feature_limits.allocations = 9
    if len(world.allocations_of(server)) < 3:
        for notes in ("query port", "Voice chat of the players in the north, and of those who come to visit them"):
            number = world.next_id("allocations")
            alias = "voice.north.survival.example.com" if notes[0] == "V" else None
            world.allocations.append(
                Allocation(number, server.node, server.allocation.ip, 30000 + number, alias, notes, server)
            )
    page.goto(f"/servers/{server.identifier}/network")
    expect(page.get_by_role("link", name="Make primary").or_(page.locator(".acts a")).first).to_be_visible()


def _fixed(page: Page, stand: Stand) -> None:
    server = next(one for one in stand.demo.world.servers if one.name == FIXED)
    server.feature_limits.allocations = None
    page.goto(f"/servers/{server.identifier}")
    page.goto(f"/servers/{server.identifier}/network")


def _too_long(page: Page, stand: Stand) -> None:
    _listed(page, stand)
    page.get_by_role("textbox").last.fill("a note that goes on and on " * 9)
    page.get_by_role("button", name="Save the note of").last.click()
    expect(page.get_by_text("too many. Nothing was saved.")).to_be_visible()


def _primary(page: Page, stand: Stand) -> None:
    _listed(page, stand)
    page.locator(".acts a").first.click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Make primary")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("network", _listed),
    Look("network-fixed", _fixed),
    Look("network-note-too-long", _too_long, status=422),
    Look("network-primary", _primary),
    Look("network-suspended", server_at("Unpaid", "/network"), status=409),
)
