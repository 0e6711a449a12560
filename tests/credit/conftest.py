"""A portal with the door for programs open, and what tests ask of its ledger."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.audit import changes
from portal.billing import ledger
from portal.billing.models import LedgerEntry
from portal.store import read
from tests.conftest import World

KEY = "a credit key, long enough"


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    """The people with their accounts; billing observes, in EUR."""
    return make_world("own", credit_key=KEY)


def entries(world: World) -> list[LedgerEntry]:
    """Every row of the ledger, the oldest first."""
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def assert_whole(world: World) -> None:
    """Ledger and trail add up."""
    with world.app.app_context():
        assert list(ledger.verify()) == []
        assert list(changes.verify()) == []
