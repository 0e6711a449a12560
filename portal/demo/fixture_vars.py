"""What a fixture calls `vars`: each name with a description of the value that a world file shall hold."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from portal.demo.builder import Scene
from portal.demo.world import User

_ADDRESS = re.compile(r"(?:allocation id )?of (?P<ip>[^ ]+):(?P<port>\d+)")
_SERVER = re.compile(r"(?P<what>identifier|uuid|internal id) of (?P<name>.+)")
_OWN_KEY = re.compile(r"the (?P<person>\w+)'s client key itself")
_OF_PERSON = re.compile(r"(?P<person>\w+)_(?P<what>id|uuid|email|password|username)")
_FIRST_DATABASE_HOST = 1


class _Resolver:
    def __init__(self, data: dict[str, Any], scene: Scene, people: dict[str, User]) -> None:
        self._data = data
        self._scene = scene
        self._people = people
        self._rules: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Any]]] = [
            (_ADDRESS, self._allocation), (_SERVER, self._server), (_OWN_KEY, self._key),
            (re.compile(r"id of (?P<name>.+)"), self._nest_or_egg),
        ]

    def resolve(self, name: str, about: str) -> Any:
        for pattern, find in self._rules:
            found = pattern.fullmatch(about)
            if found:
                return find(found)
        if about == "":
            return self._of_person(name)
        if about == "id":
            rows: list[Any] = self._scene.world.nodes if name == "node" else self._scene.world.locations
            return rows[0].id
        return self._inside_fixture(about)

    def _allocation(self, found: re.Match[str]) -> int:
        return next(allocation.id for allocation in self._scene.world.allocations
                    if (allocation.ip, str(allocation.port)) == (found["ip"], found["port"]))

    def _server(self, found: re.Match[str]) -> Any:
        server = next(server for server in self._scene.world.servers if server.name == found["name"])
        return {"identifier": server.identifier, "uuid": server.uuid, "internal id": server.id}[found["what"]]

    def _key(self, found: re.Match[str]) -> str:
        person = self._person(found["person"])
        return next(key.plain_text for key in self._scene.world.api_keys
                    if key.user is person and not key.is_application_key)

    def _nest_or_egg(self, found: re.Match[str]) -> int:
        world = self._scene.world
        ids = {nest.name: nest.id for nest in world.nests} | {egg.name: egg.id for egg in world.eggs}
        return ids.get(found["name"], _FIRST_DATABASE_HOST)

    def _of_person(self, name: str) -> Any:
        found = _OF_PERSON.fullmatch(name)
        return getattr(self._person(found["person"]), found["what"]) if found else ""

    def _person(self, called: str) -> User:
        """By name, or by the beginning of it: `sub_email` is the subuser's."""
        return next(user for name, user in self._people.items() if name.startswith(called))

    def _inside_fixture(self, dotted: str) -> Any:
        """A part of the fixture itself, else the text as it stands."""
        value: Any = self._data
        for part in dotted.split("."):
            if not isinstance(value, dict) or part not in value:
                return dotted
            value = value[part]
        return value


def resolve_vars(data: dict[str, Any], scene: Scene, people: dict[str, User]) -> dict[str, Any]:
    resolver = _Resolver(data, scene, people)
    return {name: resolver.resolve(name, about) for name, about in data["vars"].items()}
