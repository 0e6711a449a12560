"""What the panel withholds from a viewer is withheld from a server that the service key read, field by field."""

from __future__ import annotations

from itertools import combinations

import pytest

from portal.demo import ManualClock, build
from portal.demo.permissions import PERMISSIONS
from portal.pterodactyl import ApiKey, Panel, Transport
from portal.pterodactyl.models import AppServer, ServerView
from portal.servers.reading import rights_in
from portal.servers.rights import Startup, masked
from tests.servers.support import fixture
from tests.support.wsgi_adapter import WsgiAdapter

HIDING = ("allocation.read", "startup.read", "user.read")
EVERYTHING = [f"{group}.{key}" for group, about in PERMISSIONS.items() for key in about["keys"]]
SETS = [list(chosen) for size in range(4) for chosen in combinations(HIDING, size)] + [
    EVERYTHING, ["control.console", "file.sftp"], ["allocation.update", "startup.update", "user.create"],
]  # fmt: skip


class Views:
    """A demo panel with one server whose subuser holds the given permissions, asked through the library."""

    def __init__(self, permissions: list[str]) -> None:
        world = fixture(1, shares=[{"user": "subuser", "permissions": permissions}])
        self.demo = build(fixture=world, clock=ManualClock())
        for allocation in self.demo.world.allocations:
            allocation.notes = "secret note"
        self.server = self.demo.world.servers[0]
        self._panel = Panel(Transport("http://panel.test", adapter=WsgiAdapter(self.demo.wsgi)))

    def by(self, who: str) -> ServerView:
        key = ApiKey(self.demo.keys[who])
        return self._panel.client(key).servers.view(self.server.identifier, include=("subusers",))

    def told(self) -> AppServer:
        key = ApiKey(self.demo.keys["application"])
        return self._panel.application(key).servers.view(self.server.id, include=("subusers",))

    def masked_for(self, who: str) -> ServerView:
        told = self.told()
        person = next(user.id for user in self.demo.world.users if user.username == who)
        rights = rights_in(told, person, 0.0)
        assert rights is not None
        return masked(self.by("service"), rights, Startup(told.startup_command, told.environment_names))


@pytest.mark.parametrize("permissions", SETS, ids=lambda held: f"{len(held)}: {' '.join(held)[:60]}")
@pytest.mark.parametrize("who", ["owner", "subuser"])
def test_the_masked_view_is_what_the_persons_own_key_is_answered(who: str, permissions: list[str]) -> None:
    views = Views(permissions)

    assert views.masked_for(who) == views.by(who)


def test_without_startup_read_no_value_of_a_variable_is_left() -> None:
    views = Views([])
    shown = repr(views.masked_for("subuser"))

    assert "hush" not in shown
    assert "easy" not in shown


def test_without_knowing_the_startup_command_nothing_of_it_is_shown() -> None:
    views = Views([])
    rights = rights_in(views.told(), views.server.subusers[0].user.id, 0.0)
    assert rights is not None

    assert masked(views.by("service"), rights, None).server.invocation == ""


def test_a_person_without_a_share_has_no_rights() -> None:
    views = Views(EVERYTHING)
    people = {user.username: user.id for user in views.demo.world.users}

    assert rights_in(views.told(), people["stranger"], 0.0) is None
    assert rights_in(views.told(), people["admin"], 0.0) is None
