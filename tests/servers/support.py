"""What tests of servers, console and background share: worlds of any size, a bent panel, pages read as people do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from sqlalchemy import event, select

from portal.audit.models import AuditEntry
from portal.auth import service as accounts
from portal.demo.world import Server, Subuser
from portal.store import db, read
from tests.conftest import World

HTMX = {"HX-Request": "true"}
MIB = 1024 * 1024
_ROW = re.compile(r'<li class="server" id="s-([^"]*)".*?</li>', re.DOTALL)
_NAME = re.compile(r'<a class="name" [^>]*><bdi>(.*?)</bdi>', re.DOTALL)
_PAIR = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>", re.DOTALL)


def fixture(
    count: int, *, people: Iterable[str] = (), shares: Iterable[dict[str, Any]] = (), nodes: int = 1
) -> dict[str, Any]:
    """A world in the format of the recordings' fixture: `count` servers of the owner, all with the same shares."""
    names = ["owner", "subuser", "stranger", *people]
    users = [_person(name) for name in names] + [_person(name, root_admin=True) for name in ("admin", "service")]
    per_node = -(-count // nodes)
    return {
        "locations": [{"short": "home"}],
        "nodes": [_node(number, per_node) for number in range(nodes)],
        "users": users,
        "egg": {
            "name": "Home-made", "nest": "Own",
            "startup": "./run {{SERVER_IP}} {{SERVER_PORT}} {{SERVER_MEMORY}} {{MODE}} {{SECRET}} {{ODD}}",
            "docker_images": {"Only": "example.org/image:1"},
            "variables": [_variable("MODE", "easy", True), _variable("SECRET", "hush", False)],
        },
        "server_defaults": {"limits": {"memory": 512, "swap": 0, "disk": 1024, "io": 500, "cpu": 50}},
        "servers": [
            {"var": f"s{n}", "name": f"Server {n:03}", "owner": "owner", "port": 20000 + n,
             "extra_ports": [40000 + n], "node": f"node-{n // per_node}", "subusers": list(shares),
             "feature_limits": {"databases": 1, "allocations": 2, "backups": 3}}
            for n in range(count)
        ],
        "keys": {**{name: f"client key of {name}" for name in (*names, "admin", "service")},
                 "application": "application key, every resource read and write"},
        "vars": {},
    }  # fmt: skip


def _person(name: str, **values: Any) -> dict[str, Any]:
    about = {"as": name, "email": f"{name}@example.com", "username": name, "first_name": name, "last_name": "X"}
    return about | values


def _node(number: int, servers: int) -> dict[str, Any]:
    first = number * servers
    ports = [base + first + n for base in (20000, 40000) for n in range(servers)]
    return {
        "name": f"node-{number}", "location": "home", "fqdn": f"n{number}.example.org", "scheme": "https",
        "memory": 65536, "disk": 900000, "daemon_listen": 8443, "daemon_sftp": 2022,
        "allocations": [{"ip": "203.0.113.5", "ports": ports}],
    }  # fmt: skip


def _variable(name: str, value: str, viewable: bool) -> dict[str, Any]:
    return {
        "env_variable": name, "default_value": value, "rules": "nullable|string", "user_viewable": viewable,
        "user_editable": viewable,
    }  # fmt: skip


def ready(world: World) -> World:
    """The world with rights read and the calls forgotten."""
    world.work()
    world.calls()
    return world


def row_of(world: World, name: str) -> Server:
    """The panel's own row of a server."""
    return next(one for one in world.demo.world.servers if one.name == name)


def share_of(world: World, name: str) -> Subuser:
    """What the panel keeps of the subuser's share in a server."""
    return next(one for one in row_of(world, name).subusers if one.user.username == "subuser")


def account_id(world: World, name: str) -> int:
    """The portal's account of one of the people."""
    with world.app.app_context():
        return accounts.find(f"{name}@example.com").id


def audit_of(world: World, action: str) -> list[tuple[str, str]]:
    """Outcome and detail of every audit line of an action."""
    query = select(AuditEntry).where(AuditEntry.action.startswith(action)).order_by(AuditEntry.id)
    with world.app.app_context(), read() as session:
        return [(one.outcome, one.detail) for one in session.scalars(query)]


def rows(page: str) -> dict[str, str]:
    """The rows of a list or fragment by identifier, as HTML."""
    return {found[1]: found[0] for found in _ROW.finditer(page)}


def names(page: str) -> list[str]:
    """The names in a list, in their order."""
    return [unescape(found) for found in _NAME.findall(page)]


def details(page: str) -> dict[str, str]:
    """What a page says in its definition lists."""
    return {said(term): said(text) for term, text in _PAIR.findall(page)}


def said(page: str) -> str:
    """The text of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.replace("<wbr>", ""))).split())


def poll_of(page: str) -> str:
    """The address of the poll that a page or fragment carries."""
    found = re.findall(r'hx-get="([^"]*/live[^"]*)"', page)
    assert len(found) == 1
    return unescape(found[0])


def without_reference(page: str) -> str:
    """An error page without what differs between any two of them: the reference and the form's token."""
    return re.sub(r'<code>[0-9a-f]{8}</code>|name="csrf_token" value="[^"]*"', "", page)


def see(world: World, who: str, path: str, status: int = 200) -> str:
    """A page as somebody gets it."""
    answer = world.browser(who).get(path)
    assert answer.status_code == status, said(answer.text)
    return answer.text


@contextmanager
def counted_sql(world: World) -> Iterator[list[str]]:
    """The SQL statements that run inside, transactions left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Bent:
    """The demo panel with its answers bent: `bend(path, body)` gives other bytes, or an object to write as JSON."""

    def __init__(self, world: World, bend: Callable[[str, Any], Any], *, kind: str | None = None) -> None:
        self._app = world.demo.wsgi
        self._bend = bend
        self._kind = kind
        world.adapter.app = self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        body = b"".join(self._app(environ, lambda status, headers, exc_info=None: started.append((status, headers))))
        status, headers = started[-1]
        if environ["REQUEST_METHOD"] == "GET" and status.startswith("200"):
            bent = self._bend(environ["RAW_URI"], json.loads(body))
            body = bent if isinstance(bent, bytes) else json.dumps(bent).encode()
            kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "content-type")]
            headers = [*kept, ("Content-Type", self._kind or "application/json")]
        start_response(status, headers)
        return [body]


def servers_in(document: Any) -> list[dict[str, Any]]:
    """The attributes of every server in an answer."""
    items = document["data"] if document.get("object") == "list" else [document]
    return [one["attributes"] for one in items if one.get("object") == "server"]
