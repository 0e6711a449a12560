"""The page Backups in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from portal.demo.world import Backup, Server
from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at
from tests.support.waiting import until

KEPT = "All the Mods 9"
NONE = "Factorio Space Age"
MINUTE_S = 60.0
DAY_S = 86_400.0
MADE = (
    ("Before the new season", 12 * DAY_S, "done", True, ("*.log", "/cache/")),
    ("Backup at 2026-01-02 03:04:05", 3 * DAY_S, "done", False, ()),
    ("nightly", 2 * DAY_S, "failed", False, ()),
    ("a name that somebody made much longer than any name of a backup ever had to be", 1 * DAY_S, "done", False, ()),
    ("forever", 0.2 * DAY_S, "running", False, ()),
    ("just now", 1 * MINUTE_S, "running", False, ()),
)


def _server(stand: Stand) -> Server:
    return next(one for one in stand.demo.world.servers if one.name == KEPT)


def _fill(stand: Stand) -> None:
    """One backup in each state."""
    server, world = _server(stand), stand.demo.world
    if any(one.server is server for one in world.backups):
        return
    server.feature_limits.backups = 10
    now = stand.demo.clock.now()
    for number, (name, age_s, state, is_locked, ignored) in enumerate(MADE):
        is_done = state == "done"
        backup = Backup(
            id=world.next_id("backups"), uuid=stand.demo.chance.uuid(), server=server, name=name,
            ignored_files=list(ignored), disk="wings", created_at=now - age_s, is_locked=is_locked,
            is_successful=is_done, checksum=f"sha1:{'3f786850e3' * 4}" if is_done else None,
            bytes=1_234_567_890 * (number + 1) if is_done else 0,
            completed_at=None if state == "running" else now - age_s + 95,
        )  # fmt: skip
        world.backups.append(backup)


def _listed(page: Page, stand: Stand) -> None:
    _fill(stand)
    there = f"/servers/{stand.server(KEPT)}"

    def is_known() -> bool:
        """A server's page reads it anew when it was not read a moment ago."""
        page.goto(there)
        page.goto(f"{there}/backups")
        return page.get_by_text("of 10 used").count() > 0

    until(is_known, lambda: "the new limit is not known yet", 45)
    expect(page.get_by_role("heading", name="Before the new season")).to_be_visible()
    expect(page.get_by_text("Stuck")).to_be_visible()


def _rule(page: Page, stand: Stand) -> None:
    """The question that names what goes at once."""
    _listed(page, stand)
    page.get_by_role("link", name="Set a rule").or_(page.get_by_role("link", name="Change the rule")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Keep", exact=True).fill("1")
    dialog.get_by_role("button", name="Set the rule").click()
    expect(dialog.get_by_text("goes at once by this rule")).to_be_visible()


def _making(page: Page, stand: Stand) -> None:
    """With what the patterns would leave out."""
    _listed(page, stand)
    page.locator("#make").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Leave out").fill("*.jar\n/logs/\n!server.jar")
    dialog.get_by_role("button", name="What would be left out?").click()
    expect(dialog.get_by_text("looked through")).to_be_visible(timeout=20_000)
    expect(dialog.locator("#preview")).to_be_focused()


def _emptying(page: Page, stand: Stand) -> None:
    """The second question before a server is emptied."""
    _listed(page, stand)
    page.get_by_role("link", name="Restore: Before the new season").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Delete all of them first").check()
    dialog.get_by_role("button", name="Restore").click()
    expect(dialog.get_by_role("heading", name="Delete all files first?")).to_be_focused()


LOOKS: tuple[Look, ...] = (
    Look("backups", _listed),
    Look("backups-none", server_at(NONE, "/backups")),
    Look("backups-rule", _rule),
    Look("backups-making", _making),
    Look("backups-emptying", _emptying),
)
