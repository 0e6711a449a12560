"""What one customer may see must not outlive the panel's word, in whatever order readings arrive."""

from __future__ import annotations

import pytest

from portal.auth import service as accounts
from portal.background import directory
from portal.credentials import service as credentials
from portal.credentials.service import NoCredential
from portal.pterodactyl.application.servers import AppServerCalls
from portal.servers import records
from portal.servers.rights import Rights
from tests.conftest import World

SHARED = "Survival SMP"


def panel_user(world: World, name: str) -> int:
    return next(user.id for user in world.demo.world.users if user.username == name)


def uuid_of(world: World, name: str) -> str:
    return next(one.uuid for one in world.demo.world.servers if one.name == name)


def test_an_older_reading_that_is_stored_later_does_not_undo_a_revocation(service_world: World) -> None:
    world, person = service_world, panel_user(service_world, "subuser")
    uuid, now = uuid_of(world, SHARED), world.clock.now()
    with world.app.app_context():
        records.save_rights(uuid, person, None, now + 5)
        records.save_rights(uuid, person, Rights(False, ("control.start",), now + 1), now + 1)
        assert records.rights(uuid, person) is None

        records.save_rights(uuid, person, Rights(False, ("control.start",), now + 9), now + 9)
        assert records.rights(uuid, person) is not None


def test_an_own_key_whose_owner_became_an_administrator_is_used_no_more(own_world: World) -> None:
    world = own_world
    world.browser("subuser").get("/servers")
    next(user for user in world.demo.world.users if user.username == "subuser").root_admin = True
    page = world.browser("subuser").get(f"/servers/{world.server('Lobby')}")

    assert page.status_code in (404, 503)
    assert "Lobby" not in page.text
    with world.app.app_context():
        account = accounts.find("subuser@example.com")
        assert credentials.for_account(account.id, account.panel_user_id) == NoCredential("refused")
        assert records.rights(uuid_of(world, "Lobby"), panel_user(world, "subuser")) is None


def test_an_application_key_that_may_not_read_users_takes_nobodys_rights_away(
    service_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, person = service_world, panel_user(service_world, "subuser")
    asked = AppServerCalls.iterate
    monkeypatch.setattr(AppServerCalls, "iterate", lambda self, include=(): asked(self, include=()))
    with world.app.app_context():
        assert directory.sync() is False
        assert records.rights(uuid_of(world, SHARED), person) is not None


def test_a_service_account_that_is_no_administrator_any_more_empties_no_list(service_world: World) -> None:
    world = service_world
    next(user for user in world.demo.world.users if user.username == "service").root_admin = False
    world.clock.advance(31)
    world.work()
    page = world.browser("owner").get("/servers").text

    assert page.count('<li class="server"') == 25
    assert "lost its access to the panel" in page


def test_a_filter_by_state_says_that_servers_are_still_looked_at(world: World) -> None:
    first = world.browser("owner").get("/servers?state=running").text
    assert "still being looked at" in first
    assert "No server fits" not in first

    world.read_live()
    second = world.browser("owner").get("/servers?state=running").text
    assert "still being looked at" not in second
    assert second.count(">Running<") == second.count('<li class="server"') > 0


def test_nobody_confirmed_the_rights_for_long_so_no_figures_are_shown(service_world: World) -> None:
    world = service_world
    world.browser("owner").get("/servers?q=lobby")
    world.read_live()
    assert "<meter" in world.browser("owner").get("/servers?q=lobby").text
    for _ in range(46):
        world.clock.advance(22)
        world.browser("owner").get("/servers?q=lobby")
        world.read_live()

    assert "<meter" not in world.browser("owner").get("/servers?q=lobby").text
