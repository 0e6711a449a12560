"""What every test of the portal stands on: the app with the demo panel mounted in-process, and four people.

One prepared store is copied for each test; passwords hash cheaply; a signed-in browser is a session row, not the login
form. The panel and the portal share one clock that stands still until a test moves it.
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as examples
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from portal import clock as portal_clock
from portal import create_app
from portal.auth import passwords, sessions
from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.background import directory
from portal.background.live import read_one, watched
from portal.config import Settings
from portal.credentials import service as credentials
from portal.demo import Demo, ManualClock, build
from portal.doctor import dialling
from portal.store import db, schema
from tests.support.wsgi_adapter import WsgiAdapter

examples.register_profile(
    "roost", deadline=None, database=None, derandomize=not os.environ.get("ROOST_RANDOM"),
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
examples.load_profile("roost")
"""The same examples in every run, however long a busy machine takes; others with `ROOST_RANDOM=1`."""

PASSWORD = "correct horse"
PEOPLE = ("owner", "subuser", "stranger", "admin", "solo")


class TestClock(ManualClock):
    """The clock that demo and portal share; it stands still until a test moves it."""

    __test__ = False


@dataclass(frozen=True)
class PortalSide:
    """The portal's view of the test's clock: the same time, but its own short waits (a retry) take none of it."""

    clock: TestClock

    def now(self) -> float:
        """The test's time."""
        return self.clock.now()

    def monotonic(self) -> float:
        """The test's time."""
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        """Takes no time."""


@dataclass(frozen=True)
class Nodes:
    """The demo's nodes as one application, for signed addresses: each answers under its own name."""

    demo: Demo

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The answer of the node that the request names."""
        named = {node.fqdn: self.demo.fronts[node.uuid] for node in self.demo.world.nodes}
        return named[environ["SERVER_NAME"]](environ, start_response)


@dataclass
class World:
    """The portal under test, the panel behind it, and the moves that tests make."""

    app: Flask
    demo: Demo
    clock: TestClock
    adapter: WsgiAdapter
    instance: Path
    nodes: WsgiAdapter

    def browser(self, name: str | None = None) -> FlaskClient:
        """A browser, signed in as one of the people or as nobody."""
        client = self.app.test_client()
        if name is not None:
            with self.app.app_context():
                token = sessions.start(accounts.find(f"{name}@example.com").id, days=None)
            with client.session_transaction() as session:
                session["_user_id"] = token
                session["_fresh"] = True
        return client

    def work(self) -> None:
        """One round of the background process: rights, then every watched server that is due."""
        with self.app.app_context():
            directory.sync()
            self.read_live()

    def read_live(self) -> None:
        """Read every watched server that is due."""
        with self.app.app_context():
            now = portal_clock.now()
            for one in watched(now):
                if now - one.tried_at >= 22:
                    read_one(one)

    def calls(self) -> list[str]:
        """What was asked of the panel since the last look: method and path."""
        seen = [f"{one.method} {one.path_url.partition('?')[0]}" for one in self.adapter.requests]
        self.adapter.requests.clear()
        return seen

    def server(self, name: str) -> str:
        """The identifier of a server of the demo by its name."""
        return next(one.uuid[:8] for one in self.demo.world.servers if one.name == name)


def pytest_collection_finish() -> None:
    """What is there now stays: to look for garbage in all modules and ten thousand tests takes a third of the time.

    What tests leave is looked for less often than usual, and still is.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What mostly waits goes first, so that the rest runs beside it."""
    items.sort(key=lambda item: "conformance" not in item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    before = passwords.hasher
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords.hasher = before


@pytest.fixture(scope="session", autouse=True)
def _no_names() -> Iterator[None]:
    """No test asks a name server: the names of the demo's nodes are nobody's."""

    def nobody(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    before, dialling.resolve = dialling.resolve, nobody
    yield
    dialling.resolve = before


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has an app of its own; the templates are compiled for the first one only."""
    folder = str(tmp_path_factory.mktemp("templates"))
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(folder)}


