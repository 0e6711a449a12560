"""`flask setup` in an empty folder beside the demo panel, as somebody types it or as a machine runs it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from portal.auth import service as accounts
from portal.auth.models import Account
from portal.config import load
from portal.demo import Demo, ManualClock, build
from portal.setup.bare import bare_app
from portal.store import db
from tests.support.wsgi_adapter import WsgiAdapter

URL = "http://panel.test"


@dataclass
class Place:
    """An instance folder that is not there yet, and the panel."""

    instance: Path
    demo: Demo
    monkeypatch: pytest.MonkeyPatch
    adapter: WsgiAdapter = field(init=False)

    def __post_init__(self) -> None:
        self.adapter = WsgiAdapter(self.demo.wsgi)

    @property
    def config(self) -> Path:
        """The file that is written."""
        return self.instance / "config.toml"

    def stored(self) -> dict[str, Any]:
        """What is in it."""
        return tomllib.loads(self.config.read_text())

    def run(self, *typed: str, environ: dict[str, str] | None = None, args: tuple[str, ...] = ()) -> Result:
        """Run the command; `typed` are the lines, and when they end so does the input."""
        for name in [name for name in os.environ if name.startswith("ROOST_")]:
            self.monkeypatch.delenv(name)
        app = bare_app(None, {"ROOST_INSTANCE": str(self.instance)})
        app.config["ROOST_PANEL_ADAPTER"] = self.adapter
        env = {"ROOST_INSTANCE": str(self.instance)} | (environ or {})
        ran = app.test_cli_runner().invoke(args=["setup", *args], input="".join(f"{one}\n" for one in typed), env=env)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        for key in self.demo.keys.values():
            assert key not in ran.output
            assert key[16:] not in ran.output, "not even the secret part"
        return ran

    def unattended(self, **values: str) -> Result:
        """Run with everything from the environment; an empty value leaves one out."""
        given = {
            "PANEL_URL": URL, "APPLICATION_KEY": self.demo.keys["application_ro"], "SETUP_ADMIN": "Admin@Example.com",
            "PORTAL_URL": "https://my.example.com",
        } | values  # fmt: skip
        environ = {f"ROOST_{name}": value for name, value in given.items() if value}
        return self.run(environ=environ, args=("--non-interactive",))

    def account(self, email: str) -> Account:
        """An account in the store that setup made."""
        with self.portal():
            return accounts.find(email)

    @contextmanager
    def portal(self) -> Iterator[None]:
        """Inside the portal that setup made ready."""
        from portal.app import create_app

        with create_app(load({"ROOST_INSTANCE": str(self.instance)})).app_context():
            try:
                yield
            finally:
                db.engine.dispose()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path / "instance", build(clock=ManualClock()), monkeypatch)


@pytest.fixture
def type_in(place: Place) -> Callable[..., Result]:
    """Types the answers in their order; each may be a list: wrong ones before the right one."""

    def run(environ: dict[str, str] | None = None, **answers: str | list[str]) -> Result:
        usual: dict[str, str | list[str]] = {
            "panel": URL, "application": place.demo.keys["application_ro"], "mode": "own", "service": [],
            "portal": "https://my.example.com", "host": "", "admin": "admin@example.com", "user": "y",
        }  # fmt: skip
        lines: list[str] = []
        for one in (usual | answers).values():
            lines += [one] if isinstance(one, str) else one
        return place.run(*lines, environ=environ)

    return run
