"""What the application API is sent: full bodies, and beside each the changes that `update_*` takes.

The panel's PATCH replaces: what is absent there is cleared or reset. A body therefore has no defaults. In changes,
absent means "as it is" and None means null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from portal.pterodactyl.models.limits import FeatureLimits, Limits

Scheme = Literal["http", "https"]


@dataclass(frozen=True, slots=True)
class UserBody:
    """All of a panel account that can be read and written."""

    email: str
    username: str
    first_name: str
    last_name: str
    external_id: str | None
    language: str
    root_admin: bool


class UserChanges(TypedDict, total=False):
    """Some of `UserBody`."""

    email: str
    username: str
    first_name: str
    last_name: str
    external_id: str | None
    language: str
    root_admin: bool


@dataclass(frozen=True, slots=True)
class LocationBody:
    """All of a location."""

    short: str
    long: str | None


class LocationChanges(TypedDict, total=False):
    """Some of `LocationBody`."""

    short: str
    long: str | None


@dataclass(frozen=True, slots=True)
class NodeBody:
    """All of a node that the API takes; the description is not among it."""

    name: str
    location_id: int
    fqdn: str
    scheme: Scheme
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


class NodeChanges(TypedDict, total=False):
    """Some of `NodeBody`."""

    name: str
    location_id: int
    fqdn: str
    scheme: Scheme
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


@dataclass(frozen=True, slots=True)
class ServerDetails:
    """All of a server's details; `user` is the owner's id."""

    name: str
    user: int
    external_id: str | None
    description: str


class DetailChanges(TypedDict, total=False):
    """Some of `ServerDetails`."""

    name: str
    user: int
    external_id: str | None
    description: str


@dataclass(frozen=True, slots=True)
class ServerBuild:
    """All of what a server may use; units and meanings as in `Limits` and `FeatureLimits`."""

    allocation: int
    memory_mib: int
    swap_mib: int
    disk_mib: int
    io: int
    cpu_percent: int
    threads: str | None
    oom_disabled: bool
    databases: int | None
    allocations: int | None
    backups: int


class BuildChanges(TypedDict, total=False):
    """Some of `ServerBuild`."""

    allocation: int
    memory_mib: int
    swap_mib: int
    disk_mib: int
    io: int
    cpu_percent: int
    threads: str | None
    oom_disabled: bool
    databases: int | None
    allocations: int | None
    backups: int


@dataclass(frozen=True, slots=True)
class ServerStartup:
    """All of how a server is started. `skip_scripts` can be written, but never read."""

    startup: str
    egg: int
    image: str
    environment: Mapping[str, str] = field(repr=False)
    skip_scripts: bool


class StartupChanges(TypedDict, total=False):
    """Some of `ServerStartup`; of the environment, some variables."""

    startup: str
    egg: int
    image: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OnAllocations:
    """Where a new server goes: this address, and perhaps more of the same node. All must be free."""

    default: int
    additional: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deploy:
    """Where a new server goes: any public node with room in one of these locations; none named: in any.

    `port_range` are ports and ranges (`"25565"`, `"25570-25600"`); none named: any free port. `dedicated_ip`: an
    address that no other server has.
    """

    locations: tuple[int, ...] = ()
    port_range: tuple[str, ...] = ()
    dedicated_ip: bool = False


@dataclass(frozen=True, slots=True)
class NewServer:
    """All of a server that is to be made; `user` and `egg` are ids.

    `environment` needs a value for each variable of the egg: what is missing is stored empty, or refused. Of
    `feature_limits` a None becomes 0 here.
    """

    name: str
    user: int
    egg: int
    docker_image: str
    startup: str
    environment: Mapping[str, str] = field(repr=False)
    limits: Limits
    feature_limits: FeatureLimits
    place: OnAllocations | Deploy
    external_id: str | None
    description: str
    skip_scripts: bool
    start_on_completion: bool
