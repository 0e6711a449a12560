"""Every client route with a request that it takes: what a table of all routes asks with."""
from __future__ import annotations

from typing import Any

from portal.demo import Demo
from portal.demo.routing import Route
from portal.demo.rows.servers import Backup, Database, Schedule, Task
from portal.demo.world import DatabaseHost, Server
from tests.demo.conftest import Asker

_SCHEDULE = {"name": "n", "minute": "0", "hour": "*", "day_of_month": "*", "month": "*", "day_of_week": "*"}
_TASK = {"action": "command", "payload": "say hi", "time_offset": 0}

SENT: dict[tuple[str, str], tuple[str, Any]] = {
    ("PUT", "account/email"): ("", {"email": "new@example.org", "password": "a-long-password"}),
    ("PUT", "account/password"): ("", {"current_password": "a-long-password", "password": "another-password",
                                       "password_confirmation": "another-password"}),
    ("POST", "account/two-factor"): ("", {"code": "123456", "password": "a-long-password"}),
    ("POST", "account/two-factor/disable"): ("", {"password": "a-long-password"}),
    ("POST", "account/ssh-keys"): ("", {"name": "n", "public_key": "none"}),
    ("POST", "account/ssh-keys/remove"): ("", {"fingerprint": "x"}),
    ("POST", "account/api-keys"): ("", {"description": "n"}),
    ("POST", "power"): ("", {"signal": "start"}),
    ("POST", "command"): ("", {"command": "list"}),
    ("POST", "databases"): ("", {"database": "stats", "remote": "%"}),
    ("GET", "files/list"): ("directory=/", None),
    ("GET", "files/contents"): ("file=/a.txt", None),
    ("GET", "files/download"): ("file=/a.txt", None),
    ("PUT", "files/rename"): ("", {"root": "/", "files": [{"from": "a.txt", "to": "b.txt"}]}),
    ("POST", "files/copy"): ("", {"location": "/a.txt"}),
    ("POST", "files/write"): ("file=/c.txt", b"content"),
    ("POST", "files/compress"): ("", {"root": "/", "files": ["a.txt"]}),
    ("POST", "files/decompress"): ("", {"root": "/", "file": "a.tar.gz"}),
    ("POST", "files/delete"): ("", {"root": "/", "files": ["b.txt"]}),
    ("POST", "files/create-folder"): ("", {"root": "/", "name": "d"}),
    ("POST", "files/chmod"): ("", {"root": "/", "files": [{"file": "a.txt", "mode": "644"}]}),
    ("POST", "files/pull"): ("", {"url": "http://192.0.2.1/x"}),
    ("POST", "schedules"): ("", _SCHEDULE),
    ("POST", "schedules/{schedule}"): ("", _SCHEDULE),
    ("POST", "schedules/{schedule}/tasks"): ("", _TASK),
    ("POST", "schedules/{schedule}/tasks/{task}"): ("", _TASK),
    ("POST", "network/allocations/{allocation}"): ("", {"notes": "n"}),
    ("POST", "users"): ("", {"email": "nobody@example.org", "permissions": ["control.console"]}),
    ("POST", "users/{user}"): ("", {"permissions": ["control.console"]}),
    ("POST", "backups"): ("", {"name": "n"}),
    ("POST", "backups/{backup}/restore"): ("", {"truncate": False}),
    ("PUT", "startup/variable"): ("", {"key": "MODE", "value": "easy"}),
    ("POST", "settings/rename"): ("", {"name": "Uno"}),
    ("PUT", "settings/docker-image"): ("", {"docker_image": "example.org/image:1"}),
}
"""Query and body by method and the path's end; a route that is not here takes nothing."""


def furnish(demo: Demo) -> None:
    """Give the first server one of everything that a path can name."""
    world, server, now = demo.world, demo.world.servers[0], demo.clock.now()
    server.feature_limits.backups = 5
    schedule = Schedule(world.next_id("schedules"), server, "n", "0", "*", "*", "*", "*", True, False, now, now)
    schedule.tasks.append(Task(world.next_id("tasks"), schedule, 1, "command", "say", 0, now, now))
    world.schedules.append(schedule)
    world.databases.append(Database(world.next_id("databases"), server, _host(demo), f"s{server.id}_x", "u", "%", "p",
                                    now, now))
    world.backups.append(Backup(world.next_id("backups"), "b0000000-0000-4000-8000-000000000000", server, "n", [],
                                "wings", now, is_successful=True, checksum="sha1:x", completed_at=now))


def _host(demo: Demo) -> DatabaseHost:
    now = demo.clock.now()
    if not demo.world.database_hosts:
        demo.world.database_hosts.append(DatabaseHost(demo.world.next_id("database_hosts"), "db", "127.0.0.1", 3306,
                                                      "u", now, now, demo.world.nodes[0]))
    return demo.world.database_hosts[0]


def request_of(route: Route, demo: Demo, server: Server) -> tuple[str, Any]:
    """The path with its query, and the body: a dictionary goes as JSON."""
    schedule = demo.world.schedules[0]
    spare = next(one for one in demo.world.allocations_of(server) if one is not server.allocation)
    names: dict[str, Any] = {
        "server": server.identifier, "user": server.subusers[0].user.uuid, "allocation": spare.id,
        "backup": demo.world.backups[0].uuid, "database": _hashid(demo), "schedule": schedule.id,
        "task": schedule.tasks[0].id, "identifier": "ptlc_none",
    }
    end = route.path.removeprefix("/api/client").removeprefix("/servers/{server}").strip("/")
    query, body = SENT.get((route.method, end), ("", None))
    return route.path.format_map(names) + (f"?{query}" if query else ""), body


def _hashid(demo: Demo) -> str:
    """As the panel shows it."""
    listed = Asker(demo).get("chief", f"/api/client/servers/{demo.world.servers[0].identifier}/databases").json
    assert listed is not None
    return str(listed["data"][0]["attributes"]["id"])
