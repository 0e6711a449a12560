"""What the tests of databases share: a server with databases, shares of it, and asking for its pages."""

from __future__ import annotations

import html
import re
from typing import Any

from werkzeug.test import TestResponse

from portal.demo.transformers.databases import hash_id
from portal.demo.world import Database, Subuser
from tests.conftest import World
from tests.servers.support import HTMX, row_of

PLAYED = "Survival SMP"
SECRET = "p4ss/W:rd@=.+^!?#%&é\"<b>"
"""A password that means something in every place where it is written."""


def give(world: World, name: str = "web", *, server: str = PLAYED, **values: Any) -> Database:
    """One more database of a server, straight into the panel's rows."""
    row = row_of(world, server)
    number = world.demo.world.next_id("databases")
    about: dict[str, Any] = {
        "host": world.demo.world.database_hosts[0], "database": f"s{row.id}_{name}", "username": f"u{row.id}_x{number}",
        "remote": "%", "password": SECRET, "created_at": world.clock.now(), "updated_at": world.clock.now(),
    }  # fmt: skip
    made = Database(id=number, server=row, **(about | values))
    world.demo.world.databases.append(made)
    return made


def only(world: World, *names: str, limit: int | None = 3, server: str = PLAYED) -> list[Database]:
    """Let a server have exactly these databases, and this limit; everybody has looked since."""
    row = row_of(world, server)
    world.demo.world.databases[:] = [one for one in world.demo.world.databases if one.server is not row]
    row.feature_limits.databases = limit
    made = [give(world, name, server=server) for name in names]
    look(world, server)
    return made


def share(world: World, *permissions: str, server: str = PLAYED) -> None:
    """Let the subuser do these things, and nothing else."""
    row = row_of(world, server)
    user = next(one for one in world.demo.world.users if one.username == "subuser")
    found = next((one for one in row.subusers if one.user is user), None)
    if found is None:
        found = Subuser(world.demo.world.next_id("subusers"), user, row, [], world.clock.now(), world.clock.now())
        row.subusers.append(found)
    found.permissions[:] = ["websocket.connect", *permissions]
    look(world, server)


def look(world: World, server: str = PLAYED) -> None:
    """Everybody looks at the server, so that what is known of it is new; calls are forgotten."""
    world.clock.advance(31)
    world.work()
    for who in ("owner", "subuser"):
        world.browser(who).get(f"/servers/{world.server(server)}")
    world.calls()


def path(world: World, rest: str = "", *, server: str = PLAYED) -> str:
    """The address of the page or of one of its acts."""
    return f"/servers/{world.server(server)}/databases{rest}"


def of(world: World, database: Database, act: str) -> str:
    """The address of an act of one database."""
    name = next(one.name for one in world.demo.world.servers if one is database.server)
    return path(world, f"/{hash_id(database.id)}/{act}", server=name)


def get(world: World, where: str, who: str = "owner", *, is_page: bool = False) -> TestResponse:
    """A part of the page, or all of it."""
    return world.browser(who).get(where, headers={} if is_page else HTMX)


def post(world: World, where: str, who: str = "owner", *, is_page: bool = False, **values: str) -> TestResponse:
    """Send a form."""
    return world.browser(who).post(where, data=values, headers={} if is_page else HTMX)


def token(answer: TestResponse) -> str:
    """What a question carries."""
    found = re.search(r'name="of" value="([^"]*)"', answer.text)
    assert found, answer.text
    return html.unescape(found[1])


def answered(
    world: World, database: Database, act: str, who: str = "owner", *, is_page: bool = False, **values: str
) -> TestResponse:
    """Ask the question, forget what it asked the panel, and answer it."""
    where = of(world, database, act)
    carried = token(get(world, where, who, is_page=is_page))
    world.calls()
    return post(world, where, who, is_page=is_page, of=carried, **values)


def call(world: World, rest: str = "", method: str = "GET", *, server: str = PLAYED) -> str:
    """A call of the panel as `world.calls()` gives it."""
    return f"{method} /api/client/servers/{world.server(server)}/databases{rest}"


def break_answer(world: World, method: str, *, effect: str = "before", status: int = 502) -> None:
    """Let the panel's web server answer for it where databases are changed, before or after the panel acted."""
    settings = {"status": status, "effect": effect, "form": "html"}
    match = {"path": "*/databases*", "method": method}
    world.demo.knobs.turn({"where": "panel", "fault": "status", "settings": settings, "match": match})


def here(world: World, *, server: str = PLAYED) -> list[Database]:
    """The panel's databases of a server."""
    return world.demo.world.databases_of(row_of(world, server))


def password(database: Database) -> str:
    """A password as a page writes it."""
    return html.escape(database.password, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
