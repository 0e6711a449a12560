"""What tests of the activity page share: entries in either log, and the page as it is read."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from portal import clock
from portal.activity import service
from portal.activity.sentences import plain
from portal.activity.service import Query, Shown
from portal.audit.models import AuditEntry
from portal.auth import sessions
from portal.auth.sessions import Viewer
from portal.demo.world import ActivityLog, User
from portal.servers import reading
from portal.store import write
from tests.conftest import World
from tests.servers.support import account_id, row_of, said

SERVER = "Survival SMP"
SHARED = "Viking Fjord"
HERE = "198.51.100.77"
_LINE = re.compile(r"<li>(.*?)</li>", re.DOTALL)
__all__ = ["HERE", "SERVER", "SHARED", "clear", "keep", "lines", "log", "older", "path", "read", "texts", "viewer_of"]


def person(world: World, name: str | None) -> User | None:
    """A panel user by name; None for none."""
    return next((one for one in world.demo.world.users if one.username == name), None) if name else None


def clear(world: World) -> None:
    """Both logs are empty."""
    world.demo.world.activity_logs.clear()


def log(
    world: World, server: str, event: str, actor: str | None = "owner", *, ago_s: float = 0.0, ip: str = HERE,
    is_api: bool = True, properties: Any = None,
) -> None:  # fmt: skip
    """An entry of the panel's log."""
    rows = world.demo.world
    rows.activity_logs.append(
        ActivityLog(
            id=rows.next_id("activity_logs"), event=event, actor=person(world, actor), ip=ip, is_api=is_api,
            subjects=(row_of(world, server),), properties={} if properties is None else properties,
            timestamp=int(world.clock.now() - ago_s),
        )
    )  # fmt: skip


def keep(
    world: World, server: str, action: str, who: str | None = "owner", *, ago_s: float = 0.0, outcome: str = "done",
    detail: str = "", address: str = "203.0.113.9",
) -> int:  # fmt: skip
    """An entry of Roost's log; returns its id."""
    number = account_id(world, who) if who else None
    with world.app.app_context(), write() as session:
        entry = AuditEntry(
            at=clock.now() - ago_s, account_id=number, action=action, server_uuid=row_of(world, server).uuid,
            detail=detail, outcome=outcome, address=address, reference=None,
        )  # fmt: skip
        session.add(entry)
        session.flush()
        return entry.id


def path(world: World, server: str = SERVER) -> str:
    """Where the page of a server is."""
    return f"/servers/{world.server(server)}/activity"


def lines(page: str) -> list[str]:
    """The lines of a page as text."""
    start = page.find('<ol class="log">')
    return [said(found) for found in _LINE.findall(page[start:])] if start >= 0 else []


def older(page: str) -> str:
    """Where the next page is, "" when there is none."""
    link = re.search(r'href="([^"]*)" rel="next"', page)
    return unescape(link[1]) if link else ""


def viewer_of(world: World, name: str) -> Viewer:
    """One of the people, as a request would have them."""
    with world.app.app_context():
        found = sessions.load(sessions.start(account_id(world, name), days=None))
    assert found is not None
    return found


def read(world: World, server: str = SERVER, who: str = "owner", query: Query | None = None) -> Shown:
    """The service's answer."""
    viewer = viewer_of(world, who)
    with world.app.test_request_context():
        opened = reading.stored_server(viewer, world.server(server))
        return service.read(viewer, opened, query or Query())


def texts(shown: Shown) -> list[tuple[str, str]]:
    """Who did what, line by line."""
    return [(line.who.name, " ".join(plain(one) for one in line.sentences)) for line in shown.lines]