@pytest.fixture(scope="session", autouse=True)
def _compiled_routes() -> Iterator[None]:
    """And the routes, which are the same in each: to compile them takes longer than all the rest of a world."""
    compiled: dict[tuple[Any, ...], dict[str, Any]] = {}
    compile_one = Rule.compile
    made = ("_parts", "_trace", "_converters", "_build", "_build_unknown")

    def once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.is_leaf, tuple(rule.map.converters.values()))
        if rule.defaults or rule.host or key not in compiled:
            compile_one(rule)
            if not rule.defaults and not rule.host:
                compiled[key] = {name: getattr(rule, name) for name in made} | {"arguments": set(rule.arguments)}
        else:
            vars(rule).update(compiled[key], arguments=set(compiled[key]["arguments"]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", once)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with all tables and no rows."""
    path = tmp_path_factory.mktemp("prepared") / "roost.db"
    schema.upgrade(path)
    return path


@pytest.fixture(scope="session")
def settled() -> dict[str, Path]:
    """Instance folders in which the people of the lively demo have their accounts, by mode; also with rights read."""
    return {}


@pytest.fixture
def make_world(
    prepared: Path, settled: dict[str, Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., World]]:
    """Makes a world; `mode` is own (each customer's key) or service (the service key)."""
    made: list[World] = []
    first_clock = portal_clock.use(portal_clock.SystemClock())

    def make(
        mode: str = "own", *, fixture: dict[str, object] | None = None, is_ready: bool = False, **settings: object
    ) -> World:
        kind = f"{mode}-ready" if is_ready else mode
        clock = TestClock()
        demo = build(clock=clock, fixture=fixture)
        portal_clock.use(PortalSide(clock))
        instance = tmp_path / f"instance{len(made)}"
        is_settled = fixture is None and kind in settled
        if is_settled:
            shutil.copytree(settled[kind], instance)
        else:
            instance.mkdir(mode=0o700)
            shutil.copyfile(prepared, instance / "roost.db")
            (instance / "roost.db").chmod(0o600)
        adapter = WsgiAdapter(demo.wsgi)
        nodes = WsgiAdapter(Nodes(demo))
        values: dict[str, object] = {
            "panel_url": "http://panel.test",
            "application_key": demo.keys["application"],
            "use_service_key": mode == "service",
            "service_key": demo.keys.get("service", demo.keys.get("admin")) if mode == "service" else None,
            "support_url": "https://example.com/support",
            "portal_url": "http://localhost",
            "web_processes": 1,
            "instance": instance,
        }
        chosen = Settings(**(values | settings))  # type: ignore[arg-type]
        adapters = {"ROOST_PANEL_ADAPTER": adapter, "ROOST_NODE_ADAPTER": nodes}
        app = create_app(chosen, {"TESTING": True, "WTF_CSRF_ENABLED": False} | adapters)
        world = World(app, demo, clock, adapter, instance, nodes)
        made.append(world)
        if not is_settled:
            _make_people(world, mode)
            if is_ready:
                world.work()
        if fixture is None and not is_settled:
            with app.app_context():
                db.engine.dispose()
            settled[kind] = shutil.copytree(instance, tmp_path_factory.mktemp("settled") / kind)
        adapter.requests.clear()
        return world

    yield make
    for world in made:
        with world.app.app_context():
            db.engine.dispose()
    portal_clock.use(first_clock)


@pytest.fixture(params=["own", "service"])
def world(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> World:
    """The lively demo, once with everybody's own key and once with the service key; rights are read already."""
    return make_world(request.param, is_ready=True)


@pytest.fixture
def own_world(make_world: Callable[..., World]) -> World:
    """The lively demo with everybody's own key."""
    return make_world("own", is_ready=True)


@pytest.fixture
def service_world(make_world: Callable[..., World]) -> World:
    """The lively demo with the service key."""
    return make_world("service", is_ready=True)


def _make_people(world: World, mode: str) -> None:
    with world.app.app_context():
        for name in PEOPLE:
            found = [user for user in world.demo.world.users if user.username == name]
            if not found:
                continue
            linked = PanelUser(found[0].id, name, found[0].email)
            account_id = accounts.create(f"{name}@example.com", panel_user=linked, is_admin=name == "admin")
            accounts.set_password(account_id, PASSWORD)
            if mode == "own" and name != "admin":
                credentials.set_key(accounts.find(f"{name}@example.com"), world.demo.keys[name])
