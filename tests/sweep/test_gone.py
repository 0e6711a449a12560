"""Servers that the panel has no more: sure only after two clear answers, and undone when they come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select

from portal.audit import changes
from portal.billing import auto, terms
from portal.billing.auto import Renewals
from portal.billing.models import Term
from portal.demo import by_hand
from portal.servers.models import PanelServer
from portal.store import read, write
from portal.store.state import StoreState
from portal.sweep import gone
from portal.sweep.gone import Looked
from tests.conftest import World
from tests.support import money

SERVER = "Survival SMP"


@pytest.fixture
def paying(make_world: Callable[..., World]) -> World:
    world = make_world("own", is_ready=True, billing="on")
    money.price(world, SERVER)
    return world


def vanish(world: World) -> None:
    """Delete the server on the panel."""
    by_hand.delete(world.demo, by_hand.find_server(world.demo, SERVER))


def look(world: World, *, after_s: float = 0, syncs: bool = True) -> Looked:
    """What a look finds, some time later."""
    world.clock.advance(after_s)
    if syncs:
        world.work()
    with world.app.app_context():
        return gone.look()


def stands(world: World) -> terms.Terms:
    with world.app.app_context(), read() as session:
        uuid = session.scalars(select(Term.server_uuid)).one()
        found = terms.get_in(session, uuid)
    assert found is not None
    return found


def test_a_deleted_server_is_gone_after_two_answers_ten_minutes_apart(paying: World) -> None:
    before = stands(paying)
    vanish(paying)
    assert look(paying, after_s=30) == Looked()
    assert look(paying, after_s=590) == Looked()
    assert look(paying, after_s=20) == Looked(gone=1)
    after = stands(paying)
    assert after.gone_at == int(paying.clock.now())
    assert (after.expires_at, after.price) == (before.expires_at, before.price)
    assert look(paying, after_s=900) == Looked()
    with paying.app.app_context():
        assert [one.server.name for one in gone.listed()] == [SERVER]
        assert list(changes.verify()) == []


def test_between_the_two_the_panel_is_not_asked_for_it(paying: World) -> None:
    vanish(paying)
    look(paying, after_s=30)
    paying.calls()
    with paying.app.app_context():
        assert gone.look() == Looked()
    assert paying.calls() == []


def test_nothing_is_asked_while_the_list_is_whole(paying: World) -> None:
    look(paying, after_s=30)
    paying.calls()
    with paying.app.app_context():
        assert gone.look() == Looked()
    assert paying.calls() == []


def test_one_answer_of_404_is_not_enough_if_the_server_is_there_again(paying: World) -> None:
    server = by_hand.find_server(paying.demo, SERVER)
    place = paying.demo.world.servers.index(server)
    paying.demo.world.servers.remove(server)
    assert look(paying, after_s=30) == Looked()
    paying.demo.world.servers.insert(place, server)
    with paying.app.app_context(), write() as session:
        session.execute(delete(PanelServer).where(PanelServer.uuid == server.uuid))  # the list still has a gap
    assert look(paying, after_s=700, syncs=False) == Looked()
    paying.demo.world.servers.remove(server)
    assert look(paying, after_s=30) == Looked()  # counted from the beginning
    assert stands(paying).gone_at is None


def test_a_gap_in_the_list_is_no_proof(paying: World) -> None:
    uuid = stands(paying).server.uuid
    for _ in range(3):
        with paying.app.app_context(), write() as session:
            session.execute(delete(PanelServer).where(PanelServer.uuid == uuid))
        assert look(paying, after_s=700, syncs=False) == Looked()
    assert stands(paying).gone_at is None


def test_a_panel_that_knows_no_server_at_all_proves_nothing(paying: World) -> None:
    with paying.app.app_context(), write() as session:
        session.execute(delete(PanelServer).where(PanelServer.uuid == stands(paying).server.uuid))
    paying.demo.world.servers.clear()
    for _ in range(3):
        assert look(paying, after_s=700, syncs=False) == Looked()
    assert stands(paying).gone_at is None


@pytest.mark.parametrize("status", ["502 Bad Gateway", "500 Internal Server Error", "429 Too Many Requests"])
def test_a_panel_that_gives_no_answer_proves_nothing(paying: World, status: str) -> None:
    vanish(paying)
    look(paying, after_s=30)
    panel = paying.adapter.app

    def broken(_environ: object, start_response: Callable[[str, list[tuple[str, str]]], None]) -> list[bytes]:
        start_response(status, [("Content-Type", "text/plain")])
        return [b""]

    paying.adapter.app = broken
    assert look(paying, after_s=700, syncs=False) == Looked()
    assert stands(paying).gone_at is None
    paying.adapter.app = panel
    assert look(paying, after_s=400) == Looked(gone=1)


def test_another_server_under_the_number_proves_nothing(paying: World) -> None:
    server = by_hand.find_server(paying.demo, SERVER)
    server.uuid = "00000000" + server.uuid[8:]
    for _ in range(3):
        assert look(paying, after_s=700) == Looked()
    assert stands(paying).gone_at is None


def test_a_list_in_doubt_and_billing_that_is_off_look_at_nothing(
    paying: World, make_world: Callable[..., World]
) -> None:
    vanish(paying)
    look(paying, after_s=30)
    paying.clock.advance(700)
    with paying.app.app_context():
        with write() as session:
            session.merge(StoreState(name=gone.DOUBT, value="{}"))
        assert gone.look() == Looked()
        with write() as session:
            session.execute(delete(StoreState).where(StoreState.name == gone.DOUBT))
        assert gone.look() == Looked(gone=1)
    world = make_world("own", is_ready=True, billing="off")
    money.price(world, SERVER)
    vanish(world)
    look(world, after_s=30)
    assert look(world, after_s=700) == Looked()


def test_a_server_that_comes_back_goes_on_as_it_was(paying: World) -> None:
    before = stands(paying)
    server = by_hand.find_server(paying.demo, SERVER)
    place = paying.demo.world.servers.index(server)
    paying.demo.world.servers.remove(server)
    look(paying, after_s=30)
    look(paying, after_s=700)
    assert stands(paying).gone_at is not None
    paying.demo.world.servers.insert(place, server)
    assert look(paying, after_s=60) == Looked(restored=1)
    assert stands(paying) == before
    with paying.app.app_context():
        assert gone.listed() == []
        assert list(changes.verify()) == []


def test_an_old_owners_automatic_renewal_ends_with_the_new_owner(paying: World) -> None:
    owner = money.account_id(paying, "owner")
    money.fund(paying, "owner", 5000)
    with paying.app.app_context(), write() as session:
        terms.set_auto_renew_in(session, stands(paying).server.uuid, owner, by=owner, why="test")
    assert look(paying, after_s=30) == Looked()
    assert stands(paying).auto_renew_by == owner
    demo = paying.demo
    by_hand.set_owner(demo, by_hand.find_server(demo, SERVER), by_hand.find_user(demo, "stranger"))
    paying.work()
    money.expire_all_at(paying, int(paying.clock.now()) + 60)
    with paying.app.app_context():
        assert auto.renew_due() == Renewals()  # not even before it was noticed
    assert look(paying, after_s=30) == Looked(moved=1)
    assert stands(paying).auto_renew_by is None
    assert money.balance(paying, "owner") == 5000
    assert look(paying, after_s=30) == Looked()
