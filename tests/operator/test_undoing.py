"""Changes of price and expiry beside what happens meanwhile: holds, old and used previews, crowds."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.operator import changing, fleet, writing
from portal.operator.changing import Change, ChangeError, Stale
from portal.store import write
from portal.suspension import holds
from portal.suspension.models import Intent
from tests.conftest import World
from tests.operator.conftest import DAY_S, changed, identifier, previewed, run
from tests.support import money

MOVE = {"price": "keep", "unit": "months", "expiry": "move"}


def make(world: World, *names: str, **fields: object) -> writing.Done:
    """Preview and confirm a change."""
    with world.app.app_context():
        change = Change(made_at=int(clock.now()), **fields)  # type: ignore[arg-type]
        plan = changing.plan(change, [identifier(world, name) for name in names])
        return changing.apply(None, changing.token_of(None, plan))


def hold(world: World, name: str, kind: holds.Kind = "unpaid") -> None:
    with world.app.app_context(), write() as session:
        holds.place_in(session, money.known(world, name).uuid, kind, reason="not paid", by=None)


def held(world: World, name: str) -> list[str]:
    with world.app.app_context():
        return [one.kind for one in holds.of(money.known(world, name).uuid)]


def undo(world: World) -> writing.Done:
    with world.app.app_context():
        last = writing.last()
        assert last is not None
        return writing.undo(None, last.id)


def test_a_server_that_is_paid_again_by_undoing_is_let_go_and_started_for_its_owner(host: World) -> None:
    money.price(host, "Lobby", expires_in_s=20 * DAY_S)
    make(host, "Lobby", expiry="move", move_days=-30)
    hold(host, "Lobby")
    hold(host, "Lobby", "admin")
    assert undo(host).servers == 1
    assert held(host, "Lobby") == ["admin"]
    money.price(host, "Skyblock", expires_in_s=20 * DAY_S)
    make(host, "Skyblock", expiry="move", move_days=-30)
    hold(host, "Skyblock")
    undo(host)
    with host.app.app_context(), write() as session:
        wish = session.query(Intent).order_by(Intent.id.desc()).first()
        assert wish is not None
        assert (wish.wants_suspended, wish.start_as) == (False, money.account_id(host, "owner"))


def test_a_first_price_that_is_undone_leaves_no_hold(host: World) -> None:
    at = int(host.clock.now()) - 5 * DAY_S
    make(host, "Lobby", price="set", amount_minor=500, currency="EUR", expiry="at", at=at)
    hold(host, "Lobby")
    assert undo(host).servers == 1
    assert (money.terms_of(host, "Lobby"), held(host, "Lobby")) == (None, [])


def test_a_server_that_is_free_again_by_undoing_is_let_go(host: World) -> None:
    money.free(host, "Lobby")
    at = int(host.clock.now()) - 5 * DAY_S
    make(host, "Lobby", price="set", amount_minor=500, currency="EUR", expiry="at", at=at)
    hold(host, "Lobby")
    undo(host)
    assert held(host, "Lobby") == []


def test_a_server_that_is_due_by_undoing_stays_held(host: World) -> None:
    money.price(host, "Lobby", expires_in_s=-5 * DAY_S)
    make(host, "Lobby", expiry="move", move_days=1)
    hold(host, "Lobby")
    undo(host)
    assert held(host, "Lobby") == ["unpaid"]


def test_a_hold_that_was_placed_after_the_preview_is_released_all_the_same(host: World) -> None:
    money.price(host, "Lobby", expires_in_s=-5 * DAY_S)
    with host.app.app_context():
        plan = changing.plan(Change(expiry="move", move_days=30, made_at=int(clock.now())), [identifier(host, "Lobby")])
        hold(host, "Lobby")
        assert writing.write_steps(None, plan.steps, said="x", why="").servers == 1
    assert held(host, "Lobby") == []


def test_a_preview_is_used_once_also_after_it_was_undone(host: World, admin: FlaskClient) -> None:
    before = money.price(host, "Lobby", expires_in_s=20 * DAY_S)
    token = previewed(admin, servers=identifier(host, "Lobby"), days="10", **MOVE)
    assert admin.post("/admin/billing/change/apply", data={"token": token}).status_code == 303
    undo(host)
    answer = admin.post("/admin/billing/change/apply", data={"token": token})
    assert (answer.status_code, "was confirmed before" in answer.text) == (409, True)
    assert money.terms_of(host, "Lobby").expires_at == before.expires_at  # type: ignore[union-attr]
    changed(admin, servers=identifier(host, "Lobby"), days="10", **MOVE)


def test_a_preview_ends_after_an_hour_and_a_new_one_is_shown(host: World, admin: FlaskClient) -> None:
    token = previewed(admin, servers=identifier(host, "Lobby"), price="set", amount="5", count="1", unit="months",
                      expiry="keep")  # fmt: skip
    host.clock.advance(3601)
    answer = admin.post("/admin/billing/change/apply", data={"token": token})
    assert (answer.status_code, "older than an hour" in answer.text) == (409, True)
    assert money.terms_of(host, "Lobby") is None
    with host.app.app_context():
        change = Change(price="free", made_at=int(clock.now()))
        old = changing.token_of(None, changing.plan(change, [identifier(host, "Lobby")]))
        host.clock.advance(3601)
        with pytest.raises(Stale) as caught:
            changing.apply(None, old)
        plan = changing.plan(caught.value.change, caught.value.identifiers)
        assert changing.apply(None, changing.token_of(None, plan)).servers == 1


@pytest.mark.parametrize(("count", "unit"), [(61, "months"), (1827, "days")])
def test_no_price_is_for_longer_than_anybody_can_pay_ahead(count: int, unit: str, host: World) -> None:
    with pytest.raises(ChangeError, match="at most five years"):
        make(host, "Lobby", price="set", amount_minor=5, currency="EUR", period_count=count, period_unit=unit)
    assert run(host, "price", "5", identifier(host, "Lobby"), f"--{unit}", str(count), "--yes").exit_code == 2
    done = run(host, "price", "5", identifier(host, "Lobby"), f"--{unit}", str(count - 1), "--yes")
    assert done.exit_code == 0, done.output


def test_a_list_that_is_cut_says_so(host: World, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = len(host.demo.world.servers)
    monkeypatch.setattr(fleet, "MOST", 3)
    done = run(host, "free", "--all", "--yes")
    assert f"{everything} servers fit. These are the first 3 of them" in done.output
    assert "3 changed" in done.output
    assert f"{everything - 3} servers need a price" in run(host, "needs-price").output
    assert "These are the first 3 of them" in admin.get("/admin/billing/change?all=1").text
    assert "These are the first" not in admin.get("/admin/billing/change?all=1&show=free").text


def test_an_owner_is_looked_for_among_all_servers(host: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "MOST", 3)
    done = run(host, "free", "--owner", "Solo@example.com", "--yes")
    assert (done.exit_code, "servers fit" in done.output) == (0, False)
    with host.app.app_context():
        assert {one.owner for one in fleet.fitting(fleet.Filter("free"))} == {"solo@example.com"}
    assert run(host, "free", "--owner", "", "--yes").exit_code == 1
    with host.app.app_context():
        assert {one.owner for one in fleet.fitting(fleet.Filter("free"))} == {"solo@example.com"}
