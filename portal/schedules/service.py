"""The schedules of a server: read, made, changed, run and deleted.

All raise the library's errors; `Gone` when the panel has no such schedule (any more).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from portal.auth.sessions import Viewer
from portal.pterodactyl import ClientApi, errors
from portal.pterodactyl.models import Schedule
from portal.schedules.models import Listed, Made, Plan, Shown, TaskPlan, shown
from portal.schedules.zone import Zone, panel_zone
from portal.servers.door import acting, demand, looking
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.errors import sentence
from portal.web.i18n import _
from portal.web.text import one_line


class Gone(Unfit):
    """There is no such schedule or task."""


class Changed(Unfit):
    """Somebody else changed it since it was opened; `mark` is that of what is there now."""

    def __init__(self, sentence: str, mark: str) -> None:
        super().__init__(sentence)
        self.mark = mark


def listed(viewer: Viewer, opened: Opened) -> Listed:
    """All schedules of a server."""
    found = read(viewer, opened)
    zone = panel_zone(found)
    return Listed(tuple(shown(one, zone) for one in found), zone)


def read(viewer: Viewer, opened: Opened) -> tuple[Schedule, ...]:
    """All schedules of a server, as the panel has them."""
    with looking(viewer) as api:
        return api.schedules.list(opened.facts.uuid)


def view(viewer: Viewer, opened: Opened, number: int) -> Shown:
    """One schedule with its tasks; read with the others, which together tell the panel's zone."""
    found = next((one for one in listed(viewer, opened).schedules if one.schedule.id == number), None)
    if found is None:
        raise Gone(_no_schedule())
    return found


def zone(viewer: Viewer, opened: Opened) -> Zone:
    """The panel's zone for somebody who makes a schedule; without this server's word where they may not read any."""
    if not opened.rights.allow("schedule.read"):
        return panel_zone(())
    return panel_zone(read(viewer, opened))


def create(viewer: Viewer, opened: Opened, plan: Plan, action: str = "schedule.create") -> Made:
    """Make a schedule and its tasks, step by step.

    What is to be on with several tasks is switched on last, so that half of it never runs. Raises what keeps the
    schedule itself from being made; what fails after that is said by what comes back.
    """
    demand_plan(opened, plan)
    uuid, is_staged = opened.facts.uuid, plan.is_active and len(plan.tasks) > 1
    with acting(viewer, action, uuid, plan.name) as api:
        made = api.schedules.create(uuid, name=plan.name, cron=plan.cron, only_when_online=plan.only_when_online,
                                    is_active=plan.is_active and not is_staged)  # fmt: skip
    done = 0
    try:
        for task in plan.tasks:
            with acting(viewer, "task.create", uuid, plan.name) as api:
                add(api, uuid, made.id, task)
            done += 1
        if is_staged:
            with acting(viewer, "schedule.update", uuid, plan.name) as api:
                made = api.schedules.replace(uuid, made.id, name=plan.name, cron=plan.cron, is_active=True,
                                             only_when_online=plan.only_when_online)  # fmt: skip
    except errors.PanelError as error:
        is_unknown = isinstance(error, errors.OutcomeUnknown)
        is_backup = done < len(plan.tasks) and plan.tasks[done].action == "backup"
        trouble = no_backup_words() if is_backup and isinstance(error, errors.NotAllowed) else sentence(error)[1]
        return Made(made, done, len(plan.tasks), trouble, is_unknown, is_left_off=is_staged)
    return Made(made, done, len(plan.tasks))


def add(api: ClientApi, server: str, schedule: int, task: TaskPlan) -> None:
    """Put a task behind the others."""
    api.tasks.create(
        server,
        schedule,
        action=task.action,
        payload=task.payload,
        time_offset_s=task.time_offset_s,
        continue_on_failure=task.continue_on_failure,
    )


