"""Servers, and what belongs to exactly one of them."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from portal.demo.rows.eggs import Egg, EggVariable
from portal.demo.rows.people import User
from portal.demo.rows.places import DatabaseHost, Node

Status = Literal["installing", "install_failed", "reinstall_failed", "suspended", "restoring_backup"]
TaskAction = Literal["command", "power", "backup"]


@dataclass
class Limits:
    """MiB, and percent of one core; 0 is unlimited."""

    memory: int = 1024
    swap: int = 0
    disk: int = 5120
    io: int = 500
    cpu: int = 100
    threads: str | None = None
    oom_disabled: bool = True


@dataclass
class FeatureLimits:
    databases: int | None = 0
    allocations: int | None = 0
    backups: int = 0


@dataclass(eq=False)
class Subuser:
    id: int
    user: User
    server: Server
    permissions: list[str]
    created_at: float
    updated_at: float
    keys: list[str] | None = None

    @property
    def shown_permissions(self) -> list[str] | dict[str, str]:
        """An object where PHP kept keys that do not count up: behind a repeated entry that was dropped."""
        return list(self.permissions) if self.keys is None else dict(zip(self.keys, self.permissions, strict=True))


@dataclass(eq=False)
class Allocation:
    id: int
    node: Node
    ip: str
    port: int
    ip_alias: str | None = None
    notes: str | None = None
    server: Server | None = None

    @property
    def address(self) -> str:
        return f"{self.ip}:{self.port}"


@dataclass(eq=False)
class Server:
    id: int
    uuid: str
    name: str
    description: str
    owner: User
    node: Node
    allocation: Allocation
    egg: Egg
    image: str
    startup: str
    created_at: float
    updated_at: float
    limits: Limits = field(default_factory=Limits)
    feature_limits: FeatureLimits = field(default_factory=FeatureLimits)
    external_id: str | None = None
    status: Status | None = None
    is_transferring: bool = False
    server_values: dict[str, str] = field(default_factory=dict)
    values_of_other_eggs: dict[int, dict[str, str]] = field(default_factory=dict)
    skip_scripts: bool = False
    subusers: list[Subuser] = field(default_factory=list)

    @property
    def identifier(self) -> str:
        return self.uuid[:8]

    @property
    def is_suspended(self) -> bool:
        return self.status == "suspended"

    @property
    def is_installed(self) -> bool:
        return self.status not in ("installing", "install_failed")

    def subuser_of(self, user: User) -> Subuser | None:
        return next((subuser for subuser in self.subusers if subuser.user is user), None)

    def is_accessible_to(self, user: User) -> bool:
        """Owned or shared; a root admin's general access is no matter of the server."""
        return self.owner is user or self.subuser_of(user) is not None

    def values_for(self, egg: Egg) -> dict[str, str]:
        """Values by variable; those of an egg that the server had before are still there."""
        return self.server_values if egg is self.egg else self.values_of_other_eggs.setdefault(egg.id, {})

    def change_egg(self, egg: Egg) -> None:
        if egg is not self.egg:
            now = self.values_for(egg)
            self.values_of_other_eggs[self.egg.id] = self.server_values
            self.egg, self.server_values = egg, now
            del self.values_of_other_eggs[egg.id]

    def value_of(self, variable: EggVariable) -> str:
        return self.server_values.get(variable.env_variable, variable.default_value)


@dataclass(eq=False)
class Database:
    """`database` is the real name (`s<server id>_<asked>`); `remote` the hosts that may connect."""

    id: int
    server: Server
    host: DatabaseHost
    database: str
    username: str
    remote: str
    password: str
    created_at: float
    updated_at: float
    max_connections: int | None = 0


@dataclass(eq=False)
class Backup:
    """`checksum` as `<algorithm>:<hex>`; `completed_at` None: in progress; `deleted_at`: the row stays, unseen."""

    id: int
    uuid: str
    server: Server
    name: str
    ignored_files: list[str]
    disk: str
    created_at: float
    is_locked: bool = False
    is_successful: bool = False
    checksum: str | None = None
    bytes: int = 0
    completed_at: float | None = None
    deleted_at: float | None = None


@dataclass(eq=False)
class Schedule:
    """When and under what conditions its tasks run; `tasks` in the order of their primary keys."""

    id: int
    server: Server
    name: str
    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str
    is_active: bool
    only_when_online: bool
    created_at: float
    updated_at: float
    is_processing: bool = False
    last_run_at: float | None = None
    next_run_at: float | None = None
    tasks: list[Task] = field(default_factory=list)


@dataclass(eq=False)
class Task:
    """One step of a schedule; `time_offset` are seconds after the step before."""

    id: int
    schedule: Schedule
    sequence_id: int
    action: TaskAction
    payload: str
    time_offset: int
    created_at: float
    updated_at: float
    is_queued: bool = False
    continue_on_failure: bool = False
