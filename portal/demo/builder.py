"""Makes rows of a world one after the other, with ids and opaque values that follow from the seed."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.demo.clock import Clock
from portal.demo.keys import IDENTIFIER_LENGTH, SECRET_LENGTH
from portal.demo.seed import Seed
from portal.demo.seed_data import NEST_AUTHOR, NESTS, EggSeed
from portal.demo.storage import Storage
from portal.demo.wings.filesystem import Filesystem, Firsts
from portal.demo.wings.process import Process
from portal.demo.wings.usage import Profile
from portal.demo.world import (
    READ,
    RESOURCES,
    WRITE,
    Allocation,
    ApiKey,
    DatabaseHost,
    Egg,
    EggVariable,
    Location,
    Nest,
    Node,
    Server,
    Subuser,
    User,
    World,
)

ALLOW_EVERYTHING = dict.fromkeys(RESOURCES, READ | WRITE)
ALLOW_READING = dict.fromkeys(RESOURCES, READ)
_BUSY = ("installing", "restoring_backup")


@dataclass
class Scene:
    """A world, what runs on its nodes (by server uuid) and on which disk, and what a world file says about it."""

    world: World
    seed: int = 1
    storage: Storage = field(default_factory=Storage)
    processes: dict[str, Process] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    vars: dict[str, Any] = field(default_factory=dict)


class Builder:
    def __init__(self, clock: Clock, seed: int) -> None:
        self.clock = clock
        self.seed = Seed(seed)
        self.world = World()
        self.scene = Scene(self.world, seed)
        self.now = clock.now()

    def user(self, **values: Any) -> User:
        user = User(id=self.world.next_id("users"), uuid=self.seed.uuid(f"user/{values['username']}"),
                    created_at=self.now, updated_at=self.now, **values)
        self.world.users.append(user)
        return user

    def key(self, name: str, user: User, description: str, grants: dict[str, int] | None = None) -> ApiKey:
        """Known by `name` in the world file; with grants an application key."""
        prefix = "ptlc_" if grants is None else "ptla_"
        key = ApiKey(
            identifier=prefix + self.seed.text(f"key/{name}", IDENTIFIER_LENGTH - len(prefix)),
            secret=self.seed.text(f"secret/{name}", SECRET_LENGTH),
            user=user, description=description, created_at=self.now,
            grants=None if grants is None else dict(grants),
        )
        self.world.api_keys.append(key)
        self.scene.keys[name] = key.plain_text
        return key

    def location(self, short: str, long: str | None) -> Location:
        location = Location(self.world.next_id("locations"), short, long, self.now, self.now)
        self.world.locations.append(location)
        return location

    def node(self, name: str, location: Location, fqdn: str, **values: Any) -> Node:
        label = f"node/{name}"
        node = Node(id=self.world.next_id("nodes"), uuid=self.seed.uuid(label), name=name, location=location,
                    fqdn=fqdn, daemon_token_id=self.seed.text(f"{label}/id", 16),
                    daemon_token=self.seed.text(label, 64), created_at=self.now, updated_at=self.now, **values)
        self.world.nodes.append(node)
        return node

    def database_host(self, name: str, host: str, port: int, node: Node | None) -> DatabaseHost:
        row = DatabaseHost(self.world.next_id("database_hosts"), name, host, port, "pterodactyluser", self.now,
                           self.now, node)
        self.world.database_hosts.append(row)
        return row

    def allocation(self, node: Node, ip: str, port: int, ip_alias: str | None = None) -> Allocation:
        allocation = Allocation(self.world.next_id("allocations"), node, ip, port, ip_alias)
        self.world.allocations.append(allocation)
        return allocation

    def egg(self, seed: EggSeed) -> Egg:
        egg = Egg(
            id=self.world.next_id("eggs"), uuid=self.seed.uuid(f"egg/{seed.name}"), nest=self._nest(seed.nest),
            name=seed.name, author=seed.author, description=seed.description or None, startup=seed.startup,
            docker_images=dict(seed.docker_images), created_at=self.now, updated_at=self.now,
            features=None if seed.features is None else list(seed.features),
            config_files=dict(seed.config_files or {}), config_startup={"done": seed.done}, config_stop=seed.stop,
            script_container=seed.script_container, script_entry=seed.script_entry,
            variables=[EggVariable(id=self.world.next_id("egg_variables"), **vars(variable))
                       for variable in seed.variables],
        )
        self.world.eggs.append(egg)
        return egg

    def _nest(self, name: str) -> Nest:
        for nest in self.world.nests:
            if nest.name == name:
                return nest
        nest = Nest(self.world.next_id("nests"), self.seed.uuid(f"nest/{name}"), name, NEST_AUTHOR, NESTS.get(name),
                    self.now, self.now)
        self.world.nests.append(nest)
        return nest

    def server(self, name: str, owner: User, egg: Egg, allocations: list[Allocation], *,
               profile: Profile | None = None, files: Firsts | None = None, image: str | None = None,
               description: str = "", **values: Any) -> Server:
        """The first allocation becomes the primary one; the node is its node."""
        server_id = self.world.next_id("servers")
        server = Server(
            id=server_id, uuid=self.seed.uuid(f"server/{server_id}"), name=name, description=description, owner=owner,
            node=allocations[0].node, allocation=allocations[0], egg=egg, startup=egg.startup,
            image=image or next(iter(egg.docker_images.values())), created_at=self.now, updated_at=self.now, **values,
        )
        for allocation in allocations:
            allocation.server = server
        for variable in egg.variables:
            server.server_values.setdefault(variable.env_variable, variable.default_value)
        self.world.servers.append(server)
        first = usual_files(egg) if files is None else files
        self.scene.processes[server.uuid] = Process(
            self.clock, profile, Filesystem(self.scene.storage, server.uuid, first, self.clock),
            is_suspended=server.is_suspended, is_busy=server.status in _BUSY or server.is_transferring)
        return server

    def subuser(self, server: Server, user: User, permissions: list[str]) -> Subuser:
        """`websocket.connect` is appended where it is missing, as the panel does."""
        granted = [*permissions, *([] if "websocket.connect" in permissions else ["websocket.connect"])]
        subuser = Subuser(self.world.next_id("subusers"), user, server, granted, self.now, self.now)
        server.subusers.append(subuser)
        return subuser


def usual_files(egg: Egg) -> Firsts:
    """What somebody has done already: a game with a licence to agree to would not start without."""
    return {"/eula.txt": b"eula=true\n"} if "eula" in (egg.features or ()) else {}
