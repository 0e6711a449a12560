"""The panel's middlewares in their order (`app/Http/Kernel.php`); the first failure wins."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import pages
from portal.demo.activity import ActivityWriter
from portal.demo.cache import Cache
from portal.demo.clock import Clock
from portal.demo.config import PanelConfig
from portal.demo.context import Context
from portal.demo.errors import PanelError, crashed, http_error, unauthenticated
from portal.demo.http import READING_METHODS, Request, error_response, html_response, no_content, options_response
from portal.demo.jobs import Jobs
from portal.demo.keys import address_refused, authenticate, is_allowed_from
from portal.demo.limits import RateLimiter
from portal.demo.link import Link
from portal.demo.object_store import ObjectStore
from portal.demo.routing import Route, Routes
from portal.demo.seed import Chance
from portal.demo.turn import Turn
from portal.demo.world import ApiKey, World


@dataclass
class PanelSwitches:
    """What can be wrong with the panel itself."""

    is_behind_dead_gateway: bool = False
    in_maintenance: bool = False
    database_is_down: bool = False
    requires_two_factor: bool = False

    @property
    def rests(self) -> bool:
        """Neither the panel's cron nor its queue does anything: `artisan down` stops both, and so does no database."""
        return self.database_is_down or self.in_maintenance


@dataclass
class Services:
    """What the controllers work with."""

    world: World
    clock: Clock
    link: Link
    limiter: RateLimiter
    activity: ActivityWriter
    cache: Cache
    jobs: Jobs
    chance: Chance
    config: PanelConfig
    turn: Turn
    objects: ObjectStore
    app_url: str = ""
    switches: PanelSwitches = field(default_factory=PanelSwitches)


@dataclass(frozen=True)
class Api:
    """One of the panel's two APIs; `bindings` resolve placeholders to rows or raise 404."""

    name: str
    prefix: str
    routes: tuple[Route, ...]
    bindings: dict[str, Callable[[Context, str], Any]]
    admit: Callable[[Context], None]
    authorize: Callable[[Context, str], None]


@dataclass
class Panel:
    services: Services
    apis: tuple[Api, ...]

    @property
    def switches(self) -> PanelSwitches:
        return self.services.switches

    def __post_init__(self) -> None:
        self._routes = Routes(route for api in self.apis for route in api.routes)

    def answer(self, request: Request) -> tuple[Response, ApiKey | None]:
        """The answer, and the key that the request was recognised by."""
        key = None
        try:
            if self.switches.is_behind_dead_gateway:
                return html_response(pages.BAD_GATEWAY, 502, "text/html"), None
            if request.is_preflight:
                return no_content(), None
            if self.switches.in_maintenance:
                raise http_error(503, "Service Unavailable")
            offered = self._routes.methods_at(request.path) if request.method == "OPTIONS" else []
            if offered:
                return options_response(offered), None
            route, parameters = self._routes.match(request.method, request.path, request.raw_path)
            if request.is_from_browser_session and request.method not in READING_METHODS:
                raise http_error(419, "CSRF token mismatch.")
            key = self._authenticate(request)
            request.require_valid_json()
            self._require_two_factor(route, key)
            self._require_known_address(request, key)
            context = Context(request, route, self.services, key, parameters)
            return self._answer_within_limit(context), key
        except PanelError as error:
            return error_response(error, request), key

    def _authenticate(self, request: Request) -> ApiKey:
        if request.bearer_token is None:
            raise unauthenticated()
        if self.switches.database_is_down:
            raise crashed("QueryException")
        return authenticate(request, self.services.world, self.services.clock.now())

    def _require_two_factor(self, route: Route, key: ApiKey) -> None:
        if self.switches.requires_two_factor and route.needs_two_factor and not key.user.use_totp:
            raise PanelError(400, "TwoFactorAuthRequiredException",
                             "Two-factor authentication is required on this account in order to access this endpoint.")

    def _require_known_address(self, request: Request, key: ApiKey) -> None:
        if not is_allowed_from(key, request.ip):
            self.services.activity.log("auth:ip-blocked", key.user, (key.user, key), ip=request.ip,
                                       properties={"identifier": key.identifier})
            raise address_refused(request.ip)

    def _answer_within_limit(self, context: Context) -> Response:
        """Whatever comes after the limiter carries its headers, errors too."""
        api = self._api_of(context.route)
        limiter, user = self.services.limiter, context.user
        throttles = [limiter.of_api(api.name), *([context.route.throttle] if context.route.throttle else [])]
        limiter.hit(throttles[0], user.uuid)
        try:
            for own in throttles[1:]:
                limiter.hit(own, user.uuid)
            with self.services.turn:
                response = _run(api, context)
        except PanelError as error:
            response = error_response(error, context.request)
        for throttle in reversed(throttles):
            limiter.tell(response.headers, throttle, user.uuid)
        return response

    def _api_of(self, route: Route) -> Api:
        return next(api for api in self.apis if route.path.startswith(api.prefix))


def _run(api: Api, context: Context) -> Response:
    """Identifiers, admission, permission; then the controller validates and acts."""
    for name, text in context.parameters.items():
        if name in api.bindings:
            context.models[name] = api.bindings[name](context, text)
    api.admit(context)
    requires = context.route.requires
    if requires is not None:
        api.authorize(context, requires(context) if callable(requires) else requires)
    return context.route.handler(context)
