"""An administrator's browser and the mail of the portal."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.auth.models import Account
from portal.store import read
from tests.conftest import World

LINK = re.compile(r"https?://[\w.:-]+(/invite/[\w-]{43})")


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    """The people with their accounts; no mail server."""
    return make_world("own")


@pytest.fixture
def admin(portal: World) -> FlaskClient:
    """The administrator's browser."""
    return portal.browser("admin")


def account(world: World, email: str) -> Account:
    """The row of an account."""
    with world.app.app_context(), read() as session:
        return session.scalars(select(Account).where(Account.email == email)).one()


def number(world: World, name: str) -> int:
    """The account's number of one of the people."""
    return account(world, f"{name}@example.com").id


def audited(world: World) -> list[tuple[str, str]]:
    """Action and detail of every audit line, the oldest first."""
    from portal.audit.models import AuditEntry

    with world.app.app_context(), read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(row.action, row.detail) for row in rows]
