"""Includes of the application API: what each object may carry, and which READ bit that takes."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from portal.demo.envelopes import JSON, NULL_RESOURCE, item, listing
from portal.demo.errors import crashed
from portal.demo.includes import Includes
from portal.demo.transformers import application as attributes
from portal.demo.world import READ, ApiKey, Egg, EggVariable, Server, World


@dataclass(frozen=True)
class Scope:
    """Whose eyes look, and what they asked to see with it."""

    world: World
    key: ApiKey
    includes: Includes

    def below(self, name: str) -> Scope:
        return replace(self, includes=self.includes[name])

    def may_read(self, resource: str) -> bool:
        return self.key.grants is None or bool(self.key.grants.get(resource, 0) & READ)


Make = Callable[[Any, Scope], JSON]


@dataclass(frozen=True)
class ServerVariable:
    """A variable together with the server whose value it shows."""

    variable: EggVariable
    server: Server


def transform(kind: str, row: Any, scope: Scope) -> JSON:
    """One row as an item of that kind, with the relationships that were asked for and exist."""
    shown = _attributes(kind, row, scope.world)
    relationships = {}
    for name in scope.includes:
        if name in _INCLUDES.get(kind, {}):
            resource, make = _INCLUDES[kind][name]
            is_visible = resource is None or scope.may_read(resource)
            relationships[name] = make(row, scope.below(name)) if is_visible else NULL_RESOURCE
    return item(kind, {**shown, "relationships": relationships} if relationships else shown)


def _attributes(kind: str, row: Any, world: World) -> JSON:
    if kind == "node":
        return attributes.node_attributes(row, world)
    if kind == "server_variable":
        shown = attributes.egg_variable_attributes(row.variable, row.server.egg)
        return {**shown, "server_value": row.server.server_values.get(row.variable.env_variable)}
    return _SIMPLE[kind](row)


def _one(kind: str, find: Callable[[Any], Any]) -> Make:
    def make(row: Any, scope: Scope) -> JSON:
        found = find(row)
        return NULL_RESOURCE if found is None else transform(kind, found, scope)
    return make


def _many(kind: str, find: Callable[[Any, World], list[Any]]) -> Make:
    def make(row: Any, scope: Scope) -> JSON:
        return listing([transform(kind, found, scope) for found in find(row, scope.world)])
    return make


def _broken(code: str) -> Make:
    """Advertised by the panel, not implemented there."""
    def make(_row: Any, _scope: Scope) -> JSON:
        raise crashed(code)
    return make


def _inherited(parent: Callable[[Egg], Egg | None], shown: Callable[[Egg, Egg], JSON]) -> Make:
    """Only of an egg that inherits from another; the item has no type."""
    def make(egg: Egg, _scope: Scope) -> JSON:
        found = parent(egg)
        return NULL_RESOURCE if found is None else item("", shown(egg, found))
    return make


def _server_variables(server: Server, _world: World) -> list[ServerVariable]:
    return [ServerVariable(variable, server) for variable in server.egg.variables]


def _egg_variables(egg: Egg, _scope: Scope) -> JSON:
    return listing([item("egg_variable", attributes.egg_variable_attributes(variable, egg))
                    for variable in egg.variables])


def _servers_where(condition: Callable[[Server, Any], bool]) -> Make:
    return _many("server", lambda row, world: [server for server in world.servers if condition(server, row)])


_SIMPLE: dict[str, Callable[[Any], JSON]] = {
    "user": attributes.user_attributes,
    "server": attributes.server_attributes,
    "allocation": attributes.allocation_attributes,
    "subuser": attributes.subuser_attributes,
    "nest": attributes.nest_attributes,
    "egg": attributes.egg_attributes,
    "location": attributes.location_attributes,
    "databases": attributes.database_attributes,
    "server_database": attributes.database_attributes,
    "database_host": attributes.database_host_attributes,
    "database_password": lambda database: {"password": database.password},
}

_OF_DATABASE: dict[str, tuple[str | None, Make]] = {
    "password": (None, _one("database_password", lambda database: database)),
    "host": ("database_hosts", _one("database_host", lambda database: database.host)),
}

_INCLUDES: dict[str, dict[str, tuple[str | None, Make]]] = {
    "user": {
        "servers": ("servers", _servers_where(lambda server, user: server.owner is user)),
    },
    "server": {
        "allocations": ("allocations", _many("allocation", lambda server, world: world.allocations_of(server))),
        "user": ("users", _one("user", lambda server: server.owner)),
        "subusers": ("users", _many("subuser", lambda server, _world: server.subusers)),
        "nest": ("nests", _one("nest", lambda server: server.egg.nest)),
        "egg": ("eggs", _one("egg", lambda server: server.egg)),
        "variables": ("servers", _many("server_variable", _server_variables)),
        "location": ("locations", _one("location", lambda server: server.node.location)),
        "node": ("nodes", _one("node", lambda server: server.node)),
        "databases": ("server_databases", _many("databases", lambda server, world: world.databases_of(server))),
        "transfer": (None, _broken("TypeError")),
    },
    "allocation": {
        "node": ("nodes", _one("node", lambda allocation: allocation.node)),
        "server": ("servers", _one("server", lambda allocation: allocation.server)),
    },
    "subuser": {
        "user": ("users", _one("user", lambda subuser: subuser.user)),
        "server": ("servers", _one("server", lambda subuser: subuser.server)),
    },
    "nest": {
        "eggs": ("eggs", _many("egg", lambda nest, world: [egg for egg in world.eggs if egg.nest is nest])),
        "servers": ("servers", _servers_where(lambda server, nest: server.egg.nest is nest)),
    },
    "egg": {
        "nest": ("nests", _one("nest", lambda egg: egg.nest)),
        "servers": ("servers", _servers_where(lambda server, egg: server.egg is egg)),
        "variables": ("eggs", _egg_variables),
        "config": (None, _inherited(lambda egg: egg.config_from, attributes.inherited_config)),
        "script": (None, _inherited(lambda egg: egg.copy_script_from, attributes.inherited_script)),
    },
    "databases": _OF_DATABASE,
    "server_database": _OF_DATABASE,
    "database_host": {
        "databases": ("server_databases", _many("server_database", lambda host, world: [
            database for database in world.databases if database.host is host])),
    },
    "server_variable": {"parent": ("eggs", _broken("RelationNotFoundException"))},
    "location": {
        "nodes": ("nodes", _many("node", lambda location, world: [
            node for node in world.nodes if node.location is location])),
        "servers": ("servers", _servers_where(lambda server, location: server.node.location is location)),
    },
    "node": {
        "allocations": ("allocations", _many("allocation", lambda node, world: [
            allocation for allocation in world.allocations if allocation.node is node])),
        "location": ("locations", _one("location", lambda node: node.location)),
        "servers": ("servers", _many("server", lambda node, world: world.servers_of(node))),
    },
}
