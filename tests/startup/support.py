"""What tests of Startup and Settings share: variables of any kind, rights of any kind, answers that get lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from portal.demo.world import EggVariable, Subuser
from tests.conftest import World
from tests.servers.support import HTMX, row_of, said

PAPER = "Survival SMP"
COUNTER = "Dust2 24/7"
VALHEIM = "Viking Fjord"
_CARD = re.compile(r'<article class="thing variable".*?</article>', re.DOTALL)
_KEY = re.compile(r"</h\d><code>(.*?)</code>")


def variable(world: World, name: str, key: str, rules: str, **values: Any) -> None:
    """Give the egg of a server one more variable; `value` None means that the server stores none."""
    row = row_of(world, name)
    about = {"default": "", "value": "", "viewable": True, "editable": True, "called": key, "description": ""} | values
    row.egg.variables.append(
        EggVariable(
            900 + len(row.egg.variables), about["called"], about["description"], key, about["default"], rules,
            about["viewable"], about["editable"],
        )
    )  # fmt: skip
    if about["value"] is not None:
        row.server_values[key] = about["value"]


def share(world: World, name: str, *permissions: str) -> None:
    """Let the subuser do these things with a server, and nothing else; Roost knows it."""
    row = row_of(world, name)
    user = next(one for one in world.demo.world.users if one.username == "subuser")
    found = next((one for one in row.subusers if one.user is user), None)
    if found is None:
        found = Subuser(world.demo.world.next_id("subusers"), user, row, [], world.clock.now(), world.clock.now())
        row.subusers.append(found)
    found.permissions[:] = ["websocket.connect", *permissions]
    world.clock.advance(31)
    world.work()
    seen(world, name, "subuser")


def seen(world: World, name: str, who: str = "owner") -> None:
    """Somebody has looked at a server, so that everything is known; the calls are forgotten."""
    world.clock.advance(11)
    world.browser(who).get(f"/servers/{world.server(name)}")
    world.calls()


def api(world: World, name: str, rest: str) -> str:
    """A path of the panel."""
    return f"/api/client/servers/{world.server(name)}/{rest}"


def startup(world: World, name: str = PAPER, who: str = "owner") -> str:
    """The page."""
    answer = world.browser(who).get(f"/servers/{world.server(name)}/startup")
    assert answer.status_code == 200, said(answer.text)
    return answer.text


def cards(page: str) -> dict[str, str]:
    """The variables of a page or fragment by key, as HTML."""
    return {unescape(_KEY.findall(card)[0]): card for card in _CARD.findall(page)}


def save(
    world: World, name: str, key: str, who: str = "owner", *, is_page: bool = False, **fields: str
) -> TestResponse:
    """Send a variable's form."""
    path = f"/servers/{world.server(name)}/startup/variable"
    return world.browser(who).post(path, data={"key": key, **fields}, headers={} if is_page else HTMX)


class Lost:
    """The demo panel, whose changes are made while the answers to them get lost on the way."""

    def __init__(self, world: World) -> None:
        self._app = world.demo.wsgi
        world.adapter.app = self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            return self._app(environ, start_response)
        b"".join(self._app(environ, lambda status, headers, exc_info=None: None))
        start_response("502 Bad Gateway", [("Content-Type", "text/html")])
        return [b"<html>bad gateway</html>"]
