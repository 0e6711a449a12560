"""One machine that runs Wings: what its HTTP, its sockets and its background work share."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.demo.clock import Clock
from portal.demo.jobs import Jobs
from portal.demo.seed import Chance
from portal.demo.storage import Storage
from portal.demo.wings.process import Process
from portal.demo.world import Node, Server, World

if TYPE_CHECKING:
    from portal.demo.remote import Remote


@dataclass
class WingsConfig:
    """As in Wings' `config.yml`; `work_seconds` is how long installing, backing up and restoring take here."""

    app_name: str = "Pterodactyl"
    allowed_origins: list[str] = field(default_factory=list)
    websocket_log_count: int = 150
    work_seconds: float = 1.5


@dataclass(eq=False)
class WingsNode:
    """`processes` by server uuid; `panel_url` gives what the configuration calls `remote`, the panel's own address."""

    row: Node
    world: World
    processes: dict[str, Process]
    remote: Remote
    clock: Clock
    jobs: Jobs
    chance: Chance
    storage: Storage
    panel_url: Callable[[], str]
    config: WingsConfig = field(default_factory=WingsConfig)
    booted_at: float = 0.0

    def __post_init__(self) -> None:
        self.booted_at = self.clock.now()

    def find(self, uuid: str) -> tuple[Server, Process] | None:
        """A server of this node by its full uuid."""
        server = next((server for server in self.world.servers_of(self.row) if server.uuid == uuid), None)
        return None if server is None else (server, self.processes[uuid])

    def later(self, job: Callable[[], None], seconds: float | None = None) -> None:
        """Do it when the work's usual time is over."""
        self.jobs.after(self.config.work_seconds if seconds is None else seconds, job)
