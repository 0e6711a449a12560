"""gunicorn.conf.py: what it warns of, and that nothing that a fork cannot take along is made before it."""

from __future__ import annotations

import gc
import resource
import runpy
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from gunicorn.config import Config

from portal.console.relay import relay
from portal.store import db
from portal.wings.hub import CAP
from tests.conftest import World
from tests.deploy.machine import ROOT, wait_until

KEY = "ptla_" + "a1B2" * 10 + "abc"


@dataclass
class Listener:
    """A socket that gunicorn listens on."""

    place: Any

    def getsockname(self) -> Any:
        return self.place


@dataclass
class Master:
    """What gunicorn hands to its hooks."""

    flask: Flask
    place: Any
    said: list[str] = field(default_factory=list)

    @property
    def LISTENERS(self) -> list[Listener]:  # noqa: N802
        return [Listener(self.place)]

    @property
    def app(self) -> Master:
        return self

    @property
    def log(self) -> Master:
        return self

    def wsgi(self) -> Flask:
        return self.flask

    def warning(self, text: str, *values: object) -> None:
        self.said.append(text % values)


@pytest.fixture
def load(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Reads the settings file of gunicorn, with settings of ours."""
    monkeypatch.setattr(gc, "freeze", lambda: None)

    def read(**settings: str) -> dict[str, Any]:
        named = {"panel_url": "http://127.0.0.1:1", "application_key": KEY, "instance": str(world.instance)} | settings
        for name, value in named.items():
            monkeypatch.setenv(f"ROOST_{name.upper()}", value)
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    yield read
    gc.enable()


def said(world: World, config: dict[str, Any], place: Any) -> str:
    master = Master(world.app, place)
    config["when_ready"](master)
    return " ".join(master.said)


@pytest.mark.parametrize(
    ("place", "warns"),
    [(("127.0.0.1", 8000), False), (("::1", 8000, 0, 0), False), ("/run/roost/web.sock", False),
     (("0.0.0.0", 8000), True), (("192.0.2.1", 8000), True), (("::", 8000, 0, 0), True)],
)  # fmt: skip
def test_a_port_that_others_can_reach_is_warned_of(place: Any, warns: bool, world: World, load: Any) -> None:
    assert ("where others can reach it" in said(world, load(), place)) == warns


def test_visitors_that_cannot_be_told_apart_are_warned_of(world: World, load: Any) -> None:
    assert "look like one" in said(world, load(trusted_proxy="none"), "/run/roost/web.sock")


def test_nothing_that_a_fork_cannot_take_along_is_made_before_it(world: World, load: Any) -> None:
    config = load()
    before = set(threading.enumerate())
    assert not gc.isenabled()
    said(world, config, "/run/roost/web.sock")
    assert gc.isenabled()
    assert set(threading.enumerate()) <= before  # a thread of an earlier test may end meanwhile
    with world.app.app_context():
        assert db.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


def test_gunicorn_itself_believes_no_header(load: Any) -> None:
    config, known = load(), Config()
    for name in ("forwarded_allow_ips", "secure_scheme_headers", "forwarder_headers"):
        known.set(name, config[name])
    assert known.forwarded_allow_ips == []
    assert known.secure_scheme_headers == {}
    assert known.forwarder_headers == []


def test_gunicorn_knows_every_name_in_it(load: Any) -> None:
    names = {name for name, value in load().items() if isinstance(value, (str, int, bool)) and name.islower()}
    known = Config().settings
    assert {"bind", "threads", "preload_app"} <= names
    assert {name for name in names if not name.startswith("_")} - {"annotations"} <= set(known)


def test_a_process_that_is_told_to_stop_closes_its_consoles_first(world: World, load: Any) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        load()["post_worker_init"](SimpleNamespace(wsgi=world.app))
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    with world.app.app_context():
        wait_until(lambda: relay().seats.is_stopping, "nobody closed the consoles")
    assert heard == [signal.SIGTERM], "gunicorn's own handler comes after ours"


def test_consoles_leave_threads_for_pages(load: Any) -> None:
    assert load()["threads"] >= CAP + 32


@pytest.mark.parametrize(("limit", "warns"), [(256, True), (16384, False), (resource.RLIM_INFINITY, False)])
def test_too_few_files_are_warned_of(
    limit: int, warns: bool, world: World, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert ("ulimit -n" in said(world, load(), "/run/roost/web.sock")) == warns


@pytest.mark.parametrize(("told", "bind"), [(None, "127.0.0.1:8000"), ("unix:/run/x.sock", "unix:/run/x.sock")])
def test_where_it_listens_can_be_told(
    told: str | None, bind: str, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if told:
        monkeypatch.setenv("ROOST_BIND", told)
    assert load()["bind"] == bind
