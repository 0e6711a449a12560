from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock, build
from portal.demo.world import Schedule
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import StubNode, server_called
from tests.demo.test_schedules import NIGHTLY
from tests.demo.worlds import FIXTURE

SAY = {"action": "command", "payload": "say hi", "time_offset": 0}
STOP = {"action": "power", "payload": "stop", "time_offset": 30}


@pytest.fixture(autouse=True)
def _queue_with_a_worker(demo: Demo) -> None:
    demo.config.queue_runs_at_once = False


@pytest.fixture
def path(ask: Asker) -> str:
    return ask.server("Uno") + "/schedules"


@pytest.fixture
def node(demo: Demo) -> StubNode:
    return StubNode(demo, server_called(demo, "Uno"))


def _make(ask: Asker, demo: Demo, path: str, *tasks: dict[str, Any], **values: Any) -> Schedule:
    made = ask.post("kim", path, {**NIGHTLY, "is_active": True, **values})
    for task in tasks:
        assert ask.post("kim", f"{path}/{made.json['attributes']['id']}/tasks", task).status_code == 200
    return demo.world.schedules[-1]


def _states(schedule: Schedule) -> tuple[bool, list[bool]]:
    return schedule.is_processing, [task.is_queued for task in schedule.tasks]


def test_by_hand_the_first_task_runs_at_once_and_the_others_after_their_offsets(
        ask: Asker, path: str, demo: Demo, node: StubNode, clock: ManualClock) -> None:
    schedule = _make(ask, demo, path, {**SAY, "time_offset": 900}, STOP, is_active=False)
    answer = ask.post("kim", f"{path}/1/execute")
    assert (answer.status_code, answer.json) == (202, [])
    assert [(path, body) for _, path, _, body in node.asked] == [("/commands", {"commands": ["say hi"]})]
    assert (_states(schedule), schedule.last_run_at) == ((True, [False, True]), None)
    assert demo.world.activity_logs[-1].event == "server:schedule.execute"
    clock.advance(30)
    demo.pulse()
    assert [(path, body) for _, path, _, body in node.asked[1:]] == [("/power", {"action": "stop"})]
    assert (_states(schedule), schedule.last_run_at) == ((False, [False, False]), clock.now())


def test_a_schedule_without_tasks_cannot_be_executed(ask: Asker, path: str, demo: Demo) -> None:
    _make(ask, demo, path)
    assert says(ask.post("kim", f"{path}/1/execute")) == (
        400, "DisplayException", "Cannot process schedule for task execution: no tasks are registered.")


def test_errors_of_the_first_task_reach_who_asked_and_end_the_run(ask: Asker, path: str, demo: Demo,
                                                                  node: StubNode) -> None:
    schedule = _make(ask, demo, path, SAY, STOP)
    node.status, node.answer = 502, {"error": "Cannot send commands to a stopped server instance."}
    assert says(ask.post("kim", f"{path}/1/execute"))[:2] == (502, "DaemonConnectionException")
    assert (_states(schedule), schedule.last_run_at) == ((False, [False, False]), demo.clock.now())
    assert demo.world.activity_logs[-1].event == "server:task.create"


def test_a_task_that_may_fail_goes_on_after_errors_of_the_node_only(ask: Asker, path: str, demo: Demo, node: StubNode,
                                                                    clock: ManualClock) -> None:
    server_called(demo, "Uno").feature_limits.backups = 1
    _make(ask, demo, path, {**SAY, "continue_on_failure": True}, STOP)
    node.status = 502
    assert ask.post("kim", f"{path}/1/execute").status_code == 202
    clock.advance(30)
    demo.pulse()
    assert [path for _, path, *_ in node.asked] == ["/commands", "/power"]
    _make(ask, demo, path, {"action": "backup", "time_offset": 0, "continue_on_failure": True})
    server_called(demo, "Uno").feature_limits.backups = 0
    assert says(ask.post("kim", f"{path}/2/execute"))[1] == "TooManyBackupsException"


@pytest.mark.parametrize(("state", "runs"), [("offline", False), ("stopping", False), (None, False),
                                             ("starting", True), ("running", True)])
def test_only_when_online_asks_the_node_first(ask: Asker, path: str, demo: Demo, node: StubNode, state: str | None,
                                              runs: bool) -> None:
    schedule = _make(ask, demo, path, SAY, only_when_online=True)
    node.answer = {"state": state}
    assert ask.post("kim", f"{path}/1/execute").status_code == 202
    assert [path for _, path, *_ in node.asked] == ["", "/commands"][:1 + runs]
    assert (_states(schedule), schedule.last_run_at) == ((False, [False]), demo.clock.now())


