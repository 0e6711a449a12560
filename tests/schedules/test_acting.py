"""Run now, on and off, delete."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.schedules.support import EMPTY, PLAYED, at, panel, put, schedules_of
from tests.servers.support import HTMX, audit_of, said, see


def test_run_now_asks_first_and_says_that_yes_is_not_done(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0), is_active=False)
    path = at(world, PLAYED, f"/{row.id}/execute")
    assert "Its first task starts at once" in see(world, "owner", path)
    browser = world.browser("owner")
    answer = browser.post(path, headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "schedules-changed"
    assert "That does not mean that it ran" in answer.text
    assert row.last_run_at is not None or row.is_processing
    assert audit_of(world, "schedule.execute") == [("done", "Nightly")]


def test_one_that_runs_already_is_said_to_run_once_more(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    path = at(world, PLAYED, f"/{row.id}/execute")
    assert "once more" not in see(world, "owner", path)
    row.is_processing = True
    assert "It runs just now. Run now starts it once more, beside that." in see(world, "owner", path)


def test_run_now_without_script_leads_back(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    browser = world.browser("owner")
    answer = browser.post(at(world, PLAYED, f"/{row.id}/execute"))
    assert (answer.status_code, answer.location) == (303, at(world, PLAYED, f"/{row.id}"))
    assert "Asked to run." in browser.get(answer.location).text


def test_a_server_that_is_off_skips_it_and_that_is_said(world: World) -> None:
    row = put(world, "Retakes", "0 4 * * *", ("command", "say hi", 0), only_when_online=True)
    path = at(world, "Retakes", f"/{row.id}/execute")
    assert "While the server is off, the panel says yes and does nothing." in said(see(world, "owner", path))
    answer = world.browser("owner").post(path, headers=HTMX)
    assert answer.status_code == 200
    assert "an offline server skips it silently" in answer.text


def test_without_tasks_there_is_nothing_to_run(world: World) -> None:
    row = put(world, PLAYED)
    path = at(world, PLAYED, f"/{row.id}/execute")
    assert "It has no tasks yet" in see(world, "owner", path)
    world.calls()
    answer = world.browser("owner").post(path)
    assert answer.status_code == 409
    assert "has no tasks yet, so there is nothing to run" in answer.text
    assert [one for one in world.calls() if one.startswith("POST")] == []
    assert audit_of(world, "schedule.execute") == []


def test_what_the_first_task_meets_is_said(world: World) -> None:
    row = put(world, "Retakes", "0 4 * * *", ("command", "say hi", 0))
    answer = world.browser("owner").post(at(world, "Retakes", f"/{row.id}/execute"))
    assert answer.status_code in (409, 503)
    assert 'role="alert"' in answer.text
    assert audit_of(world, "schedule.execute")[0][0] in ("refused", "unknown")


def test_a_node_that_is_down_leaves_the_outcome_open_or_says_it(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    browser = world.browser("owner")
    browser.get(at(world, PLAYED))
    world.demo.set_condition("node-down")
    answer = browser.post(at(world, PLAYED, f"/{row.id}/execute"))
    assert answer.status_code == 503
    assert "Nothing was changed" not in answer.text


def test_it_is_switched_off_and_on_and_all_else_stays(world: World) -> None:
    row = put(world, PLAYED, "15 6 1 1-3 ?", ("command", "say hi", 0), only_when_online=True, is_processing=True)
    browser = world.browser("owner")
    path = at(world, PLAYED, f"/{row.id}/active")
    off = browser.post(path, data={"on": "0"}, headers=HTMX)
    assert "“Nightly” is switched off" in off.text
    assert off.headers["HX-Trigger"] == "schedules-changed"
    assert (row.is_active, row.is_processing) == (False, False)
    on = browser.post(path, data={"on": "1"})
    assert on.status_code == 303
    assert row.is_active is True
    assert (row.minute, row.hour, row.day_of_month, row.month, row.day_of_week) == ("15", "6", "1", "1-3", "?")
    assert (row.name, row.only_when_online, len(row.tasks)) == ("Nightly", True, 1)
    assert audit_of(world, "schedule.update") == [("done", "Nightly: off"), ("done", "Nightly: on")]


def test_switching_keeps_what_somebody_else_just_changed(world: World) -> None:
    row = put(world, PLAYED)
    browser = world.browser("owner")
    browser.get(at(world, PLAYED))
    row.hour, row.name = "7", "Theirs"
    browser.post(at(world, PLAYED, f"/{row.id}/active"), data={"on": "0"})
    assert (row.hour, row.name, row.is_active) == ("7", "Theirs", False)


def test_it_is_deleted_after_a_question(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    path = at(world, PLAYED, f"/{row.id}/delete")
    assert "Its tasks go with it." in see(world, "owner", path)
    assert schedules_of(world, PLAYED) == [row]
    browser = world.browser("owner")
    answer = browser.post(path)
    assert (answer.status_code, answer.location) == (303, at(world, PLAYED))
    assert schedules_of(world, PLAYED) == []
    assert "The schedule was deleted with its tasks." in browser.get(answer.location).text
    assert audit_of(world, "schedule.delete") == [("done", "Nightly")]


@pytest.mark.parametrize("act", ["execute", "active", "delete"])
def test_one_that_is_gone_or_of_another_server_is_not_acted_on(world: World, act: str) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    for path in (at(world, PLAYED, f"/{row.id + 5}/{act}"), at(world, EMPTY, f"/{row.id}/{act}")):
        answer = world.browser("owner").post(path, data={"on": "0"})
        assert answer.status_code == 409
        assert "This schedule is not there any more." in answer.text
    assert (row.is_active, row.last_run_at) == (True, None)


@pytest.mark.parametrize("act", ["execute", "active", "delete"])
def test_while_the_panel_is_worked_on_nothing_is_done(world: World, act: str) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    browser = world.browser("owner")
    browser.get(at(world, PLAYED))
    world.demo.set_condition("panel-maintenance")
    answer = browser.post(at(world, PLAYED, f"/{row.id}/{act}"), data={"on": "0"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Your host is working on the panel." in answer.text
    assert panel(world, PLAYED) in "".join(world.calls())


def test_on_a_suspended_server_nothing_is_done(world: World) -> None:
    row = put(world, "Unpaid", "0 4 * * *", ("command", "say hi", 0))
    for act in ("execute", "active", "delete"):
        answer = world.browser("owner").post(at(world, "Unpaid", f"/{row.id}/{act}"), data={"on": "0"})
        assert answer.status_code == 409
        assert "suspended" in answer.text
    assert row in schedules_of(world, "Unpaid")
