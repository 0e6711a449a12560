"""Paid month after month, a server keeps its day; and the database itself lets nobody renew twice from one expiry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.billing import renewing, terms
from portal.store import write
from tests.conftest import World
from tests.support import money

SERVER = "Survival SMP"


@pytest.fixture
def paying(make_world: Callable[..., World]) -> World:
    made = make_world("own", billing="on", time_zone="UTC")
    made.clock.advance(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp() - made.clock.now())
    return made


def test_begun_on_the_31st_it_ends_on_the_last_day_of_each_month(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 100_000)
    owner = money.account_id(paying, "owner")
    seen = []
    with paying.app.app_context():
        for _ in range(14):
            now = terms.of(shown.server.uuid)
            assert now is not None
            assert now.expires_at is not None
            seen.append(datetime.fromtimestamp(now.expires_at, UTC).strftime("%m-%d"))
            renewing.pay(owner, renewing.offer(now, 1))
    assert seen == [
        "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31", "01-31",
        "02-29", "03-31",
    ]  # fmt: skip


def test_the_database_itself_keeps_one_renewal_for_each_expiry(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 100_000)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        renewing.pay(owner, renewing.offer(shown, 1))
        again = (
            "INSERT INTO renewal SELECT id + 1, server_uuid, from_expiry, to_expiry, periods, price_id, amount_minor, "
            "currency, account_id, (SELECT min(id) FROM ledger_entry), is_automatic, at FROM renewal"
        )
        refused = "UNIQUE constraint failed: renewal.server_uuid, renewal.from_expiry"
        with pytest.raises(IntegrityError, match=refused), write() as session:
            session.execute(text(again))
