"""Renewing: one charge for a period, or none and a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.audit import changes
from portal.billing import ledger, renewing, terms
from portal.billing.ledger import NotEnough
from portal.billing.renewing import AlreadyRenewed, Changed, RenewalError
from portal.store import write
from portal.suspension import holds
from tests.conftest import World
from tests.support import money

SERVER = "Survival SMP"


@pytest.fixture
def paying(make_world: Callable[..., World]) -> World:
    return make_world("own", is_ready=True, billing="on")


def test_a_renewal_charges_once_and_moves_the_expiry(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 1200)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        wanted = renewing.offer(shown, 2)
        done = renewing.renew(owner, renewing.token_of(owner, wanted))
        assert done.paid.minor == 1000
        assert done.balance.minor == 200
        after = terms.of(shown.server.uuid)
        assert after is not None
        assert after.expires_at == wanted.to_expiry == done.until
        with pytest.raises(AlreadyRenewed) as caught:
            renewing.renew(owner, renewing.token_of(owner, wanted))
        assert caught.value.until == done.until
        assert list(ledger.verify()) == []
        assert list(changes.verify()) == []
    assert money.balance(paying, "owner") == 200


def test_too_little_says_how_much_is_missing_and_changes_nothing(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 120)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        with pytest.raises(NotEnough) as caught:
            renewing.renew(owner, renewing.token_of(owner, renewing.offer(shown, 1)))
        assert str(caught.value.missing) == "3.80 EUR"
        assert terms.of(shown.server.uuid) == shown
    assert money.balance(paying, "owner") == 120


def test_what_the_page_showed_is_what_is_paid_or_nothing_is(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 5000)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        token = renewing.token_of(owner, renewing.offer(shown, 1))
        for said in (token[:-1], token + "x", "", "a.b"):
            with pytest.raises(Changed):
                renewing.renew(owner, said)
        with pytest.raises(Changed):
            renewing.renew(money.account_id(paying, "subuser"), token)
    money.price(paying, SERVER, 600)
    with paying.app.app_context(), pytest.raises(Changed):
        renewing.renew(owner, token)
    assert money.balance(paying, "owner") == 5000


def test_a_renewal_releases_unpaid_and_nothing_else(paying: World) -> None:
    shown = money.price(paying, SERVER, 500, expires_in_s=-3 * money.DAY_S)
    money.fund(paying, "owner", 5000)
    owner, uuid = money.account_id(paying, "owner"), shown.server.uuid
    with paying.app.app_context():
        with write() as session:
            holds.place_in(session, uuid, "unpaid", reason="not paid", by=None)
            holds.place_in(session, uuid, "external", reason="seen on the panel", by=None, sends=False)
        token = renewing.token_of(owner, renewing.offer(shown, 1))
        with pytest.raises(RenewalError):
            renewing.renew(owner, token)
        assert renewing.renew(owner, token, accepts_hold=True).starts
        assert [one.kind for one in holds.of(uuid)] == ["external"]


def test_a_server_blocked_for_abuse_cannot_be_renewed(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 5000)
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        with write() as session:
            holds.place_in(session, shown.server.uuid, "abuse", reason="phishing", by=None)
        with pytest.raises(RenewalError, match="blocked"):
            renewing.renew(owner, renewing.token_of(owner, renewing.offer(shown, 1)), accepts_hold=True)
    assert money.balance(paying, "owner") == 5000
