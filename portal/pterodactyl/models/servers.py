"""Servers in the client API, their usage and the way to their console."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from portal.pterodactyl.models.limits import FeatureLimits, Limits
from portal.pterodactyl.models.network import Allocation
from portal.pterodactyl.models.startup import EggVariable
from portal.pterodactyl.models.subusers import Subuser

PowerSignal = Literal["start", "stop", "restart", "kill"]
ServerType = Literal["owner", "admin", "admin-all"]
ServerFilter = Literal["uuid", "name", "description", "external_id", "*"]
ServerInclude = Literal["egg", "subusers"]


@dataclass(frozen=True, slots=True)
class SftpDetails:
    """Where SFTP answers; `ip` may be a host name."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Egg:
    """The kind of game or program that a server runs."""

    uuid: str
    name: str


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
    invocation: str = field(repr=False)  # may hold the values of variables
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
class WebsocketCredentials:
    """A token for the node's socket, good for 10 minutes, and the address to use it at."""

    token: str = field(repr=False)
    socket: str
