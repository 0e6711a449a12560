"""One running stand-in: the panel, its nodes, and what a test or the command line may turn."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from portal.demo import application, client, minutely
from portal.demo.activity import ActivityWriter
from portal.demo.builder import Scene
from portal.demo.cache import Cache
from portal.demo.calls import Call, Calls
from portal.demo.clock import Clock
from portal.demo.conditions import CONDITIONS
from portal.demo.config import PanelConfig
from portal.demo.faults.exchange import Tools
from portal.demo.faults.knobs import Knobs
from portal.demo.faults.layer import FaultLayer
from portal.demo.faults.sockets import SocketSwitches
from portal.demo.http import Request
from portal.demo.jobs import PATIENCE_SECONDS, Jobs
from portal.demo.limits import RateLimiter
from portal.demo.link import Fault, Link
from portal.demo.mailbox import Mailbox
from portal.demo.object_store import ObjectStore
from portal.demo.panel import Panel, Services
from portal.demo.remote import Remote
from portal.demo.seed import Chance, Seed
from portal.demo.snapshot import Snapshot
from portal.demo.turn import Turn
from portal.demo.wings.daemon import Daemon
from portal.demo.wings.front import NodeFront
from portal.demo.wings.node import WingsNode
from portal.demo.world import Server


class Demo:
    """`dead_nodes` are the uuids of nodes whose daemon never answers; `latency` in seconds."""

    def __init__(self, scene: Scene, clock: Clock, per_minute: dict[str, int], config: PanelConfig, *,
                 dead_nodes: Iterable[str] = (), latency: float = 0.0) -> None:
        self.clock = clock
        self.world = scene.world
        self.processes = scene.processes
        self.keys = scene.keys
        self.vars = scene.vars
        self.latency = latency
        self.mailbox = Mailbox(clock.now)
        self.log = Calls()
        self.calls: list[Call] = self.log.panel
        self.on_change: list[Callable[[], None]] = []
        self.addresses: dict[str, str] = {}
        self.go_away: Callable[[float], None] | None = None
        self.control: Callable[[dict[str, Any], Any], Iterable[bytes] | None] | None = None
        self.limiter = RateLimiter(clock, per_minute)
        self.jobs = Jobs(clock)
        self.chance = Chance(scene.seed)
        self.objects = ObjectStore(scene.storage, clock, Seed(scene.seed).text("object store", 40))
        activity = ActivityWriter(self.world, clock)
        remote = Remote(self.world, clock, activity)
        self.nodes = {node.uuid: WingsNode(node, self.world, self.processes, remote, clock, self.jobs, self.chance,
                                           scene.storage, lambda: self.base, self.objects) for node in self.world.nodes}
        self.daemons = {uuid: Daemon(node) for uuid, node in self.nodes.items()}
        self.config = config
        self.turn = turn = Turn()
        self.snapshots: dict[str, Snapshot] = {}
        tools = Tools(self.world, clock, turn)
        self.knobs = Knobs(scene.seed, self._tell)
        self.fronts: dict[str, FaultLayer] = {}
        self.link = Link(clock, self.fronts, dict.fromkeys(dead_nodes, Fault.NOTHING_LISTENS), turn)
        for uuid, daemon in self.daemons.items():
            self.fronts[uuid] = FaultLayer(NodeFront(daemon, self.link), "node", self.knobs, self.log, tools,
                                           daemon.node.row.name)
        self.on_change.append(SocketSwitches(self.knobs, self.nodes.values()).follow)
        self.store = FaultLayer(self.objects, "store", self.knobs, self.log, tools)
        self._front = FaultLayer(self._answer, "panel", self.knobs, self.log, tools)
        services = Services(self.world, clock, self.link, self.limiter, activity, Cache(clock), self.jobs,
                            self.chance, config, turn, self.objects)
        self.panel = Panel(services, (client.API, application.API))
        minutely.begin(services)
        self.base = "http://127.0.0.1"
        self.condition: str | None = None
        self._turned = ExitStack()

    @property
    def base(self) -> str:
        """The panel's own idea of its address, `APP_URL`."""
        return self.panel.services.app_url

    @base.setter
    def base(self, address: str) -> None:
        self.panel.services.app_url = address.rstrip("/")

    @property
    def main_server(self) -> Server:
        """The one that conditions of a single server act on: the world file's `server`, else the first."""
        named = self.vars.get("server")
        return next((server for server in self.world.servers if server.identifier == named), self.world.servers[0])

    def set_condition(self, name: str | None) -> None:
        """Ends the condition there is, then begins that one; None means that all is well."""
        if name is not None and name not in CONDITIONS:
            raise ValueError(f"{name} is no condition; known are {', '.join(CONDITIONS)}")
        self._switch(name)
        self._tell()

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The control API, where it is switched on, else the panel behind its knobs."""
        answer = self.control(environ, start_response) if self.control else None
        return self._front(environ, start_response) if answer is None else answer

    def pulse(self) -> None:
        """What is due; a demo that is served does it all the time."""
        self.jobs.run_due()
        for node in self.nodes.values():
            node.tick()

    def take_snapshot(self, name: str) -> None:
        """Remember the panel's rows as they are, less the condition that they are under."""
        with self.turn, self._all_well():
            self.snapshots[name] = Snapshot(self.world, self.processes)

    def rewind(self, name: str) -> None:
        """The rows as they were; raises KeyError.  The condition goes on."""
        snapshot = self.snapshots[name]
        with self.turn, self._all_well():
            snapshot.put_back(self.processes)

    def world_file(self) -> dict[str, Any]:
        """`nodes` are those that are served, by name."""
        return {"base": self.base, "keys": self.keys, "vars": self.vars, "nodes": self.addresses}

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.latency:
            self.clock.sleep(self.latency)
        self.jobs.run_due(PATIENCE_SECONDS)
        response, _ = self.panel.answer(Request(environ))
        return response(environ, start_response)

    def _switch(self, name: str | None) -> None:
        self._turned.close()
        self.condition = name
        if name is not None:
            CONDITIONS[name](self, self._turned)

    @contextmanager
    def _all_well(self) -> Iterator[None]:
        name = self.condition
        self._switch(None)
        try:
            yield
        finally:
            self._switch(name)

    def _tell(self) -> None:
        for listener in list(self.on_change):
            listener()
