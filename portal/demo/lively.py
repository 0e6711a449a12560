"""The world that the demo shows without a fixture: many servers of every kind and in every state."""
from __future__ import annotations

from portal.demo import lively_files
from portal.demo.activity import ActivityWriter
from portal.demo.builder import ALLOW_EVERYTHING, ALLOW_READING, Builder, usual_files
from portal.demo.clock import Clock
from portal.demo.config import PanelConfig
from portal.demo.demo import Demo
from portal.demo.lively_data import OTHER_SERVERS, OWNER_SERVERS, SHARES, SOLO_SERVERS, ServerSeed
from portal.demo.seed_data import EGGS
from portal.demo.wings.usage import MIB, Profile
from portal.demo.world import Egg, Node, Server, User

PASSWORD = "Correct-Horse-9"  # noqa: S105 - everybody's, in a demo on the loopback interface
_PEOPLE = (
    ("admin", "Ada", "Admin", True), ("owner", "Owen", "Owner", False), ("subuser", "Sue", "Subuser", False),
    ("stranger", "Stan", "Stranger", False), ("service", "Roost", "Service", True), ("solo", "Sol", "Single", False),
    ("harriet", "Harriet", "Harbour", False), ("mika", "Mika", "Mason", False),
)
_WITHOUT_KEY = ("harriet", "mika")
_UNLIMITED_MEMORY_MIB = 6144
_UNLIMITED_DISK_MIB = 30720
_UNLIMITED_CPU = 300
_HOUR = 3600.0
_AGE_SECONDS = 240 * 24 * _HOUR


class _LivelyWorld:
    def __init__(self, clock: Clock, seed: int) -> None:
        self.make = Builder(clock, seed)
        self.make.now -= _AGE_SECONDS
        self.people: dict[str, User] = {}
        self.nodes: dict[str, Node] = {}
        self.eggs: dict[str, Egg] = {}
        self.activity = ActivityWriter(self.make.world, clock)

    def build(self) -> None:
        self._people()
        self._nodes()
        self.eggs = {name: self.make.egg(egg) for name, egg in EGGS.items()}
        owner = self.people["owner"]
        servers = {seed.name: self._server(seed, owner) for seed in OWNER_SERVERS}
        self._servers_of("solo", SOLO_SERVERS)
        self._servers_of("harriet", OTHER_SERVERS)
        for name, permissions in SHARES.items():
            self._share(servers[name], self.people["subuser"], permissions)
        self._share(servers["Survival SMP"], self.people["mika"], ["control.console", "control.start"])
        self._vars(servers["Survival SMP"])

    def _people(self) -> None:
        for name, first_name, last_name, is_admin in _PEOPLE:
            user = self.make.user(username=name, email=f"{name}@example.com", first_name=first_name,
                                  last_name=last_name, root_admin=is_admin, password=PASSWORD)
            self.people[name] = user
            if name not in _WITHOUT_KEY:
                self.make.key(name, user, f"Key of {first_name}")
        admin = self.people["admin"]
        self.make.key("application", admin, "Everything", ALLOW_EVERYTHING)
        self.make.key("application_ro", admin, "Only reading", ALLOW_READING)

    def _nodes(self) -> None:
        europe = self.make.location("eu", "Frankfurt, Germany")
        america = self.make.location("us", "New York, United States")
        for name, location, values in (
            ("fra-1", europe, {"memory": 262144, "disk": 2_000_000}),
            ("fra-2", europe, {"memory": 65536, "disk": 500_000, "maintenance_mode": True}),
            ("nyc-1", america, {"memory": 65536, "disk": 500_000, "description": "Its daemon does not answer"}),
        ):
            self.nodes[name] = self.make.node(name, location, f"{name}.example.com", scheme="https", **values)
        self.make.database_host("mysql-eu", "192.0.2.50", 3306, self.nodes["fra-1"])

    def _servers_of(self, person: str, seeds: tuple[ServerSeed, ...]) -> None:
        for seed in seeds:
            self._server(seed, self.people[person])

    def _server(self, seed: ServerSeed, owner: User) -> Server:
        node = self.nodes[seed.node]
        address = f"192.0.2.{10 + node.id}"
        ports = (seed.port, *seed.extra_ports)
        allocations = [self.make.allocation(node, address, port, seed.ip_alias) for port in ports]
        egg = self.eggs[seed.egg]
        panel = {"files": lively_files.of(seed.name, usual_files(egg))} | seed.panel
        server = self.make.server(
            seed.name, owner, egg, allocations, description=seed.description,
            profile=self._profile(seed), limits=seed.limits, feature_limits=seed.feature_limits, **panel)
        process = self.make.scene.processes[server.uuid]
        if seed.state == "starting":
            process.run_since(1.0)
        elif seed.state == "running":
            process.run_since(seed.up_hours * _HOUR)
        return server

    def _profile(self, seed: ServerSeed) -> Profile:
        """Shares of the limits, or of something sensible where there are none."""
        usual = {
            "start_seconds": 4.0,
            "stop_seconds": 3.0,
            "cpu_percent": (seed.cpu or _UNLIMITED_CPU) * seed.load,
            "memory_bytes": int((seed.memory or _UNLIMITED_MEMORY_MIB) * MIB * min(0.25 + seed.load, 0.9)),
            "disk_bytes": int((seed.disk or _UNLIMITED_DISK_MIB) * MIB * seed.filled),
            "disk_growth": 25.0,
            "rx_rate": 2_500.0 * (0.2 + seed.load),
            "tx_rate": 11_000.0 * (0.2 + seed.load),
            "phase": self.make.seed.fraction(f"phase/{seed.name}"),
        }
        return Profile(**{**usual, **seed.profile})

    def _share(self, server: Server, user: User, permissions: list[str]) -> None:
        subuser = self.make.subuser(server, user, permissions)
        self.activity.log("server:subuser.create", server.owner, (server, user), ip="198.51.100.7", is_api=False,
                          properties={"email": user.email, "permissions": list(subuser.permissions)})

    def _vars(self, server: Server) -> None:
        values = self.make.scene.vars
        values |= {"server": server.identifier, "server_uuid": server.uuid, "server_id": server.id}
        for name, user in self.people.items():
            values |= {f"{name}_id": user.id, f"{name}_uuid": user.uuid, f"{name}_email": user.email,
                       f"{name}_password": user.password}


def lively_demo(clock: Clock, seed: int, per_minute: dict[str, int]) -> Demo:
    lively = _LivelyWorld(clock, seed)
    lively.build()
    return Demo(lively.make.scene, clock, per_minute, PanelConfig(), dead_nodes=[lively.nodes["nyc-1"].uuid])
