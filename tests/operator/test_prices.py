"""Price and expiry of one or many servers: a preview, exactly that when confirmed, undone as one act."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal import clock
from portal.auth import service as accounts
from portal.billing import ledger, renewing, terms
from portal.billing.ledger import Posting
from portal.billing.models import Price, Term
from portal.billing.money import Money
from portal.operator import changing, fleet, writing
from portal.operator.changing import Change, ChangeError, Stale
from portal.operator.fleet import Filter
from portal.store import read, write
from portal.suspension import holds
from portal.sweep import confirming
from tests.conftest import World
from tests.operator.conftest import DAY_S, changed, crowd, identifier, previewed, run, settle, trail
from tests.support import money

SET = {"price": "set", "amount": "9,50", "count": "1", "unit": "months", "expiry": "keep"}
THREE = ("Lobby", "Skyblock", "Pixelmon")


def ids(world: World, *names: str) -> str:
    return " ".join(identifier(world, name) for name in names)


def test_a_preview_changes_nothing(host: World, admin: FlaskClient) -> None:
    previewed(admin, servers=ids(host, "Lobby"), **SET)
    assert money.terms_of(host, "Lobby") is None
    assert trail(host, "term") == []


def test_what_was_previewed_is_what_is_done(host: World, admin: FlaskClient) -> None:
    crowd(host)
    token = previewed(admin, servers=ids(host, "Lobby", "Skyblock"), **SET)
    begun = int(host.clock.now())
    host.clock.advance(3600)
    assert admin.post("/admin/billing/change/apply", data={"token": token}).status_code == 303
    for name in ("Lobby", "Skyblock"):
        shown = money.terms_of(host, name)
        assert (shown.price.amount, shown.anchor, shown.periods) == (Money(950, "EUR"), begun, 1)
    assert {row.account_id for row in trail(host, "term") if row.why != "test"} == {money.account_id(host, "admin")}
    assert money.terms_of(host, "Pixelmon") is None


def test_a_server_that_changed_since_the_preview_stops_all_of_it(host: World, admin: FlaskClient) -> None:
    crowd(host)
    token = previewed(admin, servers=ids(host, "Lobby", "Skyblock"), **SET)
    money.free(host, "Skyblock")
    answer = admin.post("/admin/billing/change/apply", data={"token": token})
    assert (answer.status_code, "have changed meanwhile" in answer.text) == (409, True)
    assert money.terms_of(host, "Lobby") is None


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "a" * 5000])
def test_no_token_no_change(token: str, host: World, admin: FlaskClient) -> None:
    answer = admin.post("/admin/billing/change/apply", data={"token": token})
    assert (answer.status_code, "make it again" in answer.text) == (409, True)


def test_a_preview_of_somebody_else_is_not_confirmed(host: World, admin: FlaskClient) -> None:
    token = previewed(admin, servers=ids(host, "Lobby"), **SET)
    with host.app.app_context():
        accounts.create("second@example.com", panel_user=None, is_admin=True)
    assert host.browser("second").post("/admin/billing/change/apply", data={"token": token}).status_code == 409
    assert money.terms_of(host, "Lobby") is None


def test_the_same_confirmation_twice_changes_once(host: World, admin: FlaskClient) -> None:
    token = previewed(admin, servers=ids(host, "Lobby"), **SET)
    assert admin.post("/admin/billing/change/apply", data={"token": token}).status_code == 303
    rows = len(trail(host, "term"))
    assert admin.post("/admin/billing/change/apply", data={"token": token}).status_code == 409
    assert len(trail(host, "term")) == rows


def test_a_new_price_leaves_time_that_is_paid(host: World, admin: FlaskClient) -> None:
    before = money.price(host, "Lobby", 500, expires_in_s=5 * DAY_S)
    changed(admin, servers=ids(host, "Lobby"), **SET)
    after = money.terms_of(host, "Lobby")
    assert (after.expires_at, after.price.amount.minor) == (before.expires_at, 950)


@pytest.mark.parametrize(
    ("fields", "days"), [({"expiry": "in", "days": "10"}, 10), ({"expiry": "move", "days": "-2"}, 3)]
)
def test_expiry_is_set_or_moved(fields: dict[str, str], days: int, host: World, admin: FlaskClient) -> None:
    money.price(host, "Lobby", expires_in_s=5 * DAY_S)
    changed(admin, servers=ids(host, "Lobby"), price="keep", unit="months", **fields)
    assert money.terms_of(host, "Lobby").expires_at == int(host.clock.now()) + days * DAY_S


def test_a_date_is_at_the_hosts_hour_in_the_hosts_zone(make_world) -> None:  # type: ignore[no-untyped-def]
    world = make_world("own", is_ready=True, billing="on", time_zone="America/New_York", grace_ends_hour=9)
    money.price(world, "Lobby")
    changed(
        world.browser("admin"), servers=ids(world, "Lobby"), price="keep", unit="months", expiry="on", date="2026-07-04"
    )
    assert money.terms_of(world, "Lobby").expires_at == 1_783_170_000  # 13:00 UTC
    assert "2026-07-04 09:00 EDT" in world.browser("admin").get("/admin/billing/servers").text


def test_more_on_one_day_than_the_guard_allows_is_not_offered(host: World, admin: FlaskClient) -> None:
    everything = {"servers": " ".join(one.uuid for one in host.demo.world.servers), **SET}
    answer = admin.post("/admin/billing/change/preview", data=everything)
    assert "This cannot be done like that" in answer.text
    assert "/change/apply" not in answer.text
    assert 'name="token"' not in answer.text
    changed(admin, **everything, spread="60")
    with host.app.app_context(), read() as session:
        days = [at // DAY_S for at in session.scalars(select(Term.expires_at).where(Term.kind == "priced"))]
    assert len(days) == len(host.demo.world.servers)
    assert max(days.count(day) for day in days) == 1


def test_too_many_on_one_day_cannot_be_forced_with_a_token(host: World, admin: FlaskClient) -> None:
    with host.app.app_context():
        change = Change(price="set", amount_minor=1, currency="EUR", made_at=int(clock.now()))
        plan = changing.plan(change, [one.uuid[:8] for one in host.demo.world.servers])
        token = changing.token_of(money.account_id(host, "admin"), plan)
    assert admin.post("/admin/billing/change/apply", data={"token": token}).status_code == 409
    assert trail(host, "term") == []


def test_a_change_of_many_waits_for_a_confirmation_before_anybody_is_suspended(host: World, admin: FlaskClient) -> None:
    crowd(host)
    settle(host)
    with host.app.app_context():
        assert confirming.open_questions() == []
    changed(admin, servers=ids(host, "Lobby"), **SET)
    with host.app.app_context():
        assert confirming.open_questions() == []
    changed(admin, servers=ids(host, "Skyblock", "Pixelmon"), **SET, spread="3")
    with host.app.app_context():
        assert len(confirming.open_questions()) == 1


def test_undo_puts_every_server_back_and_keeps_the_history(host: World, admin: FlaskClient) -> None:
    crowd(host)
    before = money.price(host, "Lobby", 500, expires_in_s=5 * DAY_S)
    money.free(host, "Skyblock")
    changed(admin, servers=ids(host, *THREE), **SET, why="spring")
    rows = len(trail(host, "term"))
    with host.app.app_context():
        number = writing.last().id
    assert admin.post("/admin/billing/change/undo", data={"change": number}).status_code == 303
    after = money.terms_of(host, "Lobby")
    assert (after.price.amount, after.price.period, after.expires_at, after.anchor, after.periods) == (
        before.price.amount, before.price.period, before.expires_at, before.anchor, before.periods,
    )  # fmt: skip
    assert money.terms_of(host, "Skyblock").kind == "free"
    assert money.terms_of(host, "Pixelmon") is None
    assert len(trail(host, "term")) > rows
    with host.app.app_context(), read() as session:
        lobby = money.known(host, "Lobby").uuid
        assert session.scalar(select(func.count()).where(Price.server_uuid == lobby)) == 3
    assert admin.post("/admin/billing/change/undo", data={"change": number}).status_code == 303
    assert money.terms_of(host, "Pixelmon") is None


def test_undo_leaves_alone_what_was_paid_since(host: World, admin: FlaskClient) -> None:
    crowd(host)
    changed(admin, servers=ids(host, "Lobby", "Skyblock"), **SET)
    money.fund(host, "owner", 5000)
    with host.app.app_context():
        offer = renewing.offer(terms.of(money.known(host, "Lobby").uuid), 1)
        until = renewing.pay(money.account_id(host, "owner"), offer).until
        done = writing.undo(None, writing.last().id)
    assert (done.servers, done.left) == (1, 1)
    assert money.terms_of(host, "Lobby").expires_at == until
    assert money.terms_of(host, "Skyblock") is None


def test_only_the_last_change_is_undone(host: World, admin: FlaskClient) -> None:
    changed(admin, servers=ids(host, "Lobby"), **SET)
    with host.app.app_context():
        first = writing.last().id
    changed(admin, servers=ids(host, "Skyblock"), **SET)
    answer = admin.post("/admin/billing/change/undo", data={"change": first})
    assert (answer.status_code, "not the last change" in answer.text) == (409, True)
    assert money.terms_of(host, "Lobby") is not None


def test_undo_after_a_crash_in_the_middle_of_a_change(host: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [one.uuid[:8] for one in host.demo.world.servers]
    with host.app.app_context():
        change = Change(price="free", made_at=int(clock.now()))
        plan = changing.plan(change, names)
        calls = []

        def die(*arguments: object, **more: object) -> object:
            calls.append(arguments)
            if len(calls) == writing.AT_ONCE + 5:
                raise KeyboardInterrupt
            return real(*arguments, **more)

        real = terms.set_free_in
        monkeypatch.setattr(terms, "set_free_in", die)
        with pytest.raises(KeyboardInterrupt):
            changing.apply(None, changing.token_of(None, plan))
        monkeypatch.undo()
        assert len(fleet.fitting(Filter("free"))) == writing.AT_ONCE == writing.last().servers
        assert writing.undo(None, writing.last().id).servers == writing.AT_ONCE
        assert fleet.fitting(Filter("free")) == []


def test_a_server_that_is_suspended_as_unpaid_runs_again_when_its_expiry_moves(host: World, admin: FlaskClient) -> None:
    money.price(host, "Lobby", expires_in_s=-5 * DAY_S)
    with host.app.app_context(), write() as session:
        holds.place_in(session, money.known(host, "Lobby").uuid, "unpaid", reason="x", by=None)
    page = admin.post("/admin/billing/change/preview", data={
        "servers": ids(host, "Lobby"), "price": "keep", "unit": "months", "expiry": "in", "days": "3",
    }).text  # fmt: skip
    assert "no longer held as unpaid" in page
    changed(admin, servers=ids(host, "Lobby"), price="keep", unit="months", expiry="in", days="3")
    with host.app.app_context():
        assert holds.of(money.known(host, "Lobby").uuid) == []


def test_a_preview_says_what_would_be_wrong(host: World, admin: FlaskClient) -> None:
    money.price(host, "Lobby", expires_in_s=5 * DAY_S)
    with host.app.app_context(), write() as session:
        ledger.post_in(session, Posting(money.account_id(host, "owner"), "credit", Money(5, "JPY"), "credit:y", "y"))
    page = admin.post("/admin/billing/change/preview", data={
        "servers": ids(host, "Lobby", "Skyblock") + " zzzzzzzz 00000000", **SET, "expiry": "in", "days": "-1",
    }).text  # fmt: skip
    for words in ("overdue the moment you confirm", "expires earlier than now", "another currency", "Not known here"):
        assert words in page, words
    assert "zzzzzzzz, 00000000" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price": "set", "amount": "0"}, "more than zero"),
        ({"price": "set", "amount": "-1"}, "Enter an amount"),
        ({"price": "set", "amount": "0.001"}, "EUR has 2 decimals"),
        ({"price": "set", "amount": "1e9"}, "Enter an amount"),
        ({"price": "set", "amount": "nine"}, "Enter an amount"),
        ({"price": "set", "amount": "9", "count": "200"}, "1 to 120 months"),
        ({"price": "free", "expiry": "in", "days": "3"}, "never expires"),
        ({"price": "keep"}, "Choose a price or an expiry"),
        ({"price": "keep", "expiry": "on"}, "Choose a date"),
        ({"price": "keep", "expiry": "in"}, "Enter how many days"),
        ({"price": "keep", "expiry": "in", "days": "99999"}, "between"),
        ({"price": "set", "amount": "9", "servers": "nothing here"}, "Name at least one server"),
    ],
)
def test_what_does_not_do_is_said_and_loses_nothing(
    fields: dict[str, str], words: str, host: World, admin: FlaskClient
) -> None:
    sent = {"servers": ids(host, "Lobby"), "unit": "months", "expiry": "keep", **fields}
    answer = admin.post("/admin/billing/change/preview", data=sent)
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert sent["servers"] in answer.text


def test_a_server_without_price_gets_no_expiry(host: World, admin: FlaskClient) -> None:
    page = admin.post("/admin/billing/change/preview", data={
        "servers": ids(host, "Lobby"), "price": "keep", "unit": "months", "expiry": "in", "days": "3",
    }).text  # fmt: skip
    assert "only a price makes an expiry" in page
    assert "/change/apply" not in page


def test_servers_are_found_by_what_is_known_of_them(host: World, admin: FlaskClient) -> None:
    money.price(host, "Lobby", expires_in_s=-DAY_S)
    money.free(host, "Skyblock")
    with host.app.app_context():
        everything = len(fleet.fitting(Filter()))
        assert everything == len(host.demo.world.servers)
        assert [one.known.name for one in fleet.fitting(Filter("priced"))] == ["Lobby"]
        assert [one.known.name for one in fleet.fitting(Filter("overdue"))] == ["Lobby"]
        assert [one.known.name for one in fleet.fitting(Filter("free"))] == ["Skyblock"]
        assert len(fleet.fitting(Filter("unset"))) == everything - 2
        assert {one.owner for one in fleet.fitting(Filter(text="solo@"))} == {"solo@example.com"}
        assert fleet.fitting(Filter(text="%")) == []
        assert fleet.nodes() == []
    host.browser("owner").get("/servers")
    with host.app.app_context():
        node = fleet.nodes()[0]
        assert 0 < len(fleet.fitting(Filter(node=node))) < everything
    page = admin.get("/admin/billing/servers?q=lobby&show=priced").text
    assert identifier(host, "Lobby") in page
    assert identifier(host, "Pixelmon") not in page
    assert identifier(host, "Skyblock") in admin.get("/admin/billing/change?all=1&show=free").text


def test_the_list_comes_in_pages_and_takes_any_parameter(host: World, admin: FlaskClient) -> None:
    for query in ("page=99999", "page=x", "page=-1", "show=nonsense", "node=nowhere", "q=%25%5F"):
        assert admin.get(f"/admin/billing/servers?{query}").status_code == 200


def test_price_by_command_asks_and_does_the_same(host: World) -> None:
    lobby = identifier(host, "Lobby")
    said = run(host, "price", "9.50", lobby, "--months", "3", "--dry-run")
    assert (said.exit_code, "9.50 EUR / 3 months" in said.output) == (0, True)
    assert money.terms_of(host, "Lobby") is None
    assert run(host, "price", "9.50", lobby, typed="n\n").exit_code == 1
    assert money.terms_of(host, "Lobby") is None
    assert run(host, "price", "9.50", lobby, "--in-days", "12", typed="y\n").exit_code == 0
    assert money.terms_of(host, "Lobby").expires_at == int(host.clock.now()) + 12 * DAY_S
    assert run(host, "expiry", lobby, "--move", "1", "--yes").exit_code == 0
    assert money.terms_of(host, "Lobby").expires_at == int(host.clock.now()) + 13 * DAY_S
    assert run(host, "undo-prices", "--yes").exit_code == 0
    assert money.terms_of(host, "Lobby").expires_at == int(host.clock.now()) + 12 * DAY_S
    assert run(host, "undo-prices", "--yes").exit_code == 1
    assert run(host, "free", lobby, "--yes").exit_code == 0
    assert money.terms_of(host, "Lobby").kind == "free"


@pytest.mark.parametrize(
    "words",
    [
        ("price", "9"), ("price", "x", "--all"), ("price", "0", "--all"), ("price", "9", "nonsense"),
        ("price", "9", "--all", "--months", "1", "--days", "3"), ("price", "9", "--owner", "nobody@example.com"),
        ("expiry", "--all"), ("expiry", "--all", "--on", "tomorrow"),
        ("expiry", "--all", "--on", "2026-12-31", "--move", "1"),
        ("free", "--node", "nowhere"), ("price", "9", "--all", "--yes"), ("price", "9", "00000000", "--yes"),
        ("undo-prices",),
    ],
)  # fmt: skip
def test_a_command_that_cannot_be_done_says_so_and_ends_with_1(words: tuple[str, ...], host: World) -> None:
    done = run(host, *words)
    assert done.exit_code == 1, done.output
    assert done.output.strip()
    assert trail(host, "term") == []


def test_a_command_chooses_by_owner_node_and_egg(host: World) -> None:
    first = host.demo.world.servers[0]
    done = run(host, "free", "--egg", str(first.egg.id), "--node", str(first.node.id), "--yes")
    assert done.exit_code == 0, done.output
    free = {one.name for one in host.demo.world.servers if money.terms_of(host, one.name) is not None}
    assert free == {
        one.name for one in host.demo.world.servers if (one.egg.id, one.node.id) == (first.egg.id, first.node.id)
    }
    assert run(host, "free", "--owner", "SOLO@example.com", "--yes").exit_code == 0
    assert run(host, "price", "9", "--without-price", "--spread", "60", "--yes").exit_code == 0
    assert run(host, "needs-price").exit_code == 0


def test_the_panel_being_down_is_said_by_a_command_that_needs_it(host: World) -> None:
    host.demo.set_condition("panel-gateway")
    done = run(host, "free", "--egg", "1", "--yes")
    assert (done.exit_code, "could not be asked" in done.output) == (1, True)
    assert run(host, "free", identifier(host, "Lobby"), "--yes").exit_code == 0


def test_stale_is_raised_before_anything_is_written(host: World) -> None:
    with host.app.app_context():
        plan = changing.plan(Change(price="free", made_at=1), [identifier(host, "Lobby")])
        token = changing.token_of(None, plan)
        money.price(host, "Lobby")
        with pytest.raises(Stale):
            changing.apply(None, token)
        with pytest.raises(ChangeError):
            changing.plan(Change(), [identifier(host, "Lobby")])
