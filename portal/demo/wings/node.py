"""One machine that runs Wings: what its HTTP, its sockets and its background work share."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from portal.demo.clock import Clock
from portal.demo.jobs import Jobs
from portal.demo.object_store import ObjectStore
from portal.demo.seed import Chance
from portal.demo.storage import Storage
from portal.demo.wings.configuration import configuration_of
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.process import Process
from portal.demo.wings.sockets import SocketFaults, Sockets
from portal.demo.wings.tokens import SpentTokens
from portal.demo.world import Node, Server, World

if TYPE_CHECKING:
    from portal.demo.remote import Remote
    from portal.demo.wings.pulls import Pull

_UP_BEFORE_SECONDS = 30 * 86400


@dataclass
class WingsConfig:
    """As in Wings' `config.yml`; `work_seconds` is how long installing, backing up and restoring take here.

    The stand-in reaches no other machine: files are pulled only from `pull_hosts` (`host` or `host:port`), which may
    be on the loopback interface.
    With `ignores_updates` (`ignore_panel_config_updates`) it keeps what it has when the panel sends a configuration.
    With `backup_event_has_suffix` the event of a finished backup is named as later versions do, with the uuid.
    """

    app_name: str = "Pterodactyl"
    allowed_origins: list[str] = field(default_factory=list)
    websocket_log_count: int = 150
    pulls_enabled: bool = True
    pull_hosts: list[str] = field(default_factory=list)
    backup_event_has_suffix: bool = False
    work_seconds: float = 1.5
    loses_events: bool = False
    ignores_updates: bool = False


@dataclass(eq=False)
class WingsNode:
    """`processes` by server uuid; `panel_url` gives what the configuration calls `remote`, the panel's own address.

    `denied` are the `jti` of tokens with the moment from which on they count no more.
    """

    row: Node
    world: World
    processes: dict[str, Process]
    remote: Remote
    clock: Clock
    jobs: Jobs
    chance: Chance
    storage: Storage
    panel_url: Callable[[], str]
    objects: ObjectStore
    config: WingsConfig = field(default_factory=WingsConfig)
    socket_faults: SocketFaults = field(default_factory=SocketFaults)
    denied: dict[str, float] = field(default_factory=dict)
    spent_tokens: SpentTokens = field(default_factory=SpentTokens)
    pulls: list[Pull] = field(default_factory=list)
    booted_at: float = 0.0
    other_key: str | None = None

    def __post_init__(self) -> None:
        self.booted_at = self.clock.now() - _UP_BEFORE_SECONDS
        self.sockets = Sockets(self.clock)
        for server in self.world.servers_of(self.row):
            if server.uuid in self.processes:
                self._take_over(server, self.processes[server.uuid])

    @property
    def key(self) -> str:
        """The node's own idea of its secret, `other_key` where it is not the panel's: for its calls and its tokens."""
        return self.other_key or self.row.configured_token or self.row.daemon_token

    def scratch_file(self) -> BinaryIO:
        """On the node's disk, outside of every server's folder; gone when it is closed."""
        return cast(BinaryIO, tempfile.TemporaryFile(dir=self.storage.folder("scratch")))

    def find(self, uuid: str) -> tuple[Server, Process] | None:
        """A server of this node by its full uuid."""
        server = self._row_of(uuid)
        process = self.processes.get(uuid)
        return None if server is None or process is None else (server, process)

    def create(self, uuid: str) -> tuple[Server, Process] | None:
        """A process for a server that the panel knows; None when it does not."""
        server = self._row_of(uuid)
        if server is None:
            return None
        if uuid not in self.processes:
            self.processes[uuid] = Process(self.clock, files=Filesystem(self.storage, uuid, {}, self.clock))
            self._take_over(server, self.processes[uuid])
        return server, self.processes[uuid]

    def tick(self) -> None:
        """The pulse: whatever is due in jobs, processes and sockets."""
        self.jobs.run_due()
        for server in self.world.servers_of(self.row):
            process = self.processes.get(server.uuid)
            if process is not None:
                process.tick()
        self.sockets.tick()

    def restart(self) -> None:
        """Wings begins anew: sockets are cut, what it kept in memory is gone; the servers run on."""
        self.booted_at = self.clock.now()
        self.denied.clear()
        self.spent_tokens = SpentTokens()
        self.pulls.clear()
        self.sockets.drop()

    def _row_of(self, uuid: str) -> Server | None:
        return next((server for server in self.world.servers_of(self.row) if server.uuid == uuid), None)

    def _take_over(self, server: Server, process: Process) -> None:
        process.read_configuration = lambda: configuration_of(server, self.config.app_name)
        if server.is_transferring:
            process.busy_with = "transferring"
        elif server.status == "restoring_backup":
            process.busy_with = "restoring"

    def later(self, job: Callable[[], None], seconds: float | None = None) -> None:
        """Do it when the work's usual time is over."""
        self.jobs.after(self.config.work_seconds if seconds is None else seconds, job)