def update(viewer: Viewer, opened: Opened, number: int, plan: Plan, seen: str) -> Shown:
    """Write all of a schedule but its tasks, if it is still what was `seen` (its mark). Raises Changed."""
    demand(opened, "schedule.read")
    before = view(viewer, opened, number)
    if before.mark != seen:
        raise Changed(_changed(before), before.mark)
    uuid = opened.facts.uuid
    with gone(_no_schedule()), acting(viewer, "schedule.update", uuid, plan.name) as api:
        written = api.schedules.replace(
            uuid,
            number,
            name=plan.name,
            cron=plan.cron,
            is_active=plan.is_active,
            only_when_online=plan.only_when_online,
        )
    return shown(written, before.zone)


def switch(viewer: Viewer, opened: Opened, number: int, *, is_active: bool) -> Schedule:
    """Switch a schedule on or off and leave the rest as the panel has it; a run that hangs ends by it."""
    demand(opened, "schedule.read")
    before = view(viewer, opened, number).schedule
    uuid, detail = opened.facts.uuid, f"{before.name}: {'on' if is_active else 'off'}"
    with gone(_no_schedule()), acting(viewer, "schedule.update", uuid, detail) as api:
        return api.schedules.replace(
            uuid,
            number,
            name=before.name,
            cron=before.cron,
            is_active=is_active,
            only_when_online=before.only_when_online,
        )


def execute(viewer: Viewer, opened: Opened, number: int) -> Schedule | None:
    """Run a schedule now. Comes back as it was before, None for who may not read it.

    Success does not mean that it ran: with `only_when_online` a server that is off skips it.
    """
    before = _seen(viewer, opened, number)
    if before and not before.tasks:
        raise Unfit(_("This schedule has no tasks yet, so there is nothing to run. Add one first."))
    uuid, detail = opened.facts.uuid, _called(before, number)
    with gone(_no_schedule()), acting(viewer, "schedule.execute", uuid, detail) as api:
        api.schedules.execute(uuid, number)
    return before


def delete(viewer: Viewer, opened: Opened, number: int) -> Schedule | None:
    """Delete a schedule with its tasks. Comes back as it was, None for who may not read it."""
    before = _seen(viewer, opened, number)
    uuid, detail = opened.facts.uuid, _called(before, number)
    with gone(_no_schedule()), acting(viewer, "schedule.delete", uuid, detail) as api:
        api.schedules.delete(uuid, number)
    return before


def demand_plan(opened: Opened, plan: Plan) -> None:
    """Raises Forbidden or Unfit for tasks that may not be made; the panel would refuse them after the schedule."""
    if plan.tasks:
        demand(opened, "schedule.update")
    demand_backups(opened, *plan.tasks)


def demand_backups(opened: Opened, *tasks: TaskPlan) -> None:
    """Raises Unfit for a backup task where the server may have no backups; the panel would refuse it."""
    if opened.facts.backups == 0 and any(one.action == "backup" for one in tasks):
        raise Unfit(
            _("Your host gives this server no backups, so no task can make one."),
            field="action" if len(tasks) == 1 else "",
        )


def no_backup_words() -> str:
    """What is said of a backup task that the panel does not allow: it gives no reason, and limits may be new."""
    return _("The panel allows no backup task here: this server may have no backups, or your access ended.")


@contextmanager
def gone(text: str) -> Iterator[None]:
    """Say what is not there any more, instead of the server."""
    try:
        yield
    except errors.NotFound as error:
        raise Gone(text) from error


def _no_schedule() -> str:
    return _("This schedule is not there any more.")


def _seen(viewer: Viewer, opened: Opened, number: int) -> Schedule | None:
    """What is acted on, for who may read it: the panel asks for no right to read."""
    return view(viewer, opened, number).schedule if opened.rights.allow("schedule.read") else None


def _called(schedule: Schedule | None, number: int) -> str:
    return schedule.name if schedule else f"schedule {number}"


def _changed(now: Shown) -> str:
    state = _("switched on") if now.schedule.is_active else _("switched off")
    return _(
        "Somebody changed this schedule since you opened it. Now it is “%(name)s”, %(line)s, %(state)s. "
        "What you entered is still here: save again to replace that, or cancel to keep it.",
        name=one_line(now.schedule.name), line=one_line(now.line), state=state,
    )  # fmt: skip