def test_only_when_online_and_a_node_that_cannot_be_asked(ask: Asker, path: str, demo: Demo) -> None:
    schedule = _make(ask, demo, path, SAY, only_when_online=True)
    demo.set_condition("node-down")
    assert ask.post("kim", f"{path}/1/execute").status_code == 202
    assert _states(schedule) == (False, [False])
    demo.set_condition("node-garbage")
    assert says(ask.post("kim", f"{path}/1/execute"))[:2] == (500, "TypeError")
    assert _states(schedule) == (True, [True])


def test_a_server_in_some_status_runs_nothing_and_nobody_is_told(ask: Asker, path: str, demo: Demo,
                                                                 node: StubNode) -> None:
    schedule = _make(ask, demo, path, SAY)
    demo.set_condition("reinstall-failed")
    assert ask.post("kim", f"{path}/1/execute").status_code == 202
    assert (node.asked, _states(schedule), schedule.last_run_at) == ([], (False, [False]), demo.clock.now())


def test_cron_runs_what_is_due_when_somebody_looks_after_the_clock_was_shifted(
        ask: Asker, path: str, demo: Demo, node: StubNode, clock: ManualClock) -> None:
    schedule = _make(ask, demo, path, SAY, STOP, hour="4", minute="0")
    clock.advance(8 * 3600)
    shown = ask.get("kim", f"{path}/1").json["attributes"]
    assert (shown["is_processing"], shown["next_run_at"], node.asked[0][1]) == (
        True, "2026-05-30T04:00:00+00:00", "/commands")
    clock.advance(30)
    demo.pulse()
    assert (node.asked[1][1], _states(schedule), schedule.last_run_at) == ("/power", (False, [False, False]),
                                                                          clock.now())
    clock.advance(3 * 86400)
    demo.pulse()
    assert [path for _, path, *_ in node.asked] == ["/commands", "/power", "/commands"]


def test_cron_waits_for_the_offset_of_the_first_task_too(ask: Asker, path: str, demo: Demo, node: StubNode,
                                                         clock: ManualClock) -> None:
    schedule = _make(ask, demo, path, STOP, minute="*")
    clock.advance(60)
    demo.pulse()
    assert (node.asked, _states(schedule)) == ([], (True, [True]))
    clock.advance(30)
    demo.pulse()
    assert [path for _, path, *_ in node.asked] == ["/power"]


def test_cron_leaves_alone_what_is_not_to_run(ask: Asker, path: str, demo: Demo, node: StubNode,
                                              clock: ManualClock) -> None:
    active = _make(ask, demo, path, SAY, minute="*")
    _make(ask, demo, path, SAY, minute="*", is_active=False)
    empty = _make(ask, demo, path, minute="*")
    due = empty.next_run_at
    active.is_processing = True
    clock.advance(120)
    demo.pulse()
    assert (node.asked, empty.next_run_at) == ([], due)
    active.is_processing, active.server.status = False, "suspended"
    clock.advance(60)
    demo.pulse()
    assert node.asked == []
    active.server.status = None
    clock.advance(60)
    demo.pulse()
    assert len(node.asked) == 1


@pytest.mark.parametrize(("condition", "runs"), [("panel-gateway", True), ("panel-maintenance", False),
                                                 ("panel-database-down", False)])
def test_cron_needs_the_database_and_no_maintenance_but_not_the_web(ask: Asker, path: str, demo: Demo, node: StubNode,
                                                 clock: ManualClock, condition: str, runs: bool) -> None:
    _make(ask, demo, path, SAY, STOP, minute="*")
    demo.set_condition(condition)
    clock.advance(60)
    demo.pulse()
    assert len(node.asked) == runs
    demo.set_condition(None)
    clock.advance(60)
    demo.pulse()
    assert [path for _, path, *_ in node.asked] == ["/commands", "/power"][:1 + runs]


def test_a_queued_task_waits_for_the_database(ask: Asker, path: str, demo: Demo, node: StubNode,
                                              clock: ManualClock) -> None:
    _make(ask, demo, path, SAY, STOP)
    ask.post("kim", f"{path}/1/execute")
    demo.set_condition("panel-database-down")
    clock.advance(30)
    demo.pulse()
    assert len(node.asked) == 1
    demo.set_condition(None)
    clock.advance(10)
    demo.pulse()
    assert len(node.asked) == 2


