"""Power signals: who may send which, what is asked of the panel, and what the person is told."""

from __future__ import annotations

from typing import Any

import pytest
from requests.exceptions import ConnectTimeout
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.servers.models import PowerRequest
from portal.store import read
from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, rows, said, see, share_of

SIGNALS = ("start", "stop", "restart", "kill")
NEEDS = {"start": "control.start", "stop": "control.stop", "restart": "control.restart", "kill": "control.stop"}
SHARED = "Hardcore Week 42"


@pytest.fixture
def world(world: World) -> World:
    """Owner and subuser have looked at their lists: nobody acts on what they have never seen."""
    for who in ("owner", "subuser"):
        see(world, who, "/servers?q=none")
    world.calls()
    return world


def send(world: World, name: str, signal: str, who: str = "owner", **options: Any) -> TestResponse:
    return world.browser(who).post(f"/servers/{world.server(name)}/power/{signal}", **options)


def state(world: World, name: str) -> str:
    return world.demo.processes[row_of(world, name).uuid].state


def power_calls(world: World) -> list[str]:
    return [call for call in world.calls() if call.endswith("/power")]


def remembered(world: World) -> list[tuple[str, str]]:
    with world.app.app_context(), read() as session:
        return [(one.signal, one.outcome) for one in session.scalars(select(PowerRequest))]


@pytest.mark.parametrize(
    ("name", "signal", "after"),
    [("Retakes", "start", "starting"), ("Skyblock", "stop", "stopping"), ("Skyblock", "restart", "stopping"),
     ("Stubborn", "kill", "offline")],
)  # fmt: skip
def test_each_signal_reaches_the_server_in_one_call(world: World, name: str, signal: str, after: str) -> None:
    answer = send(world, name, signal)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{world.server(name)}")
    assert state(world, name) == after
    assert world.calls() == [f"POST /api/client/servers/{world.server(name)}/power"]
    assert audit_of(world, "power.") == [("done", "")]
    assert remembered(world) == [(signal, "accepted")]


def test_the_page_says_at_once_what_was_asked_and_when(world: World) -> None:
    world.clock.advance(5)
    send(world, "Retakes", "start")

    for path in (f"/servers/{world.server('Retakes')}", "/servers?q=retakes"):
        assert "Starting Start asked 20:26:45 UTC" in said(see(world, "owner", path))


def test_each_signal_needs_its_own_permission(world: World) -> None:
    """Kill has none of its own: it needs control.stop."""
    for signal, needed in NEEDS.items():
        share_of(world, SHARED).permissions[:] = sorted({*NEEDS.values(), "control.console"} - {needed})
        world.work()
        world.calls()
        refused = send(world, SHARED, signal, "subuser")
        assert world.calls() == []
        share_of(world, SHARED).permissions[:] = [needed]
        world.work()

        assert refused.status_code == 403
        assert needed in refused.text
        assert send(world, SHARED, signal, "subuser").status_code == 303


def test_a_stranger_gets_not_found_without_any_call(world: World) -> None:
    for signal in SIGNALS:
        assert send(world, "Lobby", signal, "stranger").status_code == 404
    assert world.calls() == []
    assert state(world, "Lobby") == "running"


def test_an_unknown_signal_is_not_found(world: World) -> None:
    for method in ("get", "post"):
        path = f"/servers/{world.server('Lobby')}/power/explode"
        assert world.browser("owner").open(path, method=method).status_code == 404
    assert world.calls() == []


def test_nobody_is_sent_to_the_login_page(world: World) -> None:
    path = f"/servers/{world.server('Lobby')}/power/stop"
    plain, fragment = world.browser().post(path), world.browser().post(path, headers=HTMX)

    assert (plain.status_code, plain.headers["Location"]) == (303, "/login?next=/")
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/login?next=/")
    assert world.calls() == []


def test_rights_older_than_a_minute_are_read_once_before_a_change(world: World) -> None:
    world.clock.advance(61)
    assert send(world, "Retakes", "start").status_code == 303
    first = world.calls()

    assert len(first) == 2
    assert first[0].startswith("GET ")
    assert first[1].endswith("/power")
    send(world, "Retakes", "stop")
    assert len(world.calls()) == 1


