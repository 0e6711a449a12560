"""The nightly backup that comes ready to take: made in one go, and never a half that nobody was told of."""

from __future__ import annotations

from typing import Any

import pytest

from portal.demo.client import tasks as panel_tasks
from portal.demo.errors import PanelError
from tests.conftest import World
from tests.schedules.support import EMPTY, SHARED, allow, at, panel, row_of, schedules_of
from tests.servers.support import HTMX, audit_of, said, see

FORM = {"preset": "nightly-backup", "name": "Nightly backup", "minute": "0", "hour": "4", "day_of_month": "*",
        "month": "*", "day_of_week": "*", "is_active": "y", "ignored": "logs/\r\n*.tmp"}  # fmt: skip


def test_it_is_offered_ready_to_take(world: World) -> None:
    page = see(world, "owner", at(world, EMPTY, "/new?preset=nightly-backup"))
    assert 'value="Nightly backup"' in page
    assert "At 04:00, every day." in page
    assert 'name="preset" value="nightly-backup"' in page
    assert "oldest one that is not locked makes room" in page
    assert 'checked id="is_active"' in page
    assert 'checked id="only_when_online"' not in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_it_is_made_with_its_task(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("owner")
    world.calls()
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM, headers=headers)
    row = schedules_of(world, EMPTY)[0]
    calls = [one for one in world.calls() if one.startswith("POST")]
    assert calls == [f"POST {panel(world, EMPTY)}", f"POST {panel(world, EMPTY)}/{row.id}/tasks"]
    assert (row.name, row.hour, row.is_active, row.only_when_online) == ("Nightly backup", "4", True, False)
    assert [(one.action, one.payload, one.time_offset) for one in row.tasks] == [("backup", "logs/\n*.tmp", 0)]
    to = answer.headers.get("HX-Redirect") or answer.location
    assert "“Nightly backup” was created, with its task." in browser.get(to).text
    assert audit_of(world, "schedule.create") == [("done", "Nightly backup")]
    assert audit_of(world, "task.create") == [("done", "Nightly backup")]


def test_a_second_step_that_is_refused_says_what_exists_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_context: Any) -> None:
        raise PanelError(400, "DisplayException", "No more of these today.")

    monkeypatch.setattr(panel_tasks, "_refuse_backup", refuse)
    browser = world.browser("owner")
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM)
    row = schedules_of(world, EMPTY)[0]
    assert answer.location == at(world, EMPTY, f"/{row.id}")
    page = browser.get(answer.location).text
    assert ("“Nightly backup” was created, its task was not: No more of these today. Without a task it does nothing. "
            "Add the backup below, or delete the schedule.") in said(page)  # fmt: skip
    assert 'class="band warn"' in page
    assert "Add the first task" in page
    assert audit_of(world, "task.create") == [("refused", "Refused: Nightly backup")]


def test_a_second_step_without_an_answer_is_unknown(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = own_world.adapter.app

    def cut(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/tasks"):
            start_response("502 Bad Gateway", [("Content-Type", "text/html")])
            return [b"<html>"]
        return before(environ, start_response)

    own_world.adapter.app = cut
    browser = own_world.browser("owner")
    answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    page = said(browser.get(answer.location).text)
    assert "“Nightly backup” was created. Whether its task was created is not known:" in page
    assert audit_of(own_world, "task.create") == [("unknown", "Nightly backup")]


def test_a_first_step_that_fails_makes_nothing(world: World) -> None:
    answer = world.browser("owner").post(at(world, EMPTY, "/new"), data=FORM | {"hour": "25"})
    assert answer.status_code == 422
    assert 'name="preset" value="nightly-backup"' in answer.text
    assert "*.tmp" in answer.text
    assert schedules_of(world, EMPTY) == []
    assert audit_of(world, "task.create") == []


def test_where_there_are_no_backups_it_is_explained_and_not_made(world: World) -> None:
    row_of(world, EMPTY).feature_limits.backups = 0
    world.clock.advance(100)
    world.work()
    browser = world.browser("owner")
    browser.get(f"/servers/{world.server(EMPTY)}")
    page = browser.get(at(world, EMPTY, "/new?preset=nightly-backup")).text
    assert "Your host gives this server no backups" in said(page)
    assert "Create schedule" not in page
    assert "nightly-backup" not in browser.get(at(world, EMPTY)).text
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM)
    assert answer.status_code in (409, 422)
    assert schedules_of(world, EMPTY) == []


def test_a_limit_that_roost_does_not_know_yet_leaves_no_silent_half(world: World) -> None:
    browser = world.browser("owner")
    browser.get(at(world, EMPTY))
    row_of(world, EMPTY).feature_limits.backups = 0
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM)
    page = said(browser.get(answer.location).text)
    assert "its task was not: The panel allows no backup task here: this server may have no backups" in page
    assert [len(one.tasks) for one in schedules_of(world, EMPTY)] == [0]


def test_without_the_right_to_add_a_task_it_is_neither_offered_nor_made(world: World) -> None:
    allow(world, "schedule.read", "schedule.create")
    assert "nightly-backup" not in see(world, "subuser", at(world, SHARED))
    world.calls()
    see(world, "subuser", at(world, SHARED, "/new?preset=nightly-backup"), 403)
    answer = world.browser("subuser").post(at(world, SHARED, "/new"), data=FORM)
    assert answer.status_code == 403
    assert "schedule.update" in answer.text
    assert world.calls() == []
