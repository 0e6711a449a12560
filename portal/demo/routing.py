"""Routes, and which of them answers a method and a path."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from werkzeug.wrappers import Response

from portal.demo.errors import PanelError, not_found
from portal.demo.limits import Throttle

if TYPE_CHECKING:
    from portal.demo.context import Context

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Route:
    """`requires` is a server permission (client) or `resource.level` (application), or a function naming it.

    `in_conflict` says who passes although the server's state is in conflict, `throttle` limits it beside its API.
    """

    method: str
    path: str
    handler: Callable[[Context], Response]
    requires: str | Callable[[Context], str] | None = None
    in_conflict: Literal["nobody", "root_admin", "everyone"] = "nobody"
    needs_two_factor: bool = True
    throttle: Throttle | None = None

    @property
    def methods(self) -> tuple[str, ...]:
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)


class Routes:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(re.compile(_pattern(route.path)), route) for route in routes]

    def match(self, method: str, path: str, shown_path: str) -> tuple[Route, dict[str, str]]:
        """The route and the text of its placeholders; `shown_path` is the path as refusals quote it."""
        found = [(route, hit.groupdict()) for pattern, route in self._routes if (hit := pattern.fullmatch(path))]
        for route, parameters in found:
            if method in route.methods:
                return route, parameters
        allowed = ", ".join(verb for verb in self.methods_at(path) if verb != method)
        if not allowed:
            raise not_found(f"The route {shown_path} could not be found.")
        raise PanelError(405, "MethodNotAllowedHttpException",
                         f"The {method} method is not supported for route {shown_path}. Supported methods: {allowed}.",
                         headers={"Allow": allowed})

    def methods_at(self, path: str) -> list[str]:
        """What a path answers to; nothing where no route of this panel is."""
        known = {name for pattern, route in self._routes if pattern.fullmatch(path) for name in route.methods}
        return [verb for verb in VERBS if verb in known]


def _pattern(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.strip("/"))
