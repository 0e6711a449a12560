"""A server of the demo with one of each thing on it, so that a route with any id in its path leads to something.

Each thing has a name or a secret that is found nowhere else: a page that tells one of them tells something of the
server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from portal.demo.wings.backups import archive_place
from portal.demo.world import Server
from portal.egg_features.features import FEATURES
from portal.files.text import versions
from portal.servers import records
from portal.servers.rights import Rights
from tests.conftest import World
from tests.servers.support import row_of

SERVER = "Survival SMP"
BACKUP, LOCKED, DATABASE, SCHEDULE = "Kept on Sunday", "Locked on Monday", "ledgerbook", "Sweep at dawn"
NOTE, COMMAND, HELPER = "behind the old mill", "say the moon is up", "helping-hand@example.com"
ALWAYS = "websocket.connect"
"""What every subuser has, asked or not."""


@dataclass(frozen=True)
class Furnished:
    """`values` are what stands in paths and forms, by name; `secrets` what only this server's people may see;
    `archives` what the backups are on the node."""

    row: Server
    values: Mapping[str, Any]
    secrets: tuple[str, ...]
    archives: Mapping[Path, bytes]

    @property
    def address(self) -> str:
        """Where the server's pages are."""
        return f"/servers/{self.row.identifier}"

    def put_back(self, world: World) -> None:
        """The panel's rows and the archives on the node as they were when all was made."""
        world.demo.rewind("furnished")
        for place, content in self.archives.items():
            place.write_bytes(content)


def furnish(world: World, name: str = SERVER) -> Furnished:
    """One of each thing on a server, made by its owner at the panel itself; Roost's own calls are forgotten."""
    row, panel = row_of(world, name), Client(world.demo.wsgi)
    world.demo.limiter.per_minute["client"] = 0
    row.egg.features = list(FEATURES)
    key = world.demo.keys["owner"]

    def ask(method: str, path: str, body: object = None) -> TestResponse:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        answer = panel.open(f"/api/client/servers/{row.uuid}{path}", method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer

    def made(path: str, body: object = None) -> dict[str, Any]:
        given: dict[str, Any] = ask("POST", path, body).get_json()
        return dict(given["attributes"])

    backups = [made("/backups", {"name": one})["uuid"] for one in (BACKUP, LOCKED)]
    database = made("/databases", {"database": DATABASE, "remote": "%"})
    cron = {"minute": "5", "hour": "4", "day_of_month": "*", "month": "*", "day_of_week": "*"}
    schedule = made("/schedules", {"name": SCHEDULE, "is_active": True, "only_when_online": False, **cron})["id"]
    tasks = [made(f"/schedules/{schedule}/tasks", {"action": "command", "payload": one, "time_offset": 0})["id"]
             for one in (COMMAND, "save-all")]  # fmt: skip
    extra = next(one for one in world.demo.world.allocations_of(row) if one is not row.allocation)
    made(f"/network/allocations/{extra.id}", {"notes": NOTE})
    helper = made("/users", {"email": HELPER, "permissions": ["control.console"]})
    world.clock.advance(700)
    world.demo.pulse()
    ask("POST", f"/backups/{backups[1]}/lock")
    values = {
        "identifier": row.identifier, "backup": backups[0], "database": database["id"], "schedule": schedule,
        "task": tasks[0], "allocation": extra.id, "subuser": helper["uuid"],
        "locked": backups[1], "database_name": database["name"], "name": row.name,
    }  # fmt: skip
    password = next(one.password for one in world.demo.world.databases_of(row))
    secrets = (BACKUP, LOCKED, DATABASE, SCHEDULE, NOTE, COMMAND, HELPER, password, database["username"])
    with world.app.app_context():
        versions.keep(1, row.uuid, "/box.txt", b"as it was", is_before=False)
    world.work()
    world.adapter.requests.clear()
    node = world.demo.nodes[row.node.uuid]
    places = [archive_place(node, one) for one in backups]
    archives = {one: one.read_bytes() for one in places}
    world.demo.take_snapshot("furnished")
    return Furnished(row, values, (*secrets, name, row.allocation.address, row.uuid), archives)


def hold(world: World, server: Server, *permissions: str, who: str = "subuser") -> None:
    """Let somebody do just this with a server, at the panel and in Roost's store, read just now."""
    user = next(one for one in world.demo.world.users if one.username == who)
    share = server.subuser_of(user)
    assert share is not None
    share.permissions[:] = permissions
    with world.app.app_context():
        records.save_rights(server.uuid, user.id, Rights(False, permissions, world.clock.now()), world.clock.now())
