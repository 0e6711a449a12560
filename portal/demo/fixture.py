"""Reads a world from data in the format of the recordings' fixture: any names, people, limits and ports."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.demo.activity import ActivityWriter
from portal.demo.builder import ALLOW_EVERYTHING, ALLOW_READING, Builder, Scene
from portal.demo.clock import Clock
from portal.demo.fixture_vars import resolve_vars
from portal.demo.seed_data import EGGS, EggSeed, VariableSeed
from portal.demo.stock import STOCK
from portal.demo.wings.filesystem import Firsts
from portal.demo.world import Allocation, Egg, FeatureLimits, Limits, Location, User

_NODE_FIELDS = ("scheme", "behind_proxy", "memory", "memory_overallocate", "disk", "disk_overallocate", "upload_size",
                "daemon_listen", "daemon_sftp", "daemon_base", "maintenance_mode", "description", "public")
_LOOPBACK = "127.0.0.1"


class FixtureReader:
    def __init__(self, data: dict[str, Any], clock: Clock, seed: int) -> None:
        self._data = data
        self._make = Builder(clock, seed)
        self._people: dict[str, User] = {}
        self._activity = ActivityWriter(self._make.world, clock)

    def read(self) -> Scene:
        for person in self._data["users"]:
            self._people[person["as"]] = self._user(person)
        locations = {place["short"]: self._make.location(place["short"], place.get("long"))
                     for place in self._data["locations"]}
        for node in self._data["nodes"]:
            self._node(node, locations)
        for host in self._data.get("database_hosts", []):
            self._database_host(host)
        egg = self._egg(_egg_seed(self._data["egg"]))
        for server in self._data["servers"]:
            self._server(server, egg)
        for name, about in self._data["keys"].items():
            self._key(name, about)
        scene = self._make.scene
        scene.vars = resolve_vars(self._data, scene, self._people)
        return scene

    def _user(self, person: dict[str, Any]) -> User:
        return self._make.user(
            username=person["username"], email=person["email"], first_name=person["first_name"],
            last_name=person["last_name"], root_admin=person.get("root_admin", False),
            password=person.get("password", ""),
        )

    def _node(self, data: dict[str, Any], locations: dict[str, Location]) -> None:
        values = {name: data[name] for name in _NODE_FIELDS if name in data}
        node = self._make.node(data["name"], locations[data["location"]], data["fqdn"], **values)
        blocks = data["allocations"]
        for block in blocks if isinstance(blocks, list) else [blocks]:
            for port in block["ports"]:
                self._make.allocation(node, block["ip"], port, block.get("ip_alias"))

    def _egg(self, own: EggSeed) -> Egg:
        """Between those that a panel comes with, if it is one of them."""
        if not any((seed.name, seed.nest) == (own.name, own.nest) for seed in STOCK):
            return self._make.egg(own)
        made = [self._make.egg(own if seed.name == own.name else seed) for seed in STOCK]
        return next(egg for egg in made if egg.name == own.name)

    def _database_host(self, data: dict[str, Any]) -> None:
        node = next((node for node in self._make.world.nodes if node.name == data.get("node")), None)
        self._make.database_host(data["name"], data["host"], data["port"], node)

    def _server(self, data: dict[str, Any], egg: Egg) -> None:
        defaults = self._data.get("server_defaults", {})
        ports = [data["port"], *data.get("extra_ports", [])]
        owner = self._people[data["owner"]]
        server = self._make.server(
            data["name"], owner, egg, [self._free_allocation(port, data.get("node")) for port in ports],
            description=data.get("description", ""),
            image=data.get("docker_image") or defaults.get("docker_image") or self._usual_image(egg),
            files=self._files(),
            limits=Limits(**{**defaults.get("limits", {}), **data.get("limits", {})}),
            feature_limits=FeatureLimits(**data.get("feature_limits", {})),
            status=data.get("status"),
            external_id=data.get("external_id"),
            server_values={**defaults.get("environment", {}), **data.get("environment", {})},
        )
        for share in data.get("subusers", []):
            subuser = self._make.subuser(server, self._people[share["user"]], share["permissions"])
            self._activity.log("server:subuser.create", owner, (server, subuser.user), ip=_LOOPBACK, properties={
                "email": subuser.user.email, "permissions": list(subuser.permissions)})

    def _free_allocation(self, port: int, node: str | None) -> Allocation:
        return next(allocation for allocation in self._make.world.allocations
                    if allocation.port == port and allocation.server is None and node in (None, allocation.node.name))

    def _usual_image(self, egg: Egg) -> str | None:
        """The image that the variables name, if it is one of the egg's."""
        named = self._data["vars"].get("docker_image")
        return named if named in egg.docker_images.values() else None

    def _files(self) -> Firsts:
        described: dict[str, str | None] = self._data.get("files_of_every_server", {})
        return {"/" + path.strip("/"): None if text is None else text.encode() for path, text in described.items()}

    def _key(self, name: str, about: str) -> None:
        """`about` is `client key of <as>`, or tells what an application key may do."""
        kind, _, person = about.partition(" of ")
        if kind == "client key":
            self._make.key(name, self._people[person], "conformance")
            return
        admin = next(user for user in self._people.values() if user.root_admin)
        self._make.key(name, admin, "conformance", ALLOW_READING if "read only" in about else ALLOW_EVERYTHING)


def _egg_seed(data: dict[str, Any]) -> EggSeed:
    """The panel's own egg of that name, overridden by what the fixture says."""
    name = data["name"]
    known = EGGS.get(name) or EggSeed(name, data["nest"], data.get("startup", "./start"), {}, ())
    texts = {variable.env_variable: variable for variable in known.variables}
    variables = []
    for variable in data.get("variables", []):
        env_variable = variable["env_variable"]
        base = texts.get(env_variable) or VariableSeed(env_variable.replace("_", " ").title(), env_variable, "", "")
        variables.append(replace(base, **variable))
    return replace(known, nest=data["nest"], startup=data.get("startup", known.startup),
                   docker_images=data.get("docker_images", known.docker_images),
                   variables=tuple(variables) or known.variables)


def read_fixture(data: dict[str, Any], clock: Clock, seed: int) -> Scene:
    return FixtureReader(data, clock, seed).read()


def limits_of(data: dict[str, Any]) -> dict[str, int]:
    """The request limits a minute that a fixture asks for, by API."""
    asked = data.get("panel", {}).get("rate_limit", {})
    return {name: asked[f"{name}_per_minute"] for name in ("client", "application") if f"{name}_per_minute" in asked}
