"""The page Databases in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from portal.demo.world import Database
from tests.e2e.stand import Stand
from tests.e2e.states import Look, server_at

SHOP = "Survival SMP"
NONE = "Lobby"


def _listed(page: Page, stand: Stand) -> None:
    """With two databases, one of them full of what people may choose."""
    server = next(one for one in stand.demo.world.servers if one.name == SHOP)
    world = stand.demo.world
    chosen = (("luckperms", "%"), ("statistics_of_the_last_season_and_before", "192.0.2.%"))
    for number, (name, remote) in enumerate(chosen):
        if not any(one.database == f"s{server.id}_{name}" for one in world.databases):
            world.databases.append(
                Database(
                    world.next_id("databases"), server, world.database_hosts[0], f"s{server.id}_{name}"[:48],
                    f"u{server.id}_a1B2c3D4e{number}", remote, "2+a+YRKwo=OY7Oq^C!HTECxW", server.created_at,
                    server.updated_at, max_connections=40 * number,
                )
            )  # fmt: skip
    server.feature_limits.databases = 5
    page.goto(f"/servers/{server.identifier}/databases")
    expect(page.get_by_role("heading", name="luckperms")).to_be_visible()


def _password(page: Page, stand: Stand) -> None:
    _listed(page, stand)
    page.get_by_role("link", name="Show password of").first.click()
    expect(page.get_by_role("dialog").get_by_text("jdbc:mysql://")).to_be_visible()


def _refused(page: Page, stand: Stand) -> None:
    _listed(page, stand)
    page.get_by_role("link", name="New database").click()
    page.get_by_role("dialog").get_by_label("Name").fill("no spaces!")
    page.get_by_role("button", name="Create database").click()
    expect(page.get_by_text("may only contain letters")).to_be_visible()


def _deleting(page: Page, stand: Stand) -> None:
    _listed(page, stand)
    page.get_by_role("link", name="Delete s").first.click()
    page.get_by_role("dialog").get_by_label("Name of the database").fill("luckperms")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog").get_by_text("This is not its name.")).to_be_visible()


LOOKS: tuple[Look, ...] = (
    Look("databases", _listed),
    Look("databases-none", server_at(NONE, "/databases")),
    Look("databases-password", _password),
    Look("databases-new-refused", _refused, status=422),
    Look("databases-delete-refused", _deleting, status=422),
)
