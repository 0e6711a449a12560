"""One authenticated request on its way through an API, with everything that a controller may use."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from portal.demo.http import Request
from portal.demo.includes import Includes, parse_includes
from portal.demo.routing import Route
from portal.demo.tokens import SIGNED_URL_SECONDS, token_for
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

    def node_token(self, claims: dict[str, Any], lifetime: int) -> str:
        """A token of whoever asks, for the node of the server that is asked about."""
        return token_for(self.user, self.server, claims, issuer=self.services.app_url, now=self.now,
                         lifetime=lifetime, chance=self.services.chance)

    def signed_url(self, path: str, **claims: str) -> str:
        """An address of that node with such a token in it."""
        token = self.node_token({**claims, "server_uuid": self.server.uuid}, SIGNED_URL_SECONDS)
        return f"{self.server.node.connection_address}{path}?token={token}"

    def log(self, event: str, *subjects: object, **properties: Any) -> None:
        self.services.activity.log(event, self.user, subjects, ip=self.request.ip, properties=properties)
