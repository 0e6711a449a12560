from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import server_called
from tests.demo.test_schedules import NIGHTLY


@pytest.fixture
def path(ask: Asker) -> str:
    schedules = ask.server("Uno") + "/schedules"
    ask.post("kim", schedules, NIGHTLY)
    return f"{schedules}/1/tasks"


def _task(**values: Any) -> dict[str, Any]:
    return {"action": "command", "payload": "say hi", "time_offset": 0, **values}


def _order(demo: Demo) -> dict[str, int]:
    return {task.payload: task.sequence_id for task in demo.world.schedules[0].tasks}


def test_a_new_task_comes_last(ask: Asker, path: str, demo: Demo) -> None:
    ask.post("kim", path, _task())
    made = ask.post("kim", path, _task(continue_on_failure="1", time_offset="900"))
    assert made.json == {"object": "schedule_task", "attributes": {
        "id": 2, "sequence_id": 2, "action": "command", "payload": "say hi", "time_offset": 900, "is_queued": False,
        "continue_on_failure": True, "created_at": "2026-05-28T20:26:40+00:00",
        "updated_at": "2026-05-28T20:26:40+00:00"}}
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.properties) == (
        "server:task.create", {"name": "nightly", "action": "command", "payload": "say hi"})


@pytest.mark.parametrize(("changes", "field", "rule", "detail"), [
    ({"action": "dance"}, "action", "in", "The selected action is invalid."),
    ({"action": None}, "action", "required", "The action field is required."),
    ({"payload": None}, "payload", "required_unless", "The payload field is required unless action is in backup."),
    ({"payload": 5}, "payload", "string", "The payload must be a string."),
    ({"time_offset": "soon"}, "time_offset", "numeric", "The time offset must be a number."),
    ({"time_offset": -1}, "time_offset", "min", "The time offset must be at least 0."),
    ({"time_offset": 900.5}, "time_offset", "max", "The time offset may not be greater than 900."),
    ({"sequence_id": None}, "sequence_id", "required", "The sequence id field is required."),
    ({"sequence_id": 0}, "sequence_id", "min", "The sequence id must be at least 1."),
    ({"continue_on_failure": "no"}, "continue_on_failure", "boolean",
     "The continue on failure field must be true or false."),
])
def test_refused_bodies(ask: Asker, path: str, changes: Any, field: str, rule: str, detail: str) -> None:
    answer = ask.post("kim", path, _task(**changes))
    assert (answer.status_code, answer.json["errors"][0]["meta"], answer.json["errors"][0]["detail"]) == (
        422, {"source_field": field, "rule": rule}, detail)


def test_later_tasks_make_room_for_a_new_one_and_beyond_the_end_it_comes_last(ask: Asker, path: str,
                                                                             demo: Demo) -> None:
    for name, place in (("a", 1), ("b", 99), ("c", "1.9"), ("d", 2)):
        assert ask.post("kim", path, _task(payload=name, sequence_id=place)).status_code == 200
    assert _order(demo) == {"c": 1, "d": 2, "a": 3, "b": 4}


def test_an_update_moves_the_ones_between_and_may_leave_a_gap(ask: Asker, path: str, demo: Demo) -> None:
    for name in "abcd":
        ask.post("kim", path, _task(payload=name))
    ask.post("kim", f"{path}/1", _task(payload="a", sequence_id=3))
    assert _order(demo) == {"b": 1, "c": 2, "a": 3, "d": 4}
    ask.post("kim", f"{path}/4", _task(payload="d", sequence_id=1))
    assert _order(demo) == {"d": 1, "b": 2, "c": 3, "a": 4}
    ask.post("kim", f"{path}/2", _task(payload="b", sequence_id=50))
    assert _order(demo) == {"d": 1, "c": 2, "a": 3, "b": 50}
    ask.post("kim", f"{path}/2", _task(payload="b"))
    assert _order(demo)["b"] == 50
    assert ask("kim", "DELETE", f"{path}/4").status_code == 204
    assert _order(demo) == {"c": 1, "a": 2, "b": 49}


def test_an_update_replaces_everything_and_the_log_tells_what_was(ask: Asker, path: str, demo: Demo) -> None:
    ask.post("kim", path, _task(continue_on_failure=True))
    shown = ask.post("kim", f"{path}/1", {"action": "power", "payload": "stop", "time_offset": 5.5}).json["attributes"]
    assert (shown["action"], shown["payload"], shown["time_offset"], shown["continue_on_failure"]) == (
        "power", "stop", 6, False)
    assert demo.world.activity_logs[-1].properties == {"name": "nightly", "action": "command", "payload": "say hi"}


def test_ten_tasks_are_enough(ask: Asker, path: str) -> None:
    for _ in range(10):
        assert ask.post("kim", path, _task()).status_code == 200
    assert says(ask.post("kim", path, _task())) == (
        400, "ServiceLimitExceededException", "Schedules may not have more than 10 tasks associated with them. "
        "Creating this task would put this schedule over the limit.")


def test_backup_tasks_need_a_limit_above_0(ask: Asker, path: str, demo: Demo) -> None:
    refusal = (403, "HttpForbiddenException",
               "A backup task cannot be created when the server's backup limit is set to 0.")
    ask.post("kim", path, _task())
    for where in (path, f"{path}/1"):
        assert says(ask.post("kim", where, {"action": "backup", "time_offset": 0})) == refusal
    server_called(demo, "Uno").feature_limits.backups = 1
    made = ask.post("kim", path, {"action": "backup", "time_offset": 0, "payload": None})
    assert made.json["attributes"]["payload"] == ""


def test_deleting_without_the_permission_is_refused_in_other_words(ask: Asker, path: str, demo: Demo) -> None:
    ask.post("kim", path, _task())
    assert says(ask("lee", "DELETE", f"{path}/1")) == (
        403, "HttpForbiddenException", "You do not have permission to perform this action.")
    server_called(demo, "Uno").subusers[0].permissions = ["schedule.update"]
    assert ask("lee", "DELETE", f"{path}/1").status_code == 204
    assert demo.world.activity_logs[-1].properties == {"name": "nightly"}


def test_a_task_of_another_schedule_is_not_there(ask: Asker, path: str) -> None:
    ask.post("kim", path, _task())
    schedules = ask.server("Uno") + "/schedules"
    ask.post("kim", schedules, NIGHTLY)
    assert says(ask("kim", "DELETE", f"{schedules}/2/tasks/1"))[:2] == (404, "NotFoundHttpException")
    assert says(ask.get("kim", f"{path}/1"))[:2] == (405, "MethodNotAllowedHttpException")
