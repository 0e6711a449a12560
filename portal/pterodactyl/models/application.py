"""What the application API answers: accounts, servers, and where they run.

An int called `user`, `server`, `node`, `nest`, `egg` or `allocation` is a database id. What was asked for with
`include` stands beside it: lists under the panel's name (`subusers`), single things as `included_...`; None there: not
asked for, or the key may not read it, or there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from portal.pterodactyl.errors import PanelError
from portal.pterodactyl.models.eggs import AppEgg, AppNest, ServerVariable
from portal.pterodactyl.models.limits import FeatureLimits, Limits


@dataclass(frozen=True, slots=True)
class AppUser:
    """A panel account."""

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


@dataclass(frozen=True, slots=True)
class AppSubuser:
    """Access of one person to one server."""

    id: int
    user_id: int
    server_id: int
    permissions: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    included_user: AppUser | None = None
    included_server: AppServer | None = None


@dataclass(frozen=True, slots=True)
class AppServer:
    """A server; `internal_id` is what the application API calls it by, `identifier` what the client API does.

    Of the environment only the names are kept, as the values may be passwords and tokens: include `variables` for
    them.
    """

    internal_id: int
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
    allocations: tuple[AppAllocation, ...] | None = None
    variables: tuple[ServerVariable, ...] | None = None
    databases: tuple[AppDatabase, ...] | None = None
    included_user: AppUser | None = None
    included_node: AppNode | None = None
    included_location: AppLocation | None = None
    included_nest: AppNest | None = None
    included_egg: AppEgg | None = None


@dataclass(frozen=True, slots=True)
class AppLocation:
    """A place that nodes stand in."""

    id: int
    short: str
    long: str | None
    created_at: datetime
    updated_at: datetime
    nodes: tuple[AppNode, ...] | None = None
    servers: tuple[AppServer, ...] | None = None


@dataclass(frozen=True, slots=True)
class AppNode:
    """A machine that runs servers. Names need not be unique; `upload_size_mib` is for each file.

    An overallocation is a share in percent that may be given out beyond what there is; -1 switches the check off on the
    panel's pages, but where the panel itself chooses a node it means 99 % of what there is.
    `allocated_..._mib` is what the limits of its servers come to; one without limit counts 0.
    """

    id: int
    uuid: str
    name: str
    description: str | None
    location_id: int
    fqdn: str
    scheme: str
    public: bool
    behind_proxy: bool
    maintenance_mode: bool
    memory_mib: int
    memory_overallocate_percent: int
    disk_mib: int
    disk_overallocate_percent: int
    upload_size_mib: int
    daemon_listen: int
    daemon_sftp: int
    daemon_base: str
    allocated_memory_mib: int
    allocated_disk_mib: int
    created_at: datetime
    updated_at: datetime
    allocations: tuple[AppAllocation, ...] | None = None
    servers: tuple[AppServer, ...] | None = None
    included_location: AppLocation | None = None


@dataclass(frozen=True, slots=True)
class NodeConfiguration:
    """What Wings on a node is set up with. Whoever has `token` is master of the node."""

    uuid: str
    token_id: str = field(repr=False)
    token: str = field(repr=False)
    remote: str
    is_debug: bool
    api_host: str
    api_port: int
    is_ssl: bool
    ssl_certificate: str
    ssl_key: str
    upload_limit_mib: int
    data_folder: str
    sftp_port: int
    allowed_mounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppAllocation:
    """An address and port of a node; `assigned`: a server has it."""

    id: int
    ip: str
    alias: str | None
    port: int
    notes: str | None
    assigned: bool
    included_node: AppNode | None = None
    included_server: AppServer | None = None


@dataclass(frozen=True, slots=True)
class DatabaseHost:
    """Where databases are made; only seen as `included_host`."""

    id: int
    name: str
    host: str
    port: int
    username: str
    node: int | None
    created_at: datetime
    updated_at: datetime
    databases: tuple[AppDatabase, ...] | None = None


@dataclass(frozen=True, slots=True)
class AppDatabase:
    """A server's database; `remote` is from where it may be used, `%` for everywhere.

    `max_connections` None or 0: no limit. `password` None: not asked for.
    """

    id: int
    server: int
    host: int
    database: str
    username: str
    remote: str
    max_connections: int | None
    created_at: datetime
    updated_at: datetime
    password: str | None = field(default=None, repr=False)
    included_host: DatabaseHost | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """What came of one server that was to be made: the server, or why there is none.

    `is_new` False: a server with this external id was there before; None: the answer was lost.
    Both `server` and `error` (OutcomeUnknown): it was seen, but the panel may be about to take it back; look again.
    """

    external_id: str
    location: int | None
    server: AppServer | None
    is_new: bool | None
    error: PanelError | None
