"""What tests of schedules share: a server with schedules, forms to send, and what the panel has now."""

from __future__ import annotations

from typing import Any

from portal.demo.cron import next_run
from portal.demo.world import Schedule, Server, Task
from tests.conftest import World
from tests.servers.support import row_of, share_of

PLAYED = "Survival SMP"
EMPTY = "Lobby"
SHARED = "Viking Fjord"
FIELDS = ("minute", "hour", "day_of_month", "month", "day_of_week")
FORM = {"name": "Restart", "minute": "30", "hour": "5", "day_of_month": "*", "month": "*", "day_of_week": "*",
        "is_active": "y"}  # fmt: skip
PANEL = "/api/client/servers"


def at(world: World, name: str, rest: str = "") -> str:
    """The path of a server's schedules."""
    return f"/servers/{world.server(name)}/schedules{rest}"


def schedules_of(world: World, name: str) -> list[Schedule]:
    """The panel's own rows."""
    return world.demo.world.schedules_of(row_of(world, name))


def put(world: World, owner: str, line: str = "0 4 * * *", *tasks: tuple[str, str, int], **values: Any) -> Schedule:
    """A schedule that is there already; `tasks` are action, payload and offset."""
    server: Server = row_of(world, owner)
    now = world.clock.now()
    columns = dict(zip(FIELDS, line.split(), strict=True))
    given = {"name": "Nightly", "is_active": True, "only_when_online": False} | columns | values
    row = Schedule(id=world.demo.world.next_id("schedules"), server=server, created_at=now, updated_at=now,
                   next_run_at=next_run(line, now), **given)  # fmt: skip
    for number, (action, payload, offset) in enumerate(tasks, 1):
        row.tasks.append(Task(id=world.demo.world.next_id("tasks"), schedule=row, sequence_id=number,
                              action=action, payload=payload, time_offset=offset,  # type: ignore[arg-type]
                              created_at=now, updated_at=now))  # fmt: skip
    world.demo.world.schedules.append(row)
    return row


def allow(world: World, *permissions: str, name: str = SHARED) -> None:
    """Let the subuser do only this with a server."""
    share_of(world, name).permissions[:] = ["websocket.connect", *permissions]
    world.work()
    world.calls()


def panel(world: World, name: str, rest: str = "") -> str:
    """The path of a server's schedules at the panel."""
    return f"{PANEL}/{row_of(world, name).uuid}/schedules{rest}"
