"""One running stand-in: the panel, its nodes, and what a test or the command line may turn."""
from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from portal.demo import application, client
from portal.demo.activity import ActivityWriter
from portal.demo.builder import Scene
from portal.demo.cache import Cache
from portal.demo.clock import Clock
from portal.demo.conditions import CONDITIONS
from portal.demo.config import PanelConfig
from portal.demo.http import Request
from portal.demo.jobs import Jobs
from portal.demo.limits import RateLimiter
from portal.demo.link import Fault, Link
from portal.demo.panel import Panel, Services
from portal.demo.remote import Remote
from portal.demo.seed import Chance
from portal.demo.turn import Turn
from portal.demo.wings.daemon import Daemon
from portal.demo.wings.node import WingsNode
from portal.demo.world import Server


@dataclass(frozen=True)
class Call:
    """One answered request; `at` in unix seconds, `key_owner` None when no key was recognised."""

    at: float
    method: str
    path: str
    query: str
    key_owner: str | None
    status: int


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
        self.calls: list[Call] = []
        self.limiter = RateLimiter(clock, per_minute)
        self.jobs = Jobs(clock)
        self.chance = Chance(scene.seed)
        activity = ActivityWriter(self.world, clock)
        remote = Remote(self.world, clock, activity)
        self.nodes = {node.uuid: WingsNode(node, self.world, self.processes, remote, clock, self.jobs, self.chance,
                                           scene.storage, lambda: self.base) for node in self.world.nodes}
        self.daemons = {uuid: Daemon(node) for uuid, node in self.nodes.items()}
        turn = Turn()
        self.link = Link(clock, self.daemons, dict.fromkeys(dead_nodes, Fault.NOTHING_LISTENS), turn)
        services = Services(self.world, clock, self.link, self.limiter, activity, Cache(clock), self.jobs,
                            self.chance, config, turn)
        self.panel = Panel(services, (client.API, application.API))
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
        self._turned.close()
        self.condition = name
        if name is not None:
            CONDITIONS[name](self, self._turned)

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.latency:
            self.clock.sleep(self.latency)
        self.jobs.run_due()
        request = Request(environ)
        response, key = self.panel.answer(request)
        self.calls.append(Call(
            at=self.clock.now(), method=request.method, path=f"/{request.raw_path}", query=request.query_string,
            key_owner=key.user.username if key else None, status=response.status_code,
        ))
        return response(environ, start_response)

    def world_file(self) -> dict[str, Any]:
        return {"base": self.base, "keys": self.keys, "vars": self.vars}
