"""What the panel's database holds, in the panel's own words."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.demo.rows.eggs import Egg, EggVariable, Nest
from portal.demo.rows.people import ApiKey, SshKey, User
from portal.demo.rows.places import DatabaseHost, Location, Node
from portal.demo.rows.servers import (
    Allocation,
    Backup,
    Database,
    FeatureLimits,
    Limits,
    Schedule,
    Server,
    Status,
    Subuser,
    Task,
    TaskAction,
)

__all__ = [
    "READ", "RESOURCES", "WRITE", "ActivityLog", "Allocation", "ApiKey", "Backup", "Database", "DatabaseHost", "Egg",
    "EggVariable", "FeatureLimits", "Limits", "Location", "Nest", "Node", "Schedule", "Server", "SshKey", "Status",
    "Subuser", "Task", "TaskAction", "User", "World",
]

RESOURCES = ("servers", "nodes", "allocations", "users", "locations", "nests", "eggs", "database_hosts",
             "server_databases")
READ, WRITE = 1, 2


@dataclass(frozen=True, eq=False)
class ActivityLog:
    id: int
    event: str
    actor: User | None
    ip: str
    is_api: bool
    subjects: tuple[object, ...]
    properties: dict[str, Any]
    timestamp: int


@dataclass(eq=False)
class World:
    """Every list is in the order of its primary keys."""

    users: list[User] = field(default_factory=list)
    api_keys: list[ApiKey] = field(default_factory=list)
    ssh_keys: list[SshKey] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    database_hosts: list[DatabaseHost] = field(default_factory=list)
    nests: list[Nest] = field(default_factory=list)
    eggs: list[Egg] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    databases: list[Database] = field(default_factory=list)
    backups: list[Backup] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    activity_logs: list[ActivityLog] = field(default_factory=list)
    _ids: dict[str, int] = field(default_factory=dict, repr=False)

    def next_id(self, table: str) -> int:
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    def allocations_of(self, server: Server) -> list[Allocation]:
        return [allocation for allocation in self.allocations if allocation.server is server]

    def remove(self, server: Server) -> None:
        """With what belongs to it; its allocations are free again."""
        for allocation in self.allocations_of(server):
            allocation.server = None
        self.databases = [database for database in self.databases if database.server is not server]
        self.backups = [backup for backup in self.backups if backup.server is not server]
        self.schedules = [schedule for schedule in self.schedules if schedule.server is not server]
        if server in self.servers:
            self.servers.remove(server)

    def servers_of(self, node: Node) -> list[Server]:
        return [server for server in self.servers if server.node is node]

    def allocated_resources_of(self, node: Node) -> dict[str, int]:
        """What the limits of its servers come to, in MiB; one without a limit counts 0."""
        limits = [server.limits for server in self.servers_of(node)]
        return {"memory": sum(one.memory for one in limits), "disk": sum(one.disk for one in limits)}

    def databases_of(self, server: Server) -> list[Database]:
        return [database for database in self.databases if database.server is server]

    def backups_of(self, server: Server, *, deleted: bool = False) -> list[Backup]:
        """Those that are there; with `deleted` also those that were."""
        return [backup for backup in self.backups
                if backup.server is server and (deleted or backup.deleted_at is None)]

    def schedules_of(self, server: Server) -> list[Schedule]:
        return [schedule for schedule in self.schedules if schedule.server is server]
