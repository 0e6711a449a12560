"""What the panel answers, as frozen dataclasses.

Names follow the panel; units stand in the names. Sizes called `_mib` are whole MiB (x 1,048,576 = bytes),
moments are in UTC. "None" has the meaning that the field's comment gives it. Shapes: panel 1.11, client and
application API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

PowerSignal = Literal["start", "stop", "restart", "kill"]
ServerType = Literal["owner", "admin", "admin-all"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `total_pages` is at least 1, `current_page` counts from 1."""

    items: tuple[T, ...]
    total: int
    count: int
    per_page: int
    current_page: int
    total_pages: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may use. Memory and disk 0: no limit; swap 0: none, -1: no limit; cpu 0: no limit."""

    memory_mib: int
    swap_mib: int
    disk_mib: int
    io: int  # block IO weight, 10-1000
    cpu_percent: int  # of one core
    threads: str | None  # pinned cores, "0-1,3"
    oom_disabled: bool


@dataclass(frozen=True, slots=True)
class FeatureLimits:
    """How many a server may have.

    Databases None: no limit; allocations None or 0: the client may not add any.
    """

    databases: int | None
    allocations: int | None
    backups: int


@dataclass(frozen=True, slots=True)
class SftpDetails:
    """Where SFTP answers; `ip` may be a host name."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """An address and port of a server; `is_default` marks the primary one."""

    id: int
    ip: str
    ip_alias: str | None
    port: int
    notes: str | None
    is_default: bool


@dataclass(frozen=True, slots=True)
class EggVariable:
    """A startup variable; `server_value` None: nothing stored, `default_value` applies."""

    name: str
    description: str
    env_variable: str
    default_value: str
    server_value: str | None
    is_editable: bool
    rules: str


@dataclass(frozen=True, slots=True)
class Egg:
    """The kind of game or program that a server runs."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A panel account as others see it; `created_at` is that of the account."""

    uuid: str
    username: str
    email: str
    image: str
    two_factor_enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subuser:
    """Somebody with access to a server; `created_at` is that of the account, not of the access."""

    uuid: str
    username: str
    email: str
    image: str
    two_factor_enabled: bool
    created_at: datetime
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """A server in the client API.

    `status` None: normal; it is not the power state, see `Stats.current_state`.

    `variables` None: withheld (no `startup.read`). `subusers` and `egg` None: not asked for, or withheld.
    """

    server_owner: bool
    identifier: str
    internal_id: int
    uuid: str
    name: str
    node: str
    is_node_under_maintenance: bool
    sftp: SftpDetails
    description: str
    limits: Limits
    invocation: str
    docker_image: str
    egg_features: tuple[str, ...]
    feature_limits: FeatureLimits
    status: str | None
    is_suspended: bool
    is_installing: bool
    is_transferring: bool
    allocations: tuple[Allocation, ...]
    variables: tuple[EggVariable, ...] | None
    egg: Egg | None
    subusers: tuple[Subuser, ...] | None

    @property
    def primary_allocation(self) -> Allocation | None:
        """The allocation that players connect to; None only if the panel named none."""
        return next((allocation for allocation in self.allocations if allocation.is_default), None)


@dataclass(frozen=True, slots=True)
class ServerView:
    """One server together with what the key's owner may do there; `*` stands for everything."""

    server: Server
    is_server_owner: bool
    user_permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """Usage of a server as the node saw it; the panel repeats it for 20 s.

    Traffic counts since the last start.
    """

    current_state: str  # offline, starting, running, stopping
    is_suspended: bool
    memory_bytes: int
    cpu_percent: float  # of one core; above 100 is normal
    disk_bytes: int
    network_rx_bytes: int
    network_tx_bytes: int
    uptime_ms: int


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One line of the activity log.

    `ip` only for the actor and admins; `actor` None: not asked for, or no person.
    """

    id: str
    event: str
    is_api: bool
    ip: str | None
    description: str | None
    properties: Mapping[str, Any]
    has_additional_metadata: bool
    timestamp: datetime
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of a client key."""

    id: int
    admin: bool
    username: str
    email: str
    first_name: str
    last_name: str
    language: str


@dataclass(frozen=True, slots=True)
class WebsocketCredentials:
    """A token for the node's socket, good for 10 minutes, and the address to use it at."""

    token: str = field(repr=False)
    socket: str


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission, spelt `control.console`, and the panel's sentence about it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """Permissions that share a first word, in the panel's order."""

    name: str
    description: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class AppSubuser:
    """Access of one person to one server, with the ids of the application API."""

    id: int
    user_id: int
    server_id: int
    permissions: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AppServer:
    """A server in the application API. `user`, `node`, `allocation`, `nest` and `egg` are database ids.

    Of the environment only the names are kept: the values may be passwords and tokens. `subusers` None: not
    asked for, or the key may not read users.
    """

    id: int
    external_id: str | None
    uuid: str
    identifier: str
    name: str
    description: str
    status: str | None
    is_suspended: bool
    limits: Limits
    feature_limits: FeatureLimits
    user: int
    node: int
    allocation: int
    nest: int
    egg: int
    startup_command: str
    image: str
    environment_names: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    subusers: tuple[AppSubuser, ...] | None


@dataclass(frozen=True, slots=True)
class AppUser:
    """A panel account in the application API. `servers` None: not asked for, or the key may not read them."""

    id: int
    external_id: str | None
    uuid: str
    username: str
    email: str
    first_name: str
    last_name: str
    language: str
    root_admin: bool
    two_factor_enabled: bool
    created_at: datetime
    updated_at: datetime
    servers: tuple[AppServer, ...] | None
