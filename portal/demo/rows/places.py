"""Where servers run: locations, nodes, database hosts."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class Location:
    id: int
    short: str
    long: str | None
    created_at: float
    updated_at: float


@dataclass(eq=False)
class Node:
    """The last two are the machine's own, no columns of the panel's: where it listens and which token it knows, None as
    long as that is what the columns say.
    """

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
    dialled_port: int | None = None
    listens_at: tuple[str, str, int] | None = None
    configured_token: str | None = None

    @property
    def address(self) -> tuple[str, str, int]:
        """Scheme, host and port by the panel's columns."""
        return self.scheme, self.fqdn, self.daemon_listen

    @property
    def connection_address(self) -> str:
        """`dialled_port`, no column of the panel's, is where the demo listens for a node whose row says another."""
        return f"{self.scheme}://{self.fqdn}:{self.dialled_port or self.daemon_listen}"


@dataclass(eq=False)
class DatabaseHost:
    """Where databases of servers are made; without a node it serves none in particular."""

    id: int
    name: str
    host: str
    port: int
    username: str
    created_at: float
    updated_at: float
    node: Node | None = None
    max_databases: int | None = None
