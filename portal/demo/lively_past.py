"""What somebody who looks at the demo finds done already: backups, databases, schedules, notes and who did what.

Worlds of tests go without: only the demo that is served from the command line has a past.
"""
from __future__ import annotations

import hashlib

from portal.demo.cron import next_run
from portal.demo.demo import Demo
from portal.demo.schedule_runner import cron_of
from portal.demo.seed import Seed
from portal.demo.wings.archives import not_ignored, pack
from portal.demo.wings.backups import archive_place
from portal.demo.world import ActivityLog, Backup, Database, Schedule, Server, Task, TaskAction

_HOUR = 3600.0
_DAY = 24 * _HOUR
_MINUTE = 60.0
_ADDRESS = "198.51.100.7"
_BACKUPS: tuple[tuple[str, float, bool, list[str], bool], ...] = (
    # name, days ago, is locked, ignored files, made by itself
    ("Before the spring reset", 41.2, True, [], False),
    ("Nightly", 3.0, False, ["logs/"], True),
    ("Nightly", 2.0, False, ["logs/"], True),
    ("Nightly", 1.0, False, ["logs/"], True),
)
_SCHEDULES: tuple[tuple[str, tuple[str, str, str, str, str], bool, tuple[tuple[TaskAction, str, int], ...]], ...] = (
    ("Nightly backup", ("0", "4", "*", "*", "*"), False, (
        ("command", "save-all", 0), ("backup", "logs/", 10))),
    ("Restart on Mondays", ("30", "5", "*", "*", "1"), True, (
        ("command", "say Restart in five minutes", 0), ("command", "say Restart in one minute", 240),
        ("power", "restart", 60))),
)
_NOTES = ("Web map", "Bedrock players")


def furnish(demo: Demo) -> None:
    """Give the first server of the lively world a past, made as its owner or by itself."""
    past = _Past(demo, next(one for one in demo.world.servers if one.name == "Survival SMP"))
    for number, (name, days, is_locked, ignored, is_nightly) in enumerate(_BACKUPS):
        past.backup(number, name, days, is_locked=is_locked, ignored=ignored, is_nightly=is_nightly)
    past.database("web_map", "%")
    for name, fields, only_online, tasks in _SCHEDULES:
        past.schedule(name, fields, tasks, only_when_online=only_online)
    past.notes()
    demo.world.activity_logs.sort(key=lambda entry: entry.timestamp)


class _Past:
    def __init__(self, demo: Demo, server: Server) -> None:
        self.demo, self.world, self.server = demo, demo.world, server
        self.now = demo.clock.now()
        self.seed = Seed(1)

    def backup(self, number: int, name: str, days: float, *, is_locked: bool, ignored: list[str],
               is_nightly: bool) -> None:
        at = self.now - days * _DAY
        row = Backup(id=self.world.next_id("backups"), uuid=self.seed.uuid(f"past/backup/{number}"),
                     server=self.server, name=name, ignored_files=ignored, disk="wings", created_at=at,
                     is_locked=is_locked, is_successful=True, completed_at=at + 48 + 7 * number)
        place = archive_place(self.demo.nodes[self.server.node.uuid], row.uuid)
        with place.open("wb") as target:
            pack(self.demo.processes[self.server.uuid].files, "/", target, not_ignored("\n".join(ignored)), at)
        content = place.read_bytes()
        row.checksum = f"sha1:{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
        row.bytes = len(content)
        self.world.backups.append(row)
        if not is_nightly:
            self.did("server:backup.start", at, row, name=name, locked=is_locked)
        self.did("server:backup.complete", row.completed_at or at, row, by=None, name=name)

    def database(self, name: str, remote: str) -> None:
        at, asked = self.now - 30 * _DAY, f"s{self.server.id}_{name}"
        row = Database(id=self.world.next_id("databases"), server=self.server, host=self.world.database_hosts[0],
                       database=asked, username=f"u{self.server.id}_{self.seed.text('past/database', 10)}",
                       remote=remote, password=self.seed.text("past/password", 24), created_at=at, updated_at=at)
        self.world.databases.append(row)
        self.did("server:database.create", at, row, name=asked)

    def schedule(self, name: str, fields: tuple[str, str, str, str, str],
                 tasks: tuple[tuple[TaskAction, str, int], ...], *, only_when_online: bool) -> None:
        at = self.now - 40 * _DAY
        minute, hour, day_of_month, month, day_of_week = fields
        row = Schedule(id=self.world.next_id("schedules"), server=self.server, name=name, minute=minute, hour=hour,
                       day_of_month=day_of_month, month=month, day_of_week=day_of_week, is_active=True,
                       only_when_online=only_when_online, created_at=at, updated_at=at)
        row.next_run_at = next_run(cron_of(row), self.now)
        row.last_run_at = row.next_run_at - _DAY if day_of_week == "*" else row.next_run_at - 7 * _DAY
        for number, (action, payload, offset) in enumerate(tasks):
            row.tasks.append(Task(id=self.world.next_id("tasks"), schedule=row, sequence_id=number + 1, action=action,
                                  payload=payload, time_offset=offset, created_at=at, updated_at=at))
        self.world.schedules.append(row)
        self.did("server:schedule.create", at, row, name=name)
        for task in row.tasks:
            self.did("server:task.create", at + _MINUTE, row, task, name=name, action=task.action,
                     payload=task.payload)

    def notes(self) -> None:
        others = [one for one in self.world.allocations
                  if one.server is self.server and one is not self.server.allocation]
        for allocation, text in zip(others, _NOTES, strict=False):
            allocation.notes = text
            shown = f"{allocation.ip}:{allocation.port}"
            self.did("server:allocation.notes", self.now - 12 * _DAY, allocation, allocation=shown, old=None, new=text)
        self.did("server:power.restart", self.now - 6 * _DAY)
        self.did("server:console.command", self.now - 5 * _HOUR, command="whitelist add Mika")

    def did(self, event: str, at: float, *subjects: object, by: str | None = "owner",
            **properties: object) -> None:
        actor = self.server.owner if by == "owner" else None
        self.world.activity_logs.append(ActivityLog(
            id=self.world.next_id("activity_logs"), event=event, actor=actor, ip=_ADDRESS if actor else "127.0.0.1",
            is_api=False, subjects=(self.server, *subjects), properties=properties, timestamp=int(at)))
