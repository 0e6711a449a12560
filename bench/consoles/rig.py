"""The portal as it is installed, on loopback: its units' processes, nginx, the demo panel, the bench's own node.

systemd's part is played by tests/deploy/units.py: it holds the socket over a restart, as the .socket unit does.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bench.consoles import browsers, node, visitors
from bench.consoles.browsers import Way
from bench.consoles.child import Child
from bench.consoles.site import ROOT, Site
from portal import create_app
from portal.auth import service as accounts
from portal.auth import sessions
from portal.auth.service import PanelUser
from portal.config import load
from portal.credentials import service as credentials
from portal.demo import build
from portal.demo.serving import Server
from portal.store import db, schema
from tests.deploy.units import Service

EACH = 10  # servers of one person


class Rig:
    """Everything that runs. `servers` consoles, of which each person has `EACH`."""

    def __init__(self, servers: int) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="rb-", dir="/tmp"))  # a socket's address has 107 letters at most
        self.closing: list[Callable[[], None]] = [lambda: shutil.rmtree(self.root, ignore_errors=True)]
        self.people = [f"person{number:03}" for number in range(-(-servers // EACH))]
        self.cookies: dict[str, str] = {}
        try:
            self._start(servers)
        except BaseException as wrong:
            for log in self.root.glob("*.log"):
                wrong.add_note(f"{log.name} ends so:\n{log.read_text()[-2000:]}")
            self.close()
            raise

    def close(self) -> None:
        """End everything, the last first."""
        while self.closing:
            self.closing.pop()()

    def ways(self, group: str, numbers: range, *, kind: str = "relay", spread_s: float = 10.0) -> list[Way]:
        """How browsers get to the consoles with these numbers, each as the server's owner."""
        return [self._way(group, number, kind, spread_s) for number in numbers]

    def paths(self, person: int) -> list[str]:
        """What a person looks at in turn: the list, and the page of a server."""
        mine = self.servers[person * EACH : (person + 1) * EACH]
        return [path for one in mine for path in ("/servers", f"/servers/{one.identifier}")]

    def _way(self, group: str, number: int, kind: str, spread_s: float) -> Way:
        server, person = self.servers[number], number // EACH
        source = f"127.0.{person // 200 + 1}.{person % 200 + 1}"
        if kind == "node":
            path = f"/api/servers/{server.uuid}/ws"
            return Way(group, kind, self.site.direct, path, self.demo.base, source=source)
        path = f"/servers/{server.identifier}/console/socket"
        cookie = self.cookies[self.people[person]]
        return Way(group, kind, self.site.portal, path, self.url, cookie, source, spread_s)

    def _start(self, servers: int) -> None:
        self.demo = build(fixture=_fixture(self.people, servers), rate_limit=0)
        self.closing.append(self.demo.clock.close)
        panel = Server(0, self.demo.wsgi)
        self.demo.base = panel.address
        panel.start()
        self.closing.append(panel.stop)
        self.servers = list(self.demo.world.servers)
        for one in self.servers:
            self.demo.processes[one.uuid].run_since(3600)
        self.node = self._child(node.main, panel.address, [one.uuid for one in self.servers])
        self.browsers = self._child(browsers.main)
        self.visitors = self._child(visitors.main)
        port = self.node.ask("port")
        for place in self.demo.world.nodes:
            place.dialled_port = port
        self.site = Site(self.root)
        self.url = f"http://127.0.0.1:{self.site.portal}"
        self._write_settings()
        self._make_accounts()
        self._start_services()
        self.closing.append(self.site.close)
        self.site.start(port)
        sources = [self._way("", number * EACH, "relay", 0).source for number in range(len(self.people))]
        everybody = [(self.cookies[one], sources[turn], self.paths(turn)) for turn, one in enumerate(self.people)]
        self.visitors.ask("come", self.site.portal, everybody)

    def _child(self, main: Callable[..., None], *arguments: Any) -> Child:
        child = Child(main, *arguments)
        self.closing.append(child.close)
        return child

    def _write_settings(self) -> None:
        self.instance = self.root / "var/lib/roost"
        self.instance.mkdir(mode=0o700, parents=True)
        schema.upgrade(self.instance / "roost.db")
        settings = {
            "panel_url": self.demo.base, "portal_url": self.url, "application_key": self.demo.keys["application"],
        }  # fmt: skip
        (self.instance / "config.toml").touch(mode=0o600)
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        (self.instance / "config.toml").write_text(text)

    def _make_accounts(self) -> None:
        """An account, a client key and a session for everybody; nobody has to sign in, that is not what is measured."""
        app = create_app(load({"ROOST_INSTANCE": str(self.instance), "ROOST_LOG_LEVEL": "ERROR"}))
        with app.app_context():
            for name in self.people:
                user = next(one for one in self.demo.world.users if one.username == name)
                account = accounts.create(user.email, panel_user=PanelUser(user.id, name, user.email))
                credentials.set_key(accounts.find(user.email), self.demo.keys[name])
                browser = app.test_client()
                with browser.session_transaction() as kept:
                    kept["_user_id"], kept["_fresh"] = sessions.start(account, days=None), True
                cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
                assert cookie is not None
                self.cookies[name] = f"{cookie.key}={cookie.value}"
            db.engine.dispose()

    def _start_services(self) -> None:
        (self.root / "opt").mkdir()
        (self.root / "opt/roost").symlink_to(ROOT)
        units = self.root / "etc/systemd/system"
        shutil.copytree(ROOT / "deploy/systemd", units)
        self.web = Service(self.root, "roost-web", self.root / "web.log")
        self.closing.append(self.web.close_socket)
        worker = Service(self.root, "roost-worker", self.root / "worker.log")
        for one in (self.web, worker):
            one.start()
            self.closing.append(partial(_stop, one))
        wait_until(self._knows_rights, "the worker has not read any rights")

    def _knows_rights(self) -> bool:
        with closing(sqlite3.connect(self.instance / "roost.db", timeout=5)) as store:
            return bool(store.execute("SELECT count(*) FROM reading WHERE read_at IS NOT NULL").fetchone()[0])


