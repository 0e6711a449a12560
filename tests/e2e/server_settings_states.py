"""The page Settings in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at


def _wrong_name(page: Page, stand: Stand) -> None:
    server_at("Lobby", "/settings")(page, stand)
    page.get_by_role("link", name="Reinstall…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the server").fill("Loby")
    dialog.get_by_role("button", name="Reinstall").click()
    expect(dialog.get_by_text("This is not the name of the server.")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("settings", server_at("Survival SMP", "/settings")),
    Look("settings-subuser", server_at("Survival SMP", "/settings"), who="subuser"),
    Look("settings-suspended", server_at("Unpaid", "/settings")),
    Look("settings-wrong-name", _wrong_name),
    Look("settings-reinstall-page", server_at("Lobby", "/settings/reinstall")),
)
