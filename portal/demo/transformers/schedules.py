"""Schedules and their tasks in the client API (`ScheduleTransformer`, `TaskTransformer`)."""
from __future__ import annotations

from portal.demo.clock import iso
from portal.demo.envelopes import JSON, item, listing
from portal.demo.world import Schedule, Task


def schedule_object(schedule: Schedule) -> JSON:
    return item("server_schedule", {
        "id": schedule.id,
        "name": schedule.name,
        "cron": {
            "day_of_week": schedule.day_of_week,
            "day_of_month": schedule.day_of_month,
            "month": schedule.month,
            "hour": schedule.hour,
            "minute": schedule.minute,
        },
        "is_active": schedule.is_active,
        "is_processing": schedule.is_processing,
        "only_when_online": schedule.only_when_online,
        "last_run_at": _moment(schedule.last_run_at),
        "next_run_at": _moment(schedule.next_run_at),
        "created_at": iso(schedule.created_at),
        "updated_at": iso(schedule.updated_at),
        "relationships": {"tasks": listing([task_object(task) for task in schedule.tasks])},
    })


def task_object(task: Task) -> JSON:
    return item("schedule_task", {
        "id": task.id,
        "sequence_id": task.sequence_id,
        "action": task.action,
        "payload": task.payload,
        "time_offset": task.time_offset,
        "is_queued": task.is_queued,
        "continue_on_failure": task.continue_on_failure,
        "created_at": iso(task.created_at),
        "updated_at": iso(task.updated_at),
    })


def _moment(at: float | None) -> str | None:
    return None if at is None else iso(at)