def wait_until(holds: Callable[[], bool], otherwise: str, within_s: float = 30.0) -> None:
    """Look until it holds. Raises RuntimeError."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{otherwise} after {within_s:.0f} s")
        time.sleep(0.02)


def _stop(service: Service) -> None:
    with suppress(Exception):  # it is ended with its group in any case
        service.stop()


def _fixture(people: list[str], servers: int) -> dict[str, Any]:
    """A world of that many servers on one node, in the format of the recordings' fixture."""
    ports = list(range(25000, 25000 + servers))
    users = [
        {"as": one, "email": f"{one}@example.com", "username": one, "first_name": "P", "last_name": one}
        for one in people
    ]
    admin = {"as": "admin", "email": "admin@example.com", "username": "admin", "first_name": "A", "last_name": "A"}
    return {
        "panel": {"rate_limit": {"client_per_minute": 720, "application_per_minute": 240}},
        "locations": [{"short": "home"}],
        "nodes": [
            {"name": "Node One", "location": "home", "fqdn": "127.0.0.1", "scheme": "http", "memory": 524288,
             "disk": 4_000_000, "allocations": {"ip": "127.0.0.1", "ports": ports}},
        ],
        "users": [*users, admin | {"root_admin": True}],
        "egg": {"name": "Paper", "nest": "Minecraft"},
        "server_defaults": {"limits": {"memory": 1024, "swap": 0, "disk": 5120, "io": 500, "cpu": 100}},
        "servers": [
            {"name": f"Server {number:03}", "owner": people[number // EACH], "port": port,
             "feature_limits": {"databases": 1, "allocations": 1, "backups": 1}}
            for number, port in enumerate(ports)
        ],
        "keys": {one: f"client key of {one}" for one in people} | {"application": "application key, read and write"},
        "vars": {},
    }  # fmt: skip
