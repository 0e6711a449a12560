"""The host's pages about billing: for administrators only, right in every mode, and whole with hostile names."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from portal import clock
from portal.background import directory
from portal.billing.models import Reminder, Term
from portal.operator import due, leaving, overview
from portal.store import read, write
from portal.suspension import dispatching, holds, intents, panic
from portal.suspension.models import Intent, Observed
from portal.sweep import confirming, gates, runs, sweeping
from tests.conftest import World
from tests.operator.conftest import DAY_S, crowd, identifier, run, settle, trail
from tests.site.test_pages import check
from tests.support import money

PAGES = ("", "/servers", "/change", "/due", "/forecast", "/holds", "/runs")
CHANGES = (
    "/change/preview", "/change/apply", "/change/undo", "/holds", "/holds/1/release", "/runs/1/approve",
    "/runs/1/drop", "/runs/1/undo", "/stop", "/go-on", "/confirm", "/believe", "/resume", "/attention/1/again",
)  # fmt: skip
HOSTILE = '"><script>alert(1)</script>\u202e\u0000{{7*7}}'


def freeze(world: World, count: int = 12) -> runs.Run:
    """So many servers past grace, reminded in time, on one day: the guard freezes the list."""
    others = [one.name for one in world.demo.world.servers][:count]
    for name in others:
        money.price(world, name, expires_in_s=-3 * DAY_S)
    now = int(world.clock.now())
    with world.app.app_context(), write() as session:
        session.execute(update(Observed).values(is_suspended=False))
        for name in others:
            known = money.known(world, name)
            expires_at = session.get_one(Term, known.uuid).expires_at
            for person in ("owner", "solo", "subuser", "stranger", "admin"):
                session.add(
                    Reminder(
                        server_uuid=known.uuid, expires_at=expires_at, days=3, made_at=now - 4 * DAY_S,
                        account_id=money.account_id(world, person), shown_at=now - 2 * DAY_S,
                    )
                )  # fmt: skip
    settle(world)
    with world.app.app_context():
        found = runs.frozen()
    assert found is not None
    return found


@pytest.mark.parametrize("who", ["owner", "subuser", "stranger"])
def test_only_administrators_see_or_change_anything(who: str, host: World) -> None:
    browser = host.browser(who)
    for path in (*PAGES, "/runs/1", "/holds/1/release"):
        assert browser.get(f"/admin/billing{path}").status_code == 404, path
    for path in CHANGES:
        assert browser.post(f"/admin/billing{path}").status_code == 404, path
    with host.app.app_context():
        assert not panic.is_stopped()
    assert trail(host, "confirm") == []


def test_no_change_without_the_token_of_the_page(host: World) -> None:
    host.app.config["WTF_CSRF_ENABLED"] = True
    for path in CHANGES:
        answer = host.browser("admin").post(f"/admin/billing{path}")
        assert (answer.status_code, "Load the page again" in answer.text) == (400, True), path


def test_no_page_asks_the_panel(host: World, admin: FlaskClient) -> None:
    host.calls()
    for path in PAGES:
        assert admin.get(f"/admin/billing{path}").status_code == 200
    assert host.calls() == []


@pytest.mark.parametrize("mode", ["on", "observe"])
def test_every_page_is_whole_with_hostile_names_and_says_them(mode: str, make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing=mode)
    money.price(world, "Lobby", expires_in_s=-3 * DAY_S)
    money.price(world, "Skyblock", expires_in_s=2 * DAY_S)
    money.free(world, "Pixelmon")
    with world.app.app_context(), write() as session:
        session.execute(update(Observed).values(name=HOSTILE))
        session.execute(update(Term).values(name=HOSTILE))
        made = holds.place_in(session, money.known(world, "Lobby").uuid, "admin", reason=HOSTILE, by=None)
        session.execute(update(Intent).values(state="parked", error=HOSTILE))
    browser = world.browser("admin")
    paths = [
        f"/admin/billing{path}" for path in (*PAGES, "/change?all=1", "/due?when=all", f"/holds/{made.id}/release")
    ]
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "49" not in re.findall(r"reversed(\d+)", answer.text)
        check(path, answer.text.replace("\u0000", ""))
    preview = browser.post("/admin/billing/change/preview", data={
        "servers": identifier(world, "Lobby"), "price": "free", "unit": "months", "expiry": "keep", "why": HOSTILE,
    })  # fmt: skip
    assert "<script>alert" not in preview.text
    check("preview", preview.text.replace("\u0000", ""))
    dialog = browser.get(f"/admin/billing/holds/{made.id}/release", headers={"HX-Request": "true"})
    check("dialog", dialog.text.replace("\u0000", ""), is_fragment=True)


def test_commands_keep_hostile_names_on_their_lines(host: World) -> None:
    money.price(host, "Lobby", expires_in_s=-3 * DAY_S)
    with host.app.app_context(), write() as session:
        session.execute(update(Observed).values(name="a\nBROKEN\tc\x1b[31m\u202ed"))
    for words in (("due",), ("needs-price",), ("forecast",), ("free", identifier(host, "Lobby"), "--dry-run")):
        output = run(host, *words).output
        assert "\x1b" not in output
        assert "\u202e" not in output
        assert not [line for line in output.splitlines() if line.startswith("BROKEN")]


def test_while_billing_is_off_there_is_nothing_but_how_to_switch_it_on(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing="off")
    browser = world.browser("admin")
    page = browser.get("/admin/billing")
    assert (page.status_code, "Billing is off" in page.text) == (200, True)
    for path in PAGES[1:]:
        assert browser.get(f"/admin/billing{path}").status_code == 404, path
    for path in CHANGES:
        assert browser.post(f"/admin/billing{path}").status_code == 404, path
    for words in (("due",), ("sweep",), ("holds",), ("price", "9", "--all"), ("confirm",)):
        done = run(world, *words)
        assert (done.exit_code, "Billing is off" in done.output) == (1, True), words
    assert run(world, "status").exit_code == 0
    assert run(world, "panic", "on").exit_code == 0


def test_while_it_only_observes_nothing_is_held_or_released(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing="observe")
    browser = world.browser("admin")
    assert "only observes" in browser.get("/admin/billing").text
    sent = {"server": identifier(world, "Lobby"), "kind": "admin", "reason": "x"}
    assert browser.post("/admin/billing/holds", data=sent).status_code == 409
    assert run(world, "hold", identifier(world, "Lobby"), "--reason", "x").exit_code == 1
    with world.app.app_context():
        assert holds.of(money.known(world, "Lobby").uuid) == []
    assert run(world, "sweep").exit_code == 0
    assert run(world, "sweep", "--dry-run").exit_code == 0


def test_a_hold_is_placed_and_released_with_a_reason(host: World, admin: FlaskClient) -> None:
    lobby = identifier(host, "Lobby")
    assert admin.post("/admin/billing/holds", data={"server": lobby, "kind": "abuse"}).status_code == 422
    page = admin.post("/admin/billing/holds", data={"server": lobby, "kind": "abuse", "reason": "spam"})
    assert (page.status_code, "is held" in page.text) == (200, True)
    again = admin.post("/admin/billing/holds", data={"server": lobby, "kind": "abuse", "reason": "spam"})
    assert again.status_code == 409
    with host.app.app_context():
        found = holds.of(money.known(host, "Lobby").uuid)
    assert [(one.kind, one.reason, one.placed_by) for one in found] == [
        ("abuse", "spam", money.account_id(host, "admin"))
    ]
    path = f"/admin/billing/holds/{found[0].id}/release"
    assert "spam" in admin.get(path).text
    assert admin.post(path, data={"reason": ""}).status_code == 422
    assert admin.post(path, data={"reason": "talked"}).status_code == 303
    assert admin.post(path, data={"reason": "talked"}).status_code == 409
    assert admin.get(path).status_code == 409
    assert [row.why for row in trail(host, "hold")] == ["spam", "talked"]


@pytest.mark.parametrize(
    ("server", "kind"), [("00000000", "admin"), ("nonsense here", "admin"), ("Lobby", "external"), ("Lobby", "unpaid")]
)
def test_a_hold_that_cannot_be_is_refused(server: str, kind: str, host: World, admin: FlaskClient) -> None:
    server = identifier(host, server) if server == "Lobby" else server
    answer = admin.post("/admin/billing/holds", data={"server": server, "kind": kind, "reason": "x"})
    assert answer.status_code in (409, 422)
    assert run(host, "hold", server, "--kind", kind, "--reason", "x").exit_code in (1, 2)
    assert trail(host, "hold") == []


def test_a_second_hold_on_an_unpaid_server_says_what_it_is_good_for(host: World, admin: FlaskClient) -> None:
    with host.app.app_context(), write() as session:
        holds.place_in(session, money.known(host, "Lobby").uuid, "unpaid", reason="x", by=None)
    assert "It comes back when it is paid." in admin.get("/admin/billing/holds").text
    done = run(host, "hold", identifier(host, "Lobby"), "--reason", "abuse report")
    assert (done.exit_code, "Already suspended for non-payment" in done.output) == (0, True)
    listed = run(host, "holds", "--kind", "admin")
    assert (listed.exit_code, "abuse report" in listed.output) == (0, True)
    assert run(host, "release", identifier(host, "Lobby"), "--kind", "abuse", "--reason", "x").exit_code == 1
    assert run(host, "release", identifier(host, "Lobby"), "--kind", "admin", "--reason", "x").exit_code == 0
    with host.app.app_context():
        assert [one.kind for one in holds.of(money.known(host, "Lobby").uuid)] == ["unpaid"]


def test_a_frozen_list_is_approved_as_it_was_shown_and_undone(host: World, admin: FlaskClient) -> None:
    frozen = freeze(host)
    page = admin.get(f"/admin/billing/runs/{frozen.id}").text
    assert frozen.digest in page
    for one in frozen.entries:
        assert one.identifier in page
    path = f"/admin/billing/runs/{frozen.id}"
    assert admin.post(f"{path}/approve", data={"digest": "another"}).status_code == 409
    assert admin.post(f"{path}/approve").status_code == 409
    with host.app.app_context():
        assert not [one for one in frozen.entries if holds.of(one.server_uuid)]
    assert admin.post(f"{path}/approve", data={"digest": frozen.digest}).status_code == 303
    with host.app.app_context():
        held = [one for one in frozen.entries if holds.of(one.server_uuid)]
    assert len(held) == gates.most_a_day(len(frozen.entries)), "the others follow on the next days"
    assert "Undo: lift" in admin.get(path).text
    assert admin.post(f"{path}/undo").status_code == 303
    with host.app.app_context():
        assert not [one for one in frozen.entries if holds.of(one.server_uuid)]
    assert "Undo: lift" not in admin.get(path).text


def test_runs_by_command(host: World) -> None:
    frozen = freeze(host)
    assert run(host, "sweep").exit_code == 1
    listed = run(host, "runs")
    assert (listed.exit_code, "frozen" in listed.output) == (0, True)
    assert run(host, "runs", str(frozen.id)).exit_code == 0
    assert run(host, "runs", "999").exit_code == 1
    assert run(host, "approve", str(frozen.id), typed="n\n").exit_code == 1
    assert run(host, "approve", str(frozen.id), "--digest", "another", "--yes").exit_code == 1
    assert run(host, "approve", str(frozen.id), "--yes").exit_code == 0
    assert run(host, "undo", str(frozen.id), "--yes").exit_code == 0
    assert "0 holds released" in run(host, "undo", str(frozen.id), "--yes").output
    assert run(host, "drop", str(frozen.id), "--yes").exit_code == 1


def test_a_list_is_dropped(host: World, admin: FlaskClient) -> None:
    frozen = freeze(host)
    assert admin.post(f"/admin/billing/runs/{frozen.id}/drop").status_code == 303
    with host.app.app_context():
        assert runs.frozen() is None
    assert admin.get("/admin/billing/runs").status_code == 200


def test_a_run_that_there_is_not(host: World, admin: FlaskClient) -> None:
    assert admin.get("/admin/billing/runs/77").status_code == 404
    for act in ("approve", "drop", "undo"):
        assert admin.post(f"/admin/billing/runs/77/{act}", data={"digest": "x"}).status_code == 409


def test_the_panic_switch_is_one_click_and_one_file(host: World, admin: FlaskClient) -> None:
    assert admin.post("/admin/billing/stop").status_code == 303
    assert (host.instance / "NO_SUSPEND").exists()
    page = admin.get("/servers").text
    assert "The panic switch is on" in page
    assert "The panic switch is on" not in host.browser("owner").get("/servers").text
    assert admin.post("/admin/billing/go-on").status_code == 303
    assert not (host.instance / "NO_SUSPEND").exists()
    assert run(host, "panic", "on").exit_code == 0
    assert (host.instance / "NO_SUSPEND").exists()
    assert run(host, "panic", "off").exit_code == 0
    assert len(trail(host, "switch")) == 4


def test_without_a_reminder_a_red_line_says_that_none_is_suspended(host: World, admin: FlaskClient) -> None:
    for name in ("Lobby", "Skyblock"):
        money.price(host, name, expires_in_s=-5 * DAY_S)
    page = admin.get("/servers").text
    assert "2 servers due, none will be suspended: no reminder could be sent" in page


def test_a_red_line_says_that_a_list_waits(host: World, admin: FlaskClient) -> None:
    freeze(host)
    page = admin.get("/servers").text
    assert "waits for" in page
    assert "waits for you" in admin.get("/admin/billing").text


def test_prices_are_confirmed_once(host: World, admin: FlaskClient) -> None:
    with host.app.app_context():
        assert confirming.open_questions()
    assert "Nobody has confirmed prices" in admin.get("/admin/billing").text
    assert admin.post("/admin/billing/confirm").status_code == 303
    with host.app.app_context():
        assert confirming.open_questions() == []
        with write() as session:
            confirming.demand_in(session, "because")
    assert run(host, "confirm", typed="n\n").exit_code == 1
    assert run(host, "confirm", "--yes").exit_code == 0
    assert run(host, "confirm").exit_code == 0
    assert [row.account_id for row in trail(host, "confirm")] == [money.account_id(host, "admin"), None]


def test_what_does_not_get_through_is_listed_and_tried_again(host: World, admin: FlaskClient) -> None:
    with host.app.app_context(), write() as session:
        holds.place_in(session, money.known(host, "Lobby").uuid, "admin", reason="x", by=None)
        session.execute(update(Intent).values(state="parked", error="the panel has another server", attempts=10))
    assert "the panel has another server" in admin.get("/admin/billing").text
    status = run(host, "status")
    assert (status.exit_code, "the panel has another server" in status.output) == (1, True)
    with host.app.app_context():
        number = overview.troubles()[0].id
    assert admin.post(f"/admin/billing/attention/{number}/again").status_code == 303
    with host.app.app_context(), read() as session:
        assert session.get_one(Intent, number).state == "pending"
    assert admin.post("/admin/billing/attention/999/again").status_code == 409


def test_who_expires_when_comes_in_order_and_in_pages(
    host: World, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "PER_PAGE", 10)
    crowd(host)
    money.price(host, "Lobby", expires_in_s=-DAY_S)
    money.fund(host, "owner", 600)
    path, seen = "/admin/billing/due?when=all", []
    while path:
        page = admin.get(path).text
        seen += re.findall(r"<b><bdi>(.*?)</bdi></b>", page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert len(seen) == 25
    assert seen[0] == "Lobby"
    assert "balance will do" in admin.get("/admin/billing/due?when=overdue").text
    assert run(host, "due", "--overdue").output.count("\n") == 1
    assert run(host, "due", "--days", "all").output.count("\n") == 25
    for after in ("x", "1-", "99999999999999999999-x", "1-%00"):
        assert admin.get(f"/admin/billing/due?after={after}").status_code == 200


def test_the_forecast_says_which_days_would_be_frozen(host: World, admin: FlaskClient) -> None:
    crowd(host)
    for name in ("Lobby", "Skyblock", "Pixelmon", *[one.name for one in host.demo.world.servers][-4:]):
        money.price(host, name, expires_in_s=2 * DAY_S)
    page = admin.get("/admin/billing/forecast").text
    assert "would wait for you" in page
    done = run(host, "forecast")
    assert (done.exit_code, "FROZEN" in done.output) == (1, True)


def test_leaving_lifts_every_unpaid_suspension_and_nothing_else(host: World) -> None:
    with host.app.app_context(), write() as session:
        for name in ("Lobby", "Skyblock"):
            holds.place_in(session, money.known(host, name).uuid, "unpaid", reason="x", by=None)
        holds.place_in(session, money.known(host, "Pixelmon").uuid, "abuse", reason="x", by=None)
    dispatch(host)
    assert [money.status_on_panel(host, name) for name in ("Lobby", "Skyblock", "Pixelmon")] == ["suspended"] * 3
    assert run(host, "leave", typed="n\n").exit_code == 1
    assert money.status_on_panel(host, "Lobby") == "suspended"
    done = run(host, "leave", "--yes")
    assert done.exit_code == 0, done.output
    assert [money.status_on_panel(host, name) for name in ("Lobby", "Skyblock", "Pixelmon")] == [
        None,
        None,
        "suspended",
    ]
    assert (host.instance / "NO_SUSPEND").exists()
    again = run(host, "leave", "--yes")
    assert (again.exit_code, "No server is suspended for non-payment" in again.output) == (0, True)


def test_leaving_while_the_panel_is_down_says_what_is_left(host: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with host.app.app_context(), write() as session:
        holds.place_in(session, money.known(host, "Lobby").uuid, "unpaid", reason="x", by=None)
    dispatch(host)
    host.demo.set_condition("panel-gateway")
    monkeypatch.setattr(leaving, "WAIT_S", 0.0)
    done = run(host, "leave", "--yes")
    assert (done.exit_code, "not lifted yet" in done.output) == (1, True)
    with host.app.app_context(), read() as session:
        assert intents.open_for(session, [money.known(host, "Lobby").uuid])


def dispatch(world: World) -> None:
    """Send what waits, until nothing does."""
    with world.app.app_context():
        directory.sync()
        for _ in range(20):
            dispatching.work()
            world.clock.advance(3)


def test_a_dry_sweep_writes_nothing(host: World) -> None:
    for name in ("Lobby", "Skyblock"):
        money.price(host, name, expires_in_s=-5 * DAY_S)
    before = [len(trail(host, what)) for what in ("term", "hold", "run", "switch", "confirm")]
    done = run(host, "sweep", "--dry-run")
    assert (done.exit_code, "nothing was done" in done.output) == (0, True)
    with host.app.app_context():
        assert sweeping.sweep(is_dry_run=True).at == int(clock.now())
    assert [len(trail(host, what)) for what in ("term", "hold", "run", "switch", "confirm")] == before
