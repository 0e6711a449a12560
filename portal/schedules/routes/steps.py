"""The tasks of a schedule."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from portal.schedules import tasks
from portal.schedules.forms import TASK_KEEPS, TaskForm, put_back
from portal.schedules.models import task_mark
from portal.schedules.routes.blueprint import EVENT, ask, back_to, bp, demand_read, question, read, refused, task_of
from portal.schedules.service import Changed
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble
from portal.web.access import allowed, viewer
from portal.web.asking import Done, Question, act, asked
from portal.web.i18n import _


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/tasks/new")
@allowed("schedule.update", live=True)
def ask_create_task(server: Opened, schedule: int) -> ResponseReturnValue:
    """The form of a new task."""
    form = TaskForm(formdata=None)
    put_back(form)
    return asked(_task_question(server, schedule, form))


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/tasks/new")
@allowed("schedule.update", keeps=TASK_KEEPS)
def create_task(server: Opened, schedule: int) -> ResponseReturnValue:
    """Put a task behind the others."""
    form = TaskForm()

    def do() -> Done:
        tasks.create_task(viewer(), server, schedule, form.plan)
        return Done(_("The task was added."), EVENT)

    return act(_task_question(server, schedule, form), do, fields=_task_fields(form), event=EVENT)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/tasks/<number:task>/edit")
@allowed("schedule.update", live=True)
def ask_update_task(server: Opened, schedule: int, task: int) -> ResponseReturnValue:
    """The form of a task."""
    found = read(server, schedule)
    if isinstance(found, Trouble):
        return refused(server, found, schedule)
    form, before = TaskForm(formdata=None), task_of(found, task)
    form.show(before, task_mark(before))
    put_back(form)
    return asked(_task_question(server, schedule, form, task))


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/tasks/<number:task>/edit")
@allowed("schedule.update", keeps=TASK_KEEPS)
def update_task(server: Opened, schedule: int, task: int) -> ResponseReturnValue:
    """Write all of a task but its place."""
    demand_read(server)
    form = TaskForm()

    def do() -> Done:
        try:
            tasks.update_task(viewer(), server, schedule, task, form.plan, str(form.seen.data))
        except Changed as changed:
            form.seen.data = changed.mark
            raise
        return Done(_("The task was saved."), EVENT)

    return act(_task_question(server, schedule, form, task), do, fields=_task_fields(form), event=EVENT)


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/tasks/<number:task>/move")
@allowed("schedule.update")
def move_task(server: Opened, schedule: int, task: int) -> ResponseReturnValue:
    """Let it change places with the task before or after it."""
    demand_read(server)
    is_down = request.form.get("direction") == "down"

    def do() -> Done:
        tasks.move_task(viewer(), server, schedule, task, "down" if is_down else "up")
        return Done(_("The task was moved."), EVENT)

    more = {"task": task, "direction": "down" if is_down else "up"}
    return act(question(server, schedule, "_task_move", _("Move task"), **more), do, event=EVENT)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/tasks/<number:task>/delete")
@allowed("schedule.update", live=True)
def ask_delete_task(server: Opened, schedule: int, task: int) -> ResponseReturnValue:
    """Whether a task shall be deleted."""
    return ask(server, schedule, "_task_delete", _("Delete task"), task=task)


@bp.post("/servers/<server:identifier>/schedules/<number:schedule>/tasks/<number:task>/delete")
@allowed("schedule.update")
def delete_task(server: Opened, schedule: int, task: int) -> ResponseReturnValue:
    """Delete a task."""

    def do() -> Done:
        tasks.delete_task(viewer(), server, schedule, task)
        return Done(_("The task was deleted."), EVENT)

    return act(question(server, schedule, "_task_delete", _("Delete task"), task=task), do, event=EVENT)


def _task_question(server: Opened, schedule: int, form: TaskForm, task: int = 0) -> Question:
    title = _("Edit task") if task else _("Add a task")
    return Question("schedules/_task.html", title, back_to(server, schedule),
                    {"server": server, "schedule": schedule, "task": task}, form)  # fmt: skip


def _task_fields(form: TaskForm) -> dict[str, str]:
    payload = {"command": "command", "power": "signal", "backup": "ignored"}.get(str(form.action.data), "command")
    return {"payload": payload, "time_offset": "time_offset_s"}
