"""`/servers/{server}/schedules` (`ScheduleController`)."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.context import Context
from portal.demo.cron import CronError, next_run
from portal.demo.envelopes import listing
from portal.demo.errors import crashed, display
from portal.demo.finding import by_number
from portal.demo.http import json_response, no_content
from portal.demo.people import refused_by_model
from portal.demo.routing import Route
from portal.demo.schedule_runner import process
from portal.demo.transformers.schedules import schedule_object
from portal.demo.validation import validate
from portal.demo.world import Schedule

_RULES = {
    "name": "required|string|max:191", "is_active": "filled|boolean", "minute": "required|string",
    "hour": "required|string", "day_of_month": "required|string", "day_of_week": "required|string",
}
_COLUMN_LENGTH = 191


def find_schedule(context: Context, text: str) -> Schedule:
    return by_number(context.world.schedules_of(context.server), text)


def list_schedules(context: Context) -> Response:
    return json_response(listing([schedule_object(schedule)
                                  for schedule in context.world.schedules_of(context.server)]))


def create_schedule(context: Context) -> Response:
    values = _valid_columns(context, None)
    schedule = Schedule(id=context.world.next_id("schedules"), server=context.server, created_at=context.now,
                        updated_at=context.now, **values)
    context.world.schedules.append(schedule)
    context.log("server:schedule.create", context.server, schedule, name=schedule.name)
    return json_response(schedule_object(schedule))


def view_schedule(context: Context) -> Response:
    return json_response(schedule_object(schedule_of(context)))


def update_schedule(context: Context) -> Response:
    """Everything is replaced; a switch on or off also ends a run that hangs.  The log knows it by its old name."""
    schedule = schedule_of(context)
    values = _valid_columns(context, schedule.id)
    former_name = schedule.name
    if schedule.is_active is not values["is_active"]:
        schedule.is_processing = False
    for column, value in values.items():
        setattr(schedule, column, value)
    schedule.updated_at = context.now
    context.log("server:schedule.update", context.server, schedule, name=former_name, active=schedule.is_active)
    return json_response(schedule_object(schedule))


def execute_schedule(context: Context) -> Response:
    schedule = schedule_of(context)
    process(context.services, schedule, by_hand=True)
    context.log("server:schedule.execute", context.server, schedule, name=schedule.name)
    return json_response([], 202)


def delete_schedule(context: Context) -> Response:
    schedule = schedule_of(context)
    context.world.schedules.remove(schedule)
    context.log("server:schedule.delete", context.server, schedule, name=schedule.name)
    return no_content()


def schedule_of(context: Context) -> Schedule:
    schedule: Schedule = context.models["schedule"]
    return schedule


def _valid_columns(context: Context, row_id: int | None) -> dict[str, Any]:
    """What a valid request makes of a row.  The month has no rule: without one the panel crashes.

    `row_id` is None for a new row; a month that is no text is refused by the model only.
    """
    values = context.request.input
    validate(values, _RULES)
    month = values.get("month")
    if month is None or isinstance(month, (list, dict)):
        raise crashed("TypeError")
    parts = {"minute": values["minute"], "hour": values["hour"], "day_of_month": values["day_of_month"],
             "month": php.to_string(month), "day_of_week": values["day_of_week"]}
    try:
        next_run_at = next_run(" ".join(parts.values()), context.now)
    except CronError as error:
        raise display("The cron data provided does not evaluate to a valid expression.") from error
    if not isinstance(month, str):
        raise refused_by_model("Schedule", row_id, {"cron_month": ["The cron month must be a string."]})
    return {"name": values["name"], **{name: text[:_COLUMN_LENGTH] for name, text in parts.items()},
            "is_active": php.truthy(values.get("is_active")),
            "only_when_online": php.truthy(values.get("only_when_online")), "next_run_at": next_run_at}


_PREFIX = "/api/client/servers/{server}/schedules"
ROUTES = (
    Route("GET", _PREFIX, list_schedules, requires="schedule.read"),
    Route("POST", _PREFIX, create_schedule, requires="schedule.create"),
    Route("GET", _PREFIX + "/{schedule}", view_schedule, requires="schedule.read"),
    Route("POST", _PREFIX + "/{schedule}", update_schedule, requires="schedule.update"),
    Route("POST", _PREFIX + "/{schedule}/execute", execute_schedule, requires="schedule.update"),
    Route("DELETE", _PREFIX + "/{schedule}", delete_schedule, requires="schedule.delete"),
)
