"""What tests of the pages of prices and money share: a world that charges, and reading pages as people do."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.billing.terms import Terms
from portal.store import write
from portal.suspension import holds
from portal.suspension.holds import Kind
from tests.conftest import World

SERVER = "Survival SMP"
"""Shared with the subuser; the stranger has nothing to do with it."""


def path(world: World, name: str = SERVER, rest: str = "") -> str:
    """The address of a server's price page, or of what lies under it."""
    return f"/servers/{world.server(name)}/billing{rest}"


def field(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return unescape(found[1])


def has_field(page: str, name: str) -> bool:
    """Whether a form has the field at all."""
    return f'name="{name}" value=' in page


def pay(browser: FlaskClient, world: World, confirmed: str, name: str = SERVER, **more: str) -> TestResponse:
    """Tap the button of a confirm page."""
    data = {"token": field(confirmed, "token"), "paid_from": field(confirmed, "paid_from"), **more}
    return browser.post(path(world, name, "/renew"), data=data)


def hold(world: World, shown: Terms, kind: Kind, *, reason: str = "an inside note", sends: bool = False) -> None:
    """Place a hold."""
    with world.app.app_context(), write() as session:
        holds.place_in(session, shown.server.uuid, kind, reason=reason, by=None, sends=sends)


def suspend_on_panel(world: World, name: str = SERVER, *, wanted: bool = True) -> None:
    """As the panel shows it, and read by the portal."""
    row = next(one for one in world.demo.world.servers if one.name == name)
    row.status = "suspended" if wanted else None
    world.clock.advance(31)
    world.work()
    world.browser("owner").get("/servers")
