"""The page Activity in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from portal.demo.world import ActivityLog
from tests.e2e.stand import Stand
from tests.e2e.states import Look

BUSY = "Rust Weekly"
"""No other look opens it, so that what stands first here is what happened here."""
SHARED = "Viking Fjord"
UNPAID = "Unpaid"
LONG = "world_the_end/DIM1/region/" + "a-very-long-name-without-any-space" * 4 + ".mca"
HAPPENED: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
    ("server:sftp.write", "subuser", {"files": ["server.properties", "ops.json"]}),
    ("server:file.delete", "owner", {"directory": "/", "files": [LONG, "latest.log", "old.log"], "count": 3}),
    ("server:settings.rename", "owner", {"old": "Survival", "new": BUSY}),
    ("server:startup.edit", "owner", {"variable": "MOTD", "old": "", "new": "Come in, the door is open"}),
    ("server:subuser.update", "owner", {"email": "friend@example.com", "old": ["control.start"],
     "new": ["control.start", "control.stop"], "revoked": []}),
    ("server:backup.start", "owner", {"name": "Before the update", "locked": True}),
    ("server:backup.complete", None, {"name": "Before the update"}),
    ("server:console.command", "subuser", {"command": "whitelist add Steve"}),
    ("server:power.restart", "subuser", {}),
    ("server:mount.create", "owner", {"source": "/mnt/maps", "read_only": True}),
)  # fmt: skip


def _happen(stand: Stand, name: str) -> None:
    """Things happen on the panel, unless they did already."""
    rows = stand.demo.world
    server = next(one for one in rows.servers if one.name == name)
    if any(entry.event == "server:mount.create" and server in entry.subjects for entry in rows.activity_logs):
        return
    people = {one.username: one for one in rows.users}
    now = int(stand.demo.clock.now()) - 4000
    for number, (event, who, properties) in enumerate(HAPPENED * 4):
        rows.activity_logs.append(
            ActivityLog(
                id=rows.next_id("activity_logs"), event=event, actor=people[who] if who else None, ip="198.51.100.7",
                is_api=False, subjects=(server,), properties=properties, timestamp=now + 97 * number,
            )
        )  # fmt: skip


def _open(page: Page, stand: Stand, name: str, rest: str = "") -> None:
    _happen(stand, name)
    page.goto(f"/servers/{stand.server(name)}/activity{rest}")


def _newest(page: Page, stand: Stand) -> None:
    _open(page, stand, BUSY)
    expect(page.get_by_text("Asked the server to restart.").first).to_be_visible()


def _details(page: Page, stand: Stand) -> None:
    _open(page, stand, BUSY, "?group=files")
    page.get_by_text("Details").first.click()
    expect(page.get_by_text("server:file.delete").first).to_be_visible()


def _older(page: Page, stand: Stand) -> None:
    _open(page, stand, SHARED)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()


def _nothing_fits(page: Page, stand: Stand) -> None:
    _open(page, stand, BUSY, "?group=databases")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def _suspended(page: Page, stand: Stand) -> None:
    page.goto(f"/servers/{stand.server(UNPAID)}/activity")
    expect(page.get_by_role("heading", name="Activity")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("activity", _newest),
    Look("activity-details", _details),
    Look("activity-older", _older, "subuser"),
    Look("activity-nothing-fits", _nothing_fits),
    Look("activity-suspended", _suspended, status=409),
)
