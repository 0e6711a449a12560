"""The host's browser and commands, and a panel whose clock and list are believed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import Result
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.audit.models import AuditChange
from portal.background import directory
from portal.store import read, write
from portal.store.state import StoreState
from portal.suspension import panel_clock
from portal.sweep import confirming, sweeping
from tests.conftest import World
from tests.support import money

DAY_S = 86_400
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def host(make_world: Callable[..., World]) -> World:
    """Billing is on; rights and the list of servers are read."""
    return make_world("own", is_ready=True, billing="on")


@pytest.fixture
def admin(host: World) -> FlaskClient:
    """The administrator's browser."""
    return host.browser("admin")


def run(world: World, *words: str, typed: str = "") -> Result:
    """`flask billing ...`."""
    return world.app.test_cli_runner().invoke(args=["billing", *words], input=typed)


def crowd(world: World) -> None:
    """Twenty-four other servers with a price, each for months: then three at once are no crowd."""
    others = [one.name for one in world.demo.world.servers if one.name not in ("Lobby", "Skyblock", "Pixelmon")]
    for place, name in enumerate(others[:24]):
        money.price(world, name, expires_in_s=(100 + place) * DAY_S)


def identifier(world: World, name: str) -> str:
    """A server's identifier by its name."""
    return money.known(world, name).identifier


def settle(world: World) -> None:
    """Let every gate be open: list and clock read, prices confirmed, the clock looked at twice."""
    with world.app.app_context():
        confirming.confirm(None)
        for _ in range(3):
            directory.sync()
            with write() as session:  # the panel of a test names no date
                session.merge(StoreState(name=panel_clock.NAME, value=json.dumps([0, int(world.clock.now())])))
            sweeping.sweep()
            world.clock.advance(310)


def trail(world: World, what: str) -> list[AuditChange]:
    """The rows of the trail about something."""
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(AuditChange).where(AuditChange.what == what).order_by(AuditChange.id)))


def previewed(browser: FlaskClient, **fields: str) -> str:
    """The token of a preview."""
    answer = browser.post("/admin/billing/change/preview", data=fields)
    assert answer.status_code == 200, answer.text
    return TOKEN.search(answer.text)[1]


def changed(browser: FlaskClient, **fields: str) -> None:
    """Preview and confirm a change."""
    answer = browser.post("/admin/billing/change/apply", data={"token": previewed(browser, **fields)})
    assert answer.status_code == 303, answer.text
