"""What the pages know of a server. Values of variables and the startup command are not kept: they may be secret."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import Allocation, Server
from portal.servers.rights import Rights, visible_allocations


@dataclass(frozen=True)
class Facts:
    """A server as the panel's server object says. Memory, swap and disk in MiB, 0 = unlimited."""

    uuid: str
    identifier: str
    internal_id: int
    name: str
    description: str
    node: str
    is_node_under_maintenance: bool
    sftp_host: str
    sftp_port: int
    memory_mib: int
    swap_mib: int
    disk_mib: int
    io: int
    cpu_percent: int
    threads: str | None
    databases: int | None
    allocations_limit: int | None
    backups: int
    docker_image: str
    status: str | None
    is_transferring: bool
    allocations: tuple[Allocation, ...]
    egg_features: tuple[str, ...] = ()
    """What the server's egg is known to ask for, in lower case (`portal/egg_features`)."""

    @property
    def primary(self) -> Allocation | None:
        """The allocation that players use."""
        return next((one for one in self.allocations if one.is_default), None)

    @property
    def address(self) -> str | None:
        """Where players connect: alias or address, and port."""
        return None if self.primary is None else address_of(self.primary)

    def seen_by(self, rights: Rights) -> Facts:
        """The facts without what the panel withholds from a viewer with these rights."""
        return replace(self, allocations=visible_allocations(self.allocations, rights))


def address_of(allocation: Allocation) -> str:
    """What players enter: alias or address, and port."""
    return place(allocation.ip_alias or allocation.ip, allocation.port)


def place(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def facts_of(server: Server) -> Facts:
    """The facts of a server object. Raises BadAnswer when its identifier is not the beginning of its uuid."""
    if server.identifier != server.uuid[:8]:
        raise BadAnswer("the identifier of another server", path="attributes.identifier")
    return Facts(
        uuid=server.uuid,
        identifier=server.identifier,
        internal_id=server.internal_id,
        name=server.name,
        description=server.description,
        node=server.node,
        is_node_under_maintenance=server.is_node_under_maintenance,
        sftp_host=server.sftp.ip,
        sftp_port=server.sftp.port,
        memory_mib=server.limits.memory_mib,
        swap_mib=server.limits.swap_mib,
        disk_mib=server.limits.disk_mib,
        io=server.limits.io,
        cpu_percent=server.limits.cpu_percent,
        threads=server.limits.threads,
        databases=server.feature_limits.databases,
        allocations_limit=server.feature_limits.allocations,
        backups=server.feature_limits.backups,
        docker_image=server.docker_image,
        status="suspended" if server.is_suspended else server.status,
        is_transferring=server.is_transferring,
        allocations=server.allocations,
        egg_features=tuple(dict.fromkeys(word.lower() for word in server.egg_features)),
    )
