"""One machine that tests share (`machine`): installed, running, with the owner's account; nobody leaves it broken."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import create_app
from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.config import load
from portal.credentials import service as credentials
from portal.store import db
from tests.deploy.machine import HOST, NGINX, DemoPanel, Machine

PASSWORD = "roost-demo"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked nginx needs it."""
    if not NGINX:
        for item in items:
            if item.get_closest_marker("nginx"):
                item.add_marker(pytest.mark.skip(reason="no nginx: install it"))


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPanel]:
    """The demo panel as a process of its own."""
    running = DemoPanel(tmp_path_factory.mktemp("panel"))
    yield running
    running.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for the socket in it: an address of a socket has 107 letters at most."""
    short = Path(tempfile.mkdtemp(prefix="roost-", dir="/tmp"))
    yield short
    shutil.rmtree(short)


@pytest.fixture(scope="session")
def machine(panel: DemoPanel, _cheap_passwords: None) -> Iterator[Machine]:
    """The machine that tests share."""
    root = Path("/tmp") / f"roost-{os.getpid()}-shared"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o700)
    one = Machine(root)
    try:
        one.write_settings(
            panel_url=panel.url, application_key=panel.keys["application"], portal_url=f"https://{HOST}"
        )
        done = one.install("--keep-venv")
        assert done.returncode == 0, done.stdout + done.stderr
        _make_owner(one, panel)
        one.start()
        yield one
    finally:
        one.close()
        shutil.rmtree(root)


def _make_owner(machine: Machine, panel: DemoPanel) -> None:
    app = create_app(load({"ROOST_INSTANCE": str(machine.instance), "ROOST_LOG_LEVEL": "ERROR"}))
    with app.app_context():
        linked = PanelUser(panel.world["vars"]["owner_id"], "owner", "owner@example.com")
        account_id = accounts.create("owner@example.com", panel_user=linked, is_admin=False)
        accounts.set_password(account_id, PASSWORD)
        credentials.set_key(accounts.find("owner@example.com"), panel.keys["owner"])
        db.engine.dispose()