def test_a_queued_task_of_a_schedule_switched_off_or_deleted_does_nothing(ask: Asker, path: str, demo: Demo,
                                                                         node: StubNode, clock: ManualClock) -> None:
    schedule = _make(ask, demo, path, STOP, minute="*")
    clock.advance(60)
    demo.pulse()
    ask.post("kim", f"{path}/1", {**NIGHTLY, "minute": "*"})
    schedule.is_processing = True
    clock.advance(30)
    demo.pulse()
    assert (node.asked, _states(schedule)) == ([], (False, [False]))
    ask.post("kim", f"{path}/1", {**NIGHTLY, "minute": "*", "is_active": True})
    clock.advance(60)
    demo.pulse()
    ask("kim", "DELETE", f"{path}/1")
    clock.advance(60)
    demo.pulse()
    assert node.asked == []


def test_a_node_that_hangs_ends_the_run_after_its_time_and_holds_up_nobody(ask: Asker, path: str, demo: Demo,
                                                                          clock: ManualClock) -> None:
    schedule = _make(ask, demo, path, SAY, minute="*")
    online = _make(ask, demo, path, SAY, minute="*", only_when_online=True)
    demo.set_condition("node-hangs")
    clock.advance(60)
    at = clock.now()
    demo.pulse()
    assert (clock.now(), _states(schedule), _states(online)) == (at, (True, [True]), (True, [True]))
    clock.advance(15)
    demo.pulse()
    assert (clock.now(), _states(schedule), _states(online)) == (at + 15, (False, [False]), (False, [False]))


def test_a_scheduled_backup_makes_room_by_deleting_the_oldest_that_is_not_locked(
        ask: Asker, path: str, demo: Demo, node: StubNode, clock: ManualClock) -> None:
    server = server_called(demo, "Uno")
    server.feature_limits.backups = 2
    demo.panel.services.config.backup_throttle_limit = 10
    _make(ask, demo, path, {"action": "backup", "payload": "*.log\n", "time_offset": 0}, minute="*")
    for name in ("locked", "free"):
        ask.post("kim", f"{ask.server('Uno')}/backups", {"name": name, "is_locked": name == "locked"})
        clock.advance(1)
    clock.advance(60)
    demo.pulse()
    assert [(backup.name, backup.ignored_files) for backup in demo.world.backups_of(server)] == [
        ("locked", []), ("Backup at 2026-05-28 20:27:42", ["*.log"])]
    assert [(method, path) for method, path, *_ in node.asked[-2:]] == [
        ("DELETE", f"/backup/{demo.world.backups[1].uuid}"), ("POST", "/backup")]
    assert demo.world.activity_logs[-1].properties["name"] == "free"
    demo.world.backups_of(server)[-1].is_locked = True
    assert says(ask.post("kim", f"{path}/1/execute"))[1] == "TooManyBackupsException"


def test_a_scheduled_backup_is_throttled_like_any_other(ask: Asker, path: str, demo: Demo, node: StubNode) -> None:
    server_called(demo, "Uno").feature_limits.backups = 5
    _make(ask, demo, path, {"action": "backup", "time_offset": 0})
    assert [ask.post("kim", f"{path}/1/execute").status_code for _ in range(3)] == [202, 202, 429]


def test_a_fixtures_panel_has_the_queue_of_the_recordings_unless_it_names_another() -> None:
    assert build(fixture=FIXTURE).config.queue_runs_at_once
    other = FIXTURE | {"panel": FIXTURE["panel"] | {"queue": "database"}}
    assert not build(fixture=other).config.queue_runs_at_once
    assert not build().config.queue_runs_at_once


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_queue_that_runs_at_once_knows_no_offsets(ask: Asker, path: str, demo: Demo, node: StubNode,
                                                    clock: ManualClock, *, by_hand: bool) -> None:
    demo.config.queue_runs_at_once = True
    schedule = _make(ask, demo, path, {**SAY, "time_offset": 900}, STOP)
    if by_hand:
        assert ask.post("kim", f"{path}/1/execute").status_code == 202
    else:
        assert schedule.next_run_at is not None
        clock.advance(schedule.next_run_at - clock.now())
        demo.pulse()
    assert [path for _, path, _, _ in node.asked] == ["/commands", "/power"]
    assert (_states(schedule), schedule.last_run_at) == ((False, [False, False]), clock.now())


def test_a_queue_that_runs_at_once_tells_the_errors_of_every_task(ask: Asker, path: str, demo: Demo,
                                                                  node: StubNode) -> None:
    demo.config.queue_runs_at_once = True
    schedule = _make(ask, demo, path, {**SAY, "continue_on_failure": True}, STOP)
    node.status, node.answer = 502, {"error": "Cannot send commands to a stopped server instance."}
    assert says(ask.post("kim", f"{path}/1/execute"))[:2] == (502, "DaemonConnectionException")
    assert [path for _, path, _, _ in node.asked] == ["/commands", "/power"]
    assert (_states(schedule), schedule.last_run_at) == ((False, [False, False]), demo.clock.now())
    assert demo.world.activity_logs[-1].event == "server:task.create"
