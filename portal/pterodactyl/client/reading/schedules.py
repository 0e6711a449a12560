"""Schedules and their tasks."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Cron, Schedule, Task


def read_schedule(item: Reader) -> Schedule:
    """A `server_schedule`; the panel gives its tasks in no order."""
    attributes = item.attributes("server_schedule")
    tasks = attributes.field("relationships").field("tasks").each(read_task)
    return Schedule(
        id=attributes.field("id").integer(),
        name=attributes.field("name").text(),
        cron=_cron(attributes.field("cron")),
        is_active=attributes.field("is_active").flag(),
        is_processing=attributes.field("is_processing").flag(),
        only_when_online=attributes.field("only_when_online").flag(),
        last_run_at=attributes.field("last_run_at").moment_or_none(),
        next_run_at=attributes.field("next_run_at").moment_or_none(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        tasks=tuple(sorted(tasks, key=lambda task: task.sequence_id)),
    )


def read_task(item: Reader) -> Task:
    """A `schedule_task`."""
    attributes = item.attributes("schedule_task")
    return Task(
        id=attributes.field("id").integer(),
        sequence_id=attributes.field("sequence_id").integer(),
        action=attributes.field("action").text(),
        payload=attributes.field("payload").text(),
        time_offset_s=attributes.field("time_offset").integer(),
        is_queued=attributes.field("is_queued").flag(),
        continue_on_failure=attributes.field("continue_on_failure").flag(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
    )


def _cron(cron: Reader) -> Cron:
    return Cron(
        minute=cron.field("minute").text(),
        hour=cron.field("hour").text(),
        day_of_month=cron.field("day_of_month").text(),
        month=cron.field("month").text(),
        day_of_week=cron.field("day_of_week").text(),
    )