def test_a_right_taken_away_meanwhile_refuses(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["control.console"]
    world.clock.advance(61)
    answer = send(world, SHARED, "start", "subuser")

    assert answer.status_code == 403
    assert "control.start" in answer.text
    assert len(world.calls()) == 1
    assert state(world, SHARED) == "offline"


def test_access_taken_away_meanwhile_is_not_found(world: World) -> None:
    row_of(world, SHARED).subusers.clear()
    world.clock.advance(61)

    assert send(world, SHARED, "start", "subuser").status_code == 404
    assert len(world.calls()) == 1
    assert state(world, SHARED) == "offline"


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance", "panel-database-down"])
def test_with_old_rights_and_the_panel_down_nothing_is_asked(world: World, condition: str) -> None:
    world.clock.advance(61)
    world.demo.set_condition(condition)
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert power_calls(world) == []
    assert remembered(world) == []


@pytest.mark.parametrize("condition", ["node-down", "node-hangs", "panel-gateway"])
def test_an_unknown_outcome_is_shown_as_unknown(world: World, condition: str) -> None:
    world.demo.set_condition(condition)
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 303
    assert len(power_calls(world)) == 1
    assert audit_of(world, "power.") == [("unknown", "")]
    assert remembered(world) == [("start", "unknown")]
    assert "(no answer yet)" in see(world, "owner", "/servers?q=retakes")


def test_an_unknown_outcome_is_said_in_the_fragment(world: World) -> None:
    world.demo.set_condition("node-down")
    answer = send(world, "Retakes", "start", headers=HTMX)

    assert answer.status_code == 200
    assert "The panel gave no answer in time" in answer.text


def test_a_panel_that_was_never_reached_has_changed_nothing(world: World) -> None:
    def refuse(*_: Any) -> Any:
        raise ConnectTimeout("refused")

    world.adapter.app = refuse
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 503
    assert "Nothing was changed" in answer.text
    assert audit_of(world, "power.") == [("refused", "PanelUnreachable")]
    assert remembered(world) == []


def test_a_node_that_refuses_is_quoted(world: World) -> None:
    world.demo.set_condition("node-refuses")
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 409
    assert "refused: You are not authorized to access this endpoint." in said(answer.text)


def test_a_server_in_another_state_refuses_with_the_reason(world: World) -> None:
    reasons = {
        "Unpaid": "Your host has suspended this server",
        "CS2 Scrims": "The machine that runs this server is being worked on",
        "New Adventure": "This server is still being set up",
        "Broken Pack": "or setting it up did not work",
        "Yesterday's World": "A backup is being restored",
        "On the Move": "It is being moved to another machine",
    }
    for name, sentence in reasons.items():
        answer = send(world, name, "start")
        assert answer.status_code == 409
        assert sentence in answer.text
    assert audit_of(world, "power.") == [("refused", "ServerStateConflict")] * len(reasons)
    assert remembered(world) == []


def test_a_reinstall_that_failed_does_not_keep_from_starting(world: World) -> None:
    assert send(world, "Half Reinstalled", "start").status_code == 303
    assert state(world, "Half Reinstalled") == "starting"


def test_maintenance_of_the_panel_is_said_and_not_unknown(world: World) -> None:
    world.demo.set_condition("panel-maintenance")
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 503
    assert "Your host is working on the panel" in answer.text
    assert remembered(world) == []


def test_too_many_calls_are_answered_with_a_time(world: World) -> None:
    world.demo.set_condition("rate-limited")
    answers = [send(world, "Retakes", "start") for _ in range(7)]

    assert {one.status_code for one in answers} == {303, 429}
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert "Try again in" in answers[-1].text
    assert audit_of(world, "power.")[-1] == ("refused", "Busy")


def test_a_key_that_the_panel_refuses_is_said(world: World) -> None:
    world.demo.set_condition("two-factor-required")
    answer = send(world, "Retakes", "start")

    assert answer.status_code == 503
    assert "has to be set up again" in answer.text
    assert len(power_calls(world)) == 1
    send(world, "Retakes", "start")
    assert power_calls(world) == []


def test_the_question_is_a_page_that_asks_nothing_of_the_panel(world: World) -> None:
    for signal in SIGNALS:
        path = f"/servers/{world.server('Skyblock')}/power/{signal}"
        page = see(world, "owner", path)

        assert f"{signal.title()} Skyblock" in said(page)
        assert f'action="{path}" method="post"' in page
    assert world.calls() == []
    assert state(world, "Skyblock") == "running"


def test_the_question_for_htmx_is_a_fragment(world: World) -> None:
    page = world.browser("owner").get(f"/servers/{world.server('Skyblock')}/power/stop", headers=HTMX).text

    assert "Stop this server? Players are disconnected." in page
    assert "<html" not in page


def test_the_question_is_put_only_to_who_may(world: World) -> None:
    path = f"/servers/{world.server(SHARED)}/power/kill"

    assert "control.stop" in see(world, "subuser", path, 403)
    see(world, "stranger", path, 404)
    assert world.calls() == []


def test_htmx_gets_panel_and_notice(world: World) -> None:
    answer = send(world, "Retakes", "start", headers=HTMX)

    assert answer.status_code == 200
    assert 'id="live"' in answer.text
    assert 'id="notices"' in answer.text
    assert "Start asked" in answer.text
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]
    assert len(world.calls()) == 1


def test_htmx_gets_the_row_where_the_list_is_shown(world: World) -> None:
    answer = send(world, "Retakes", "start", headers={**HTMX, "HX-Current-URL": "http://localhost/servers?page=2"})

    assert list(rows(answer.text)) == [world.server("Retakes")]
    assert 'id="live"' not in answer.text


def test_a_refusal_is_a_notice_for_htmx(world: World) -> None:
    answer = send(world, SHARED, "stop", "subuser", headers=HTMX)

    assert answer.status_code == 403
    assert "control.stop" in answer.text
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#notices"
