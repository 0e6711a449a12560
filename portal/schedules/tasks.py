"""The tasks of a schedule: what it does, one after the other. All of it needs `schedule.update`, as in the panel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.pterodactyl.models import Schedule, Task
from portal.schedules.models import TaskPlan, task_mark
from portal.schedules.service import Changed, Gone, add, demand_backups, gone, no_backup_words, view
from portal.servers.door import acting, demand
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line


def find(schedule: Schedule, task: int) -> Task:
    """One of its tasks. Raises Gone."""
    found = next((one for one in schedule.tasks if one.id == task), None)
    if found is None:
        raise Gone(_no_task())
    return found


def create_task(viewer: Viewer, opened: Opened, number: int, plan: TaskPlan) -> None:
    """A new task behind the others."""
    demand_backups(opened, plan)
    uuid = opened.facts.uuid
    with _backups(plan), gone(_no_task()), acting(viewer, "task.create", uuid, plan.action) as api:
        add(api, uuid, number, plan)


def update_task(viewer: Viewer, opened: Opened, number: int, task: int, plan: TaskPlan, seen: str) -> None:
    """Write all of a task but its place, if it is still what was `seen` (its mark). Raises Changed."""
    demand(opened, "schedule.read")
    demand_backups(opened, plan)
    before = find(view(viewer, opened, number).schedule, task)
    if task_mark(before) != seen:
        raise Changed(
            _(
                "Somebody changed this task since you opened it. Now it is “%(action)s” with “%(payload)s”, after "
                "%(seconds)d s. What you entered is still here: save again to replace that, or cancel to keep it.",
                action=one_line(before.action), payload=one_line(before.payload), seconds=before.time_offset_s,
            ),
            task_mark(before),
        )  # fmt: skip
    uuid = opened.facts.uuid
    with _backups(plan), gone(_no_task()), acting(viewer, "task.update", uuid, plan.action) as api:
        api.tasks.replace(
            uuid,
            number,
            task,
            action=plan.action,
            payload=plan.payload,
            time_offset_s=plan.time_offset_s,
            continue_on_failure=plan.continue_on_failure,
        )


def move_task(viewer: Viewer, opened: Opened, number: int, task: int, direction: Literal["up", "down"]) -> None:
    """Let a task and the one before or after it change places; the rest of it stays as the panel has it."""
    demand(opened, "schedule.read")
    tasks = view(viewer, opened, number).schedule.tasks
    place = next((index for index, one in enumerate(tasks) if one.id == task), None)
    if place is None:
        raise Gone(_no_task())
    other = place + (1 if direction == "down" else -1)
    if not 0 <= other < len(tasks):
        raise Unfit(_("This task is at the end already. Somebody may have moved it meanwhile."))
    before, uuid = tasks[place], opened.facts.uuid
    if before.action not in ("command", "power", "backup"):
        raise Unfit(_("Roost does not know this kind of task, so it leaves it as it is."))
    plan = TaskPlan(before.action)  # type: ignore[arg-type]  # one of the three
    demand_backups(opened, plan)
    with _backups(plan), gone(_no_task()), acting(viewer, "task.update", uuid, before.action) as api:
        api.tasks.replace(
            uuid,
            number,
            task,
            action=before.action,  # type: ignore[arg-type]  # one of the three
            payload=before.payload,
            time_offset_s=before.time_offset_s,
            continue_on_failure=before.continue_on_failure,
            sequence_id=tasks[other].sequence_id,
        )


def delete_task(viewer: Viewer, opened: Opened, number: int, task: int) -> None:
    """Delete a task; those after it move up."""
    uuid = opened.facts.uuid
    with gone(_no_task()), acting(viewer, "task.delete", uuid, f"task {task}") as api:
        api.tasks.delete(uuid, number, task)


@contextmanager
def _backups(plan: TaskPlan) -> Iterator[None]:
    """Say what the panel's refusal of a backup task may mean."""
    try:
        yield
    except errors.NotAllowed as error:
        if plan.action != "backup":
            raise
        raise Unfit(no_backup_words(), field="action") from error


def _no_task() -> str:
    return _("This task or its schedule is not there any more.")
