"""One authenticated request on its way through an API, with everything that a controller may use."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from portal.demo.http import Request
from portal.demo.includes import Includes, parse_includes
from portal.demo.routing import Route
from portal.demo.world import ApiKey, Server, User, World

if TYPE_CHECKING:
    from portal.demo.panel import Services


@dataclass
class Context:
    """`parameters` are the path's placeholders as text, `models` those that were resolved to rows."""

    request: Request
    route: Route
    services: Services
    key: ApiKey
    parameters: dict[str, str]
    models: dict[str, Any] = field(default_factory=dict)

    @property
    def user(self) -> User:
        return self.key.user

    @property
    def world(self) -> World:
        return self.services.world

    @property
    def now(self) -> float:
        return self.services.clock.now()

    @property
    def server(self) -> Server:
        server: Server = self.models["server"]
        return server

    @cached_property
    def includes(self) -> Includes:
        return parse_includes(self.request.input.get("include"))

    def log(self, event: str, *subjects: object, **properties: Any) -> None:
        self.services.activity.log(event, self.user, subjects, ip=self.request.ip, properties=properties)
