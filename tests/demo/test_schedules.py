from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import server_called

NIGHTLY = {"name": "nightly", "minute": "*/5", "hour": "*", "day_of_month": "*", "month": "*", "day_of_week": "*"}


@pytest.fixture
def path(ask: Asker) -> str:
    return ask.server("Uno") + "/schedules"


def test_a_new_schedule_is_inactive_unless_it_says_otherwise(ask: Asker, path: str, demo: Demo) -> None:
    made = ask.post("kim", path, NIGHTLY).json
    assert made == {"object": "server_schedule", "attributes": {
        "id": 1, "name": "nightly",
        "cron": {"day_of_week": "*", "day_of_month": "*", "month": "*", "hour": "*", "minute": "*/5"},
        "is_active": False, "is_processing": False, "only_when_online": False, "last_run_at": None,
        "next_run_at": "2026-05-28T20:30:00+00:00", "created_at": "2026-05-28T20:26:40+00:00",
        "updated_at": "2026-05-28T20:26:40+00:00", "relationships": {"tasks": {"object": "list", "data": []}}}}
    assert ask.get("kim", path).json == {"object": "list", "data": [made]}
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == ("server:schedule.create", {"name": "nightly"})


@pytest.mark.parametrize(("changes", "field", "rule", "detail"), [
    ({"name": "x" * 192}, "name", "max", "The name may not be greater than 191 characters."),
    ({"name": None}, "name", "required", "The name field is required."),
    ({"minute": 5}, "minute", "string", "The minute must be a string."),
    ({"day_of_month": ""}, "day_of_month", "required", "The day of month field is required."),
    ({"is_active": None}, "is_active", "filled", "The is active field is required."),
    ({"is_active": "true"}, "is_active", "boolean", "The is active field must be true or false."),
])
def test_refused_bodies(ask: Asker, path: str, changes: Any, field: str, rule: str, detail: str) -> None:
    answer = ask.post("kim", path, {**NIGHTLY, **changes})
    assert says(answer) == (422, "ValidationException", detail)
    assert answer.json["errors"][0]["meta"] == {"source_field": field, "rule": rule}


@pytest.mark.parametrize("changes", [{"minute": "99"}, {"hour": "1 2"}, {"month": False}, {"day_of_week": "8"},
                                     {"day_of_month": "30", "month": "2"}])
def test_cron_data_that_is_no_expression(ask: Asker, path: str, changes: Any) -> None:
    assert says(ask.post("kim", path, {**NIGHTLY, **changes})) == (
        400, "DisplayException", "The cron data provided does not evaluate to a valid expression.")


@pytest.mark.parametrize("month", [None, "", ["5"]])
def test_without_a_month_the_panel_crashes(ask: Asker, path: str, month: Any) -> None:
    assert says(ask.post("kim", path, {**NIGHTLY, "month": month}))[:2] == (500, "TypeError")


def test_a_month_that_is_a_number_is_refused_by_the_model(ask: Asker, path: str) -> None:
    told = 'failed to validate data: {"cron_month":["The cron month must be a string."]}'
    assert says(ask.post("kim", path, {**NIGHTLY, "month": 5})) == (
        500, "DataValidationException", f"Could not save Pterodactyl\\Models\\Schedule[]: {told}")
    ask.post("kim", path, NIGHTLY)
    assert says(ask.post("kim", f"{path}/1", {**NIGHTLY, "month": 5}))[2] == (
        f"Could not save Pterodactyl\\Models\\Schedule[1]: {told}")


@pytest.mark.parametrize(("given", "taken"), [("false", True), ("0", False), (0, False), ([], False), ([0], True)])
def test_only_when_online_is_what_php_holds_to_be_true(ask: Asker, path: str, given: Any, taken: bool) -> None:
    answer = ask.post("kim", path, {**NIGHTLY, "only_when_online": given})
    assert answer.json["attributes"]["only_when_online"] is taken


def test_an_update_replaces_everything_and_is_logged_under_the_old_name(ask: Asker, path: str, demo: Demo) -> None:
    ask.post("kim", path, {**NIGHTLY, "is_active": True, "only_when_online": True})
    schedule = demo.world.schedules[0]
    schedule.is_processing = True
    shown = ask.post("kim", f"{path}/1", {**NIGHTLY, "name": "new", "minute": "7", "is_active": 1}).json["attributes"]
    assert (shown["name"], shown["is_active"], shown["only_when_online"], shown["next_run_at"]) == (
        "new", True, False, "2026-05-28T21:07:00+00:00")
    assert schedule.is_processing is True
    assert demo.world.activity_logs[-1].properties == {"name": "nightly", "active": True}
    assert ask.post("kim", f"{path}/1", NIGHTLY).json["attributes"]["is_active"] is False
    assert schedule.is_processing is False


def test_a_refused_update_changes_nothing(ask: Asker, path: str) -> None:
    made = ask.post("kim", path, NIGHTLY).json
    assert ask.post("kim", f"{path}/1", {**NIGHTLY, "name": "new", "hour": "x"}).status_code == 400
    assert ask.get("kim", f"{path}/1").json == made


def test_a_deleted_schedule_takes_its_tasks_with_it(ask: Asker, path: str) -> None:
    ask.post("kim", path, NIGHTLY)
    ask.post("kim", f"{path}/1/tasks", {"action": "command", "payload": "x", "time_offset": 0})
    assert ask("kim", "DELETE", f"{path}/1").status_code == 204
    assert says(ask("kim", "DELETE", f"{path}/1/tasks/1"))[2] == (
        "The requested resource could not be found on the server.")


@pytest.mark.parametrize(("known_as", "status"), [("1", 200), ("01", 200), ("1abc", 200), ("1.0", 200), ("abc", 404),
                                                  ("-1", 404), ("2", 404)])
def test_ids_are_compared_as_the_database_does(ask: Asker, path: str, known_as: str, status: int) -> None:
    ask.post("kim", path, NIGHTLY)
    assert ask.get("kim", f"{path}/{known_as}").status_code == status


def test_a_schedule_of_another_server_is_not_there(ask: Asker, path: str) -> None:
    ask.post("kim", path, NIGHTLY)
    assert says(ask.get("lee", f"{ask.server('Tre')}/schedules/1")) == (
        404, "NotFoundHttpException", "The requested resource could not be found on the server.")


@pytest.mark.parametrize(("method", "tail", "permission"), [
    ("GET", "", "schedule.read"), ("POST", "", "schedule.create"), ("GET", "/1", "schedule.read"),
    ("POST", "/1", "schedule.update"), ("POST", "/1/execute", "schedule.update"), ("DELETE", "/1", "schedule.delete"),
    ("POST", "/1/tasks", "schedule.update"), ("POST", "/1/tasks/1", "schedule.update")])
def test_each_route_takes_its_own_permission(ask: Asker, path: str, demo: Demo, method: str, tail: str,
                                             permission: str) -> None:
    task = {"action": "power", "payload": "start", "time_offset": 0}
    ask.post("kim", path, NIGHTLY)
    ask.post("kim", f"{path}/1/tasks", task)
    subuser = server_called(demo, "Uno").subusers[0]
    subuser.permissions = ["control.start"]
    assert says(ask("lee", method, path + tail, {})) == (
        403, "AccessDeniedHttpException", "This action is unauthorized.")
    subuser.permissions = [permission]
    assert ask("lee", method, path + tail, {**NIGHTLY, **task}).status_code in (200, 202, 204)
