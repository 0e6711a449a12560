"""What the host is told: figures that agree with each other, what a decision leads to, and no more than can be read."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.alerts import service as alerts
from portal.billing.models import Reminder
from portal.operator import due, holding, leaving, overview
from portal.operator.holding import NoServer
from portal.store import write
from portal.suspension import holds, pace
from portal.sweep import candidates
from tests.conftest import World
from tests.operator.conftest import DAY_S, changed, crowd, identifier, run, settle
from tests.operator.test_pages import dispatch, freeze
from tests.support import money


def hold(world: World, name: str, kind: holds.Kind = "unpaid") -> None:
    with world.app.app_context(), write() as session:
        holds.place_in(session, money.known(world, name).uuid, kind, reason="not paid", by=None)


def test_past_grace_counts_only_what_runs(host: World, admin: FlaskClient) -> None:
    for name in ("Lobby", "Skyblock"):
        money.price(host, name, expires_in_s=-5 * DAY_S)
    hold(host, "Skyblock", "admin")
    assert re.search(r"<b>1</b> <span>past grace, not suspended", admin.get("/admin/billing").text)


def test_observing_says_who_would_be_reminded_first_and_when_they_would_be_suspended(
    make_world: Callable[..., World],
) -> None:
    world = make_world("own", is_ready=True, billing="observe")
    money.price(world, "Lobby", expires_in_s=-5 * DAY_S)
    browser = world.browser("admin")
    assert "1 would be reminded now and suspended a day later" in browser.get("/admin/billing").text
    assert "would be reminded now" in run(world, "sweep", "--dry-run").output
    page = browser.get("/admin/billing/forecast").text
    assert "its owner is reminded first" in page
    assert re.findall(r"(\d+) servers?</span></span></div>", page)[:2] == ["0", "1"]


def test_a_balance_pays_the_servers_of_one_payer_in_the_order_of_their_expiry(host: World) -> None:
    money.fund(host, "owner", 700)
    for name, days in (("Skyblock", 2), ("Lobby", 5)):
        money.price(host, name, 500, expires_in_s=days * DAY_S)
    with host.app.app_context():
        found = {one.server.known.name: one.missing for one in due.listing("all").rows}
    assert (found["Skyblock"], str(found["Lobby"])) == (None, "3.00 EUR")


def test_the_typed_reason_stands_beside_the_last_change(host: World, admin: FlaskClient) -> None:
    sent = {"servers": identifier(host, "Lobby"), "price": "free", "unit": "months", "expiry": "keep"}
    changed(admin, **sent, why="sponsor of the spring cup")
    assert "reason: sponsor of the spring cup" in admin.get("/admin/billing").text
    money.price(host, "Lobby", expires_in_s=5 * DAY_S)
    changed(admin, **sent)
    assert "reason:" not in admin.get("/admin/billing/servers").text


def test_an_undone_change_says_who_runs_and_is_overdue_again(host: World, admin: FlaskClient) -> None:
    money.price(host, "Lobby", expires_in_s=-5 * DAY_S)
    hold(host, "Lobby")
    changed(admin, servers=identifier(host, "Lobby"), price="keep", unit="months", expiry="in", days="3")
    with host.app.app_context():
        number = overview.overview().last_change.id
    answer = admin.post("/admin/billing/change/undo", data={"change": number}, follow_redirects=True)
    assert "1 server runs that was suspended before; the next sweep looks at it." in answer.text


def test_a_hold_is_for_an_identifier_a_uuid_or_a_whole_name(host: World, admin: FlaskClient) -> None:
    lobby = money.known(host, "Lobby")
    with host.app.app_context():
        for text in (lobby.identifier, lobby.uuid, lobby.uuid.upper(), " Lobby "):
            assert holding.find(text).known.uuid == lobby.uuid, text
        for text in (lobby.uuid[:-1] + ("0" if lobby.uuid[-1] != "0" else "1"), "Lobb", "lobby", "", "%"):
            with pytest.raises(NoServer):
                holding.find(text)
    answer = admin.post("/admin/billing/holds", data={"server": "Lobb", "kind": "admin", "reason": "x"})
    assert answer.status_code == 422
    assert '<p id="server-help" class="wrong">No server Lobb is known.' in answer.text


def test_a_reason_that_is_the_kind_is_not_said_twice(host: World, admin: FlaskClient) -> None:
    hold(host, "Lobby")
    page = admin.get("/admin/billing/holds").text
    assert page.count("not paid") == 2  # the filter and the badge


def test_a_list_tells_one_number_and_its_alert_ends_with_the_decision(host: World, admin: FlaskClient) -> None:
    frozen = freeze(host)
    with host.app.app_context():
        assert "gate G1" in alerts.causes()
    path = f"/admin/billing/runs/{frozen.id}"
    page = admin.get(path).text
    assert "Leave these alone for three days" in page
    assert f"{len(frozen.entries)} of {frozen.running_paid} running paid servers" in page
    assert admin.post(f"{path}/approve", data={"digest": frozen.digest}).status_code == 303
    with host.app.app_context():
        assert not alerts.causes() & {"gate G1", "gate G2"}


def test_an_undone_run_that_stopped_suspending_can_be_gone_on_with_there(host: World, admin: FlaskClient) -> None:
    frozen = freeze(host)
    path = f"/admin/billing/runs/{frozen.id}"
    admin.post(f"{path}/approve", data={"digest": frozen.digest})
    dispatch(host)
    page = admin.post(f"{path}/undo", follow_redirects=True).text
    assert "Go on suspending" in page
    assert admin.post("/admin/billing/resume").status_code == 303
    assert "Go on suspending" not in admin.get(path).text
    with host.app.app_context():
        assert pace.look().is_open or pace.look().again_at is not None


def test_two_bands_at_most_the_rest_folded_and_each_leads_to_its_page(host: World, admin: FlaskClient) -> None:
    with host.app.app_context():
        for cause in ("key:service", "gate G3", "clock"):
            alerts.alert(cause, f"about {cause}", "x", "y")
        alerts.alert("external_hold", "suspended there", "x", "y")
    page = admin.get("/servers").text
    seen, _summary, folded = page.partition("<details class=\"more-told\"><summary>2 more")
    assert (seen.count('class="band bad"'), folded.count('class="band bad"')) == (2, 1)
    assert "Began a moment ago." in seen
    assert "Open Billing" in seen
    assert "Look at the holds" in folded
    admin.get("/admin/billing/holds")
    assert "suspended there" not in admin.get("/servers").text


def test_leaving_is_refused_before_it_asks_while_nothing_can_be_lifted(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing="observe")
    hold(world, "Lobby")
    done = run(world, "leave", typed="y\n")
    assert (done.exit_code, "[y/N]" in done.output, 'set billing = "on"' in done.output) == (1, False, True)


def test_what_leaving_lifts_is_started_again_for_its_owner(host: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(host, "Lobby")
    dispatch(host)
    asked: list[int | None] = []
    plain = holds.release_in

    def seen(*args: object, **options: object) -> None:
        asked.append(options["start_as"])  # type: ignore[arg-type]
        plain(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(leaving.holds, "release_in", seen)
    assert run(host, "leave", "--yes").exit_code == 0
    assert asked == [money.account_id(host, "owner")]


def test_commands_about_the_panel(host: World) -> None:
    assert run(host, "retry", "7").exit_code == 1
    hold(host, "Lobby", "admin")
    with host.app.app_context(), write() as session:
        number = session.query(overview.Intent).one().id
    assert run(host, "retry", str(number)).exit_code == 0
    gone = run(host, "gone")
    assert (gone.exit_code, "0 servers are gone" in gone.output) == (0, True)
    assert "Nobody is due." in run(host, "due").output
    assert "Waiting for the panel: 1, the oldest since" in run(host, "status").output


def test_commands_do_not_log_each_call_of_the_panel(host: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log, seen = logging.getLogger("roost"), []
    before = log.level
    monkeypatch.setattr(candidates, "find", lambda now, find=candidates.find: seen.append(log.level) or find(now))
    run(host, "forecast")
    assert (seen, log.level) == ([logging.WARNING], before)


def test_reminders_of_one_run_are_not_made_by_a_look(host: World) -> None:
    """A forecast that shows who is reminded first reminds nobody."""
    crowd(host)
    money.price(host, "Lobby", expires_in_s=-5 * DAY_S)
    run(host, "forecast")
    with host.app.app_context(), write() as session:
        assert session.query(Reminder).count() == 0
    settle(host)
