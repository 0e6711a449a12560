"""What the tests of egg features share: the demo's servers that do not come up, and asking for a dialog or an act."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from portal.demo.wings.game import EULA_LINE
from portal.demo.world import Subuser
from tests.conftest import World
from tests.servers.support import HTMX, row_of

SERVERS = {
    "eula": "Creative Plots",
    "java_version": "Create: Above and Beyond",
    "gsl_token": "Dust2 24/7",
    "pid_limit": "Crashy",
    "steam_disk_space": "Rust Build Server",
}
"""The demo's server that shows each feature at its next start."""
JAVA_17 = "ghcr.io/pterodactyl/yolks:java_17"
TOKEN = "0123456789ABCDEF0123456789abcdef"
SENT = {"eula": {}, "java_version": {"image": JAVA_17}, "gsl_token": {"token": TOKEN}}
COMPLAINTS = {
    "eula": EULA_LINE,
    "java_version": "java.lang.UnsupportedClassVersionError",
    "gsl_token": "(GSL Token expired)",
    "pid_limit": "unable to create native thread",
    "steam_disk_space": "0x202 after update job",
}


def path(world: World, feature: str, name: str | None = None) -> str:
    """The address of a dialog and its act."""
    return f"/servers/{world.server(name or SERVERS[feature])}/egg-features/{feature}"


def ask(world: World, feature: str, who: str = "owner", **options: Any) -> TestResponse:
    """The dialog as a fragment."""
    return world.browser(who).get(path(world, feature), headers=HTMX, **options)


def act(world: World, feature: str, who: str = "owner", *, is_page: bool = False, **values: str) -> TestResponse:
    """Do it, with what the form would send or with other values."""
    data = {**SENT.get(feature, {}), **values}
    return world.browser(who).post(path(world, feature), data=data, headers={} if is_page else HTMX)


def look(world: World, *features: str) -> None:
    """The owner looks at the servers of these features, or all, so that everything is known; calls are forgotten."""
    for name in [SERVERS[one] for one in features] or SERVERS.values():
        world.browser("owner").get(f"/servers/{world.server(name)}")
    world.clock.advance(23)
    world.work()
    world.calls()


def state_of(world: World, feature: str) -> str:
    """How the server really is."""
    return str(world.demo.processes[row_of(world, SERVERS[feature]).uuid].state)


def settle(world: World, feature: str) -> str:
    """The state half a minute later."""
    for _ in range(15):
        world.clock.advance(2)
        state_of(world, feature)
    return state_of(world, feature)


def fails(world: World, feature: str) -> None:
    """A start fails over the feature, twice, so that the node leaves it alone; Roost has seen that it is off."""
    row = row_of(world, SERVERS[feature])
    process = world.demo.processes[row.uuid]
    heard: list[str] = []
    leave = process.listen(lambda event: heard.extend(event.args), lambda _state: None)
    process.power("restart")
    for _ in range(2):
        settle(world, feature)
    leave()
    assert process.state == "offline"
    assert COMPLAINTS[feature] in "\n".join(heard)
    look(world, feature)


def share(world: World, feature: str, *permissions: str) -> None:
    """Let the subuser do these things, and nothing else."""
    row = row_of(world, SERVERS[feature])
    user = next(one for one in world.demo.world.users if one.username == "subuser")
    found = next((one for one in row.subusers if one.user is user), None)
    if found is None:
        found = Subuser(world.demo.world.next_id("subusers"), user, row, [], world.clock.now(), world.clock.now())
        row.subusers.append(found)
    found.permissions[:] = ["websocket.connect", *permissions]
    world.clock.advance(31)
    world.work()
    world.browser("subuser").get(f"/servers/{row.identifier}")
    world.calls()
