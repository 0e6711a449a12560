"""`/servers/{server}/schedules/{schedule}/tasks` (`ScheduleTaskController`)."""
from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.client.schedules import schedule_of
from portal.demo.context import Context
from portal.demo.errors import PanelError, forbidden
from portal.demo.finding import by_number
from portal.demo.http import json_response, no_content
from portal.demo.permissions import can
from portal.demo.routing import Route
from portal.demo.transformers.schedules import task_object
from portal.demo.validation import validate
from portal.demo.world import Task

_RULES = {
    "action": "required|in:command,power,backup",
    "payload": "required_unless:action,backup|string|nullable",
    "time_offset": "required|numeric|min:0|max:900",
    "sequence_id": "sometimes|required|numeric|min:1",
    "continue_on_failure": "sometimes|required|boolean",
}
_LARGEST = 2**32 - 1


def find_task(context: Context, text: str) -> Task:
    return by_number(schedule_of(context).tasks, text)


def create_task(context: Context) -> Response:
    """At its place in the sequence the later ones make room; beyond the end it comes last."""
    schedule, values = schedule_of(context), context.request.input
    validate(values, _RULES)
    limit = context.services.config.tasks_per_schedule
    if len(schedule.tasks) >= limit:
        raise PanelError(400, "ServiceLimitExceededException", f"Schedules may not have more than {limit} tasks "
                         "associated with them. Creating this task would put this schedule over the limit.",
                         redirects_back=True)
    _refuse_backup(context)
    end = max((task.sequence_id for task in schedule.tasks), default=0) + 1
    place = min(_sequence_id(values, end), end)
    _shift(context, (task for task in schedule.tasks if task.sequence_id >= place), 1)
    task = Task(id=context.world.next_id("tasks"), schedule=schedule, created_at=context.now, updated_at=context.now,
                sequence_id=place, **_columns(values))
    schedule.tasks.append(task)
    schedule.updated_at = context.now
    context.log("server:task.create", context.server, schedule, task, name=schedule.name, action=task.action,
                payload=task.payload)
    return json_response(task_object(task))


def update_task(context: Context) -> Response:
    """Everything is replaced but the place, if none is given; the log tells what the task was before."""
    schedule, task, values = schedule_of(context), _task(context), context.request.input
    validate(values, _RULES)
    _refuse_backup(context)
    former = {"name": schedule.name, "action": task.action, "payload": task.payload}
    place = _sequence_id(values, task.sequence_id)
    others = [other for other in schedule.tasks if other is not task]
    _shift(context, (other for other in others if place <= other.sequence_id < task.sequence_id), 1)
    _shift(context, (other for other in others if task.sequence_id < other.sequence_id <= place), -1)
    for column, value in _columns(values).items():
        setattr(task, column, value)
    task.sequence_id = place
    task.updated_at = schedule.updated_at = context.now
    context.log("server:task.update", context.server, schedule, task, **former)
    return json_response(task_object(task))


def delete_task(context: Context) -> Response:
    schedule, task = schedule_of(context), _task(context)
    if not can(context.user, "schedule.update", context.server):
        raise forbidden("You do not have permission to perform this action.")
    schedule.tasks.remove(task)
    _shift(context, (other for other in schedule.tasks if other.sequence_id > task.sequence_id), -1)
    schedule.updated_at = context.now
    context.log("server:task.delete", context.server, schedule, task, name=schedule.name)
    return no_content()


def _task(context: Context) -> Task:
    task: Task = context.models["task"]
    return task


def _refuse_backup(context: Context) -> None:
    if context.server.feature_limits.backups == 0 and context.request.input["action"] == "backup":
        raise forbidden("A backup task cannot be created when the server's backup limit is set to 0.")


def _sequence_id(values: dict[str, Any], default: int) -> int:
    """`$request->integer()`: what comes after the point is left away."""
    asked = values.get("sequence_id", default)
    return int(min(float(asked) if isinstance(asked, str) else asked, _LARGEST))


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """The database rounds an offset that is no whole number."""
    return {"action": values["action"], "payload": values.get("payload") or "",
            "time_offset": math.floor(float(values["time_offset"]) + 0.5),
            "continue_on_failure": php.truthy(values.get("continue_on_failure"))}


def _shift(context: Context, tasks: Iterable[Task], by: int) -> None:
    for task in list(tasks):
        task.sequence_id += by
        task.updated_at = context.now


_PREFIX = "/api/client/servers/{server}/schedules/{schedule}/tasks"
ROUTES = (
    Route("POST", _PREFIX, create_task, requires="schedule.update"),
    Route("POST", _PREFIX + "/{task}", update_task, requires="schedule.update"),
    Route("DELETE", _PREFIX + "/{task}", delete_task),
)
