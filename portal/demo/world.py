"""What the panel's database holds, in the panel's own words.

Times are unix seconds.  Objects are compared by identity: two rows are never the same row.
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

RESOURCES = ("servers", "nodes", "allocations", "users", "locations", "nests", "eggs", "database_hosts",
             "server_databases")
READ, WRITE = 1, 2

Status = Literal["installing", "install_failed", "reinstall_failed", "suspended", "restoring_backup"]


@dataclass(eq=False)
class User:
    id: int
    uuid: str
    username: str
    email: str
    first_name: str
    last_name: str
    created_at: float
    updated_at: float
    password: str = ""
    language: str = "en"
    root_admin: bool = False
    use_totp: bool = False
    external_id: str | None = None


@dataclass(eq=False)
class ApiKey:
    """A client key (`ptlc_`) or, with `grants` (resource -> READ | WRITE), an application key (`ptla_`)."""

    identifier: str
    secret: str
    user: User
    description: str
    created_at: float
    allowed_ips: list[str] = field(default_factory=list)
    grants: dict[str, int] | None = None
    last_used_at: float | None = None
    expires_at: float | None = None

    @property
    def is_application_key(self) -> bool:
        return self.grants is not None

    @property
    def plain_text(self) -> str:
        return self.identifier + self.secret


@dataclass(eq=False)
class Location:
    id: int
    short: str
    long: str | None
    created_at: float
    updated_at: float


@dataclass(eq=False)
class Node:
    id: int
    uuid: str
    name: str
    location: Location
    fqdn: str
    daemon_token_id: str
    daemon_token: str
    created_at: float
    updated_at: float
    scheme: str = "http"
    behind_proxy: bool = False
    public: bool = True
    maintenance_mode: bool = False
    description: str | None = None
    memory: int = 8192
    memory_overallocate: int = 0
    disk: int = 50000
    disk_overallocate: int = 0
    upload_size: int = 100
    daemon_listen: int = 8080
    daemon_sftp: int = 2022
    daemon_base: str = "/var/lib/pterodactyl/volumes"

    @property
    def connection_address(self) -> str:
        return f"{self.scheme}://{self.fqdn}:{self.daemon_listen}"


@dataclass(eq=False)
class Nest:
    id: int
    uuid: str
    name: str
    author: str
    description: str | None
    created_at: float
    updated_at: float


@dataclass(eq=False)
class EggVariable:
    id: int
    name: str
    description: str
    env_variable: str
    default_value: str
    rules: str
    user_viewable: bool
    user_editable: bool


@dataclass(eq=False)
class Egg:
    id: int
    uuid: str
    nest: Nest
    name: str
    author: str
    description: str | None
    startup: str
    docker_images: dict[str, str]
    created_at: float
    updated_at: float
    features: list[str] | None = None
    config_files: dict[str, Any] = field(default_factory=dict)
    config_startup: dict[str, Any] = field(default_factory=dict)
    config_stop: str = "stop"
    script_install: str = "#!/bin/ash\n# (left out)\n"
    script_container: str = "ghcr.io/pterodactyl/installers:alpine"
    script_entry: str = "ash"
    variables: list[EggVariable] = field(default_factory=list)


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


@dataclass(eq=False)
class Allocation:
    id: int
    node: Node
    ip: str
    port: int
    ip_alias: str | None = None
    notes: str | None = None
    server: Server | None = None


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

    def value_of(self, variable: EggVariable) -> str:
        return self.server_values.get(variable.env_variable, variable.default_value)


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
    locations: list[Location] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    nests: list[Nest] = field(default_factory=list)
    eggs: list[Egg] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    activity_logs: list[ActivityLog] = field(default_factory=list)
    _ids: dict[str, Iterator[int]] = field(default_factory=dict, repr=False)

    def next_id(self, table: str) -> int:
        return next(self._ids.setdefault(table, itertools.count(1)))

    def allocations_of(self, server: Server) -> list[Allocation]:
        return [allocation for allocation in self.allocations if allocation.server is server]

    def servers_of(self, node: Node) -> list[Server]:
        return [server for server in self.servers if server.node is node]
