"""The page Startup in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at


def _refused(page: Page, stand: Stand) -> None:
    """What the panel does not take stays, with its sentence beside it."""
    server_at("Retakes", "/startup")(page, stand)
    page.get_by_label("Value Max Players").fill("many")
    page.get_by_role("button", name="Save Max Players").click()
    expect(page.get_by_text("The value must be an integer.")).to_be_visible()


def _fixed(page: Page, stand: Stand) -> None:
    """An administrator chose an image that the egg does not have."""
    row = next(one for one in stand.demo.world.servers if one.name == "Pixelmon")
    row.image = "registry.example.org/of-the-host:1"
    stand.age(30)
    server_at("Pixelmon")(page, stand)
    server_at("Pixelmon", "/startup")(page, stand)
    expect(page.get_by_text("so it is fixed")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("startup", server_at("Survival SMP", "/startup")),
    Look("startup-refused", _refused),
    Look("startup-fixed", _fixed),
    Look("startup-suspended", server_at("Unpaid", "/startup"), status=409),
)
