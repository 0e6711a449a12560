"""What is wanted of a schedule and its tasks, and what a page shows of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from portal.pterodactyl.models import Cron, Schedule, Task, TaskAction
from portal.schedules import words
from portal.schedules.cron import BadCron
from portal.schedules.zone import Zone, meaning
from portal.web.i18n import _

ACTIONS: tuple[TaskAction, ...] = ("command", "power", "backup")
SIGNALS = ("start", "stop", "restart", "kill")
LONGEST_OFFSET_S = 900


@dataclass(frozen=True)
class TaskPlan:
    """A task as somebody wants it; see `Task`."""

    action: TaskAction
    payload: str = ""
    time_offset_s: int = 0
    continue_on_failure: bool = False


@dataclass(frozen=True)
class Plan:
    """A schedule as somebody wants it, with its tasks when it is made in one go."""

    name: str
    cron: Cron
    is_active: bool
    only_when_online: bool
    tasks: tuple[TaskPlan, ...] = field(default=())


@dataclass(frozen=True)
class Shown:
    """A schedule for a page. `words` is empty when nobody knows what its cron line means."""

    schedule: Schedule
    zone: Zone
    words: str

    @property
    def mark(self) -> str:
        """Changes when somebody changes what an editor writes."""
        return mark(self.schedule)

    @property
    def line(self) -> str:
        """The five fields, as cron has them."""
        return line_of(self.schedule.cron)

    @property
    def version(self) -> str:
        """Changes whenever it would look different."""
        return _digest(repr(self.schedule))


@dataclass(frozen=True)
class Listed:
    """The schedules of a server in the panel's order, and the panel's zone."""

    schedules: tuple[Shown, ...]
    zone: Zone

    @property
    def is_running(self) -> bool:
        """Whether any of them runs just now."""
        return any(one.schedule.is_processing for one in self.schedules)

    @property
    def version(self) -> str:
        """Changes whenever the list would look different."""
        return _digest(*(one.version for one in self.schedules))


@dataclass(frozen=True)
class Made:
    """A schedule that was made with its tasks, or a part of it. `trouble` says what kept the rest from being made;
    `is_unknown`: nobody knows whether the step after `tasks` tasks was done. `is_left_off`: it was to be switched on.
    """

    schedule: Schedule
    tasks: int
    wanted: int
    trouble: str = ""
    is_unknown: bool = False
    is_left_off: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return not self.trouble


def line_of(cron: Cron) -> str:
    """The five fields, as cron has them."""
    return " ".join((cron.minute, cron.hour, cron.day_of_month, cron.month, cron.day_of_week))


def mark(schedule: Schedule | Plan) -> str:
    """Changes when somebody changes what an editor of schedules writes; a run changes nothing of it."""
    return _digest(schedule.name, repr(schedule.cron), str(schedule.is_active), str(schedule.only_when_online))


def likeness(schedule: Schedule | Plan) -> str:
    """The same for any two that do the same at the same times; whether they are on and what their tasks are aside."""
    return _digest(schedule.name, repr(schedule.cron), str(schedule.only_when_online))


def task_mark(task: Task) -> str:
    """The same for a task; another place in the order changes nothing of it."""
    return _digest(task.action, task.payload, str(task.time_offset_s), str(task.continue_on_failure))


def shown(schedule: Schedule, zone: Zone) -> Shown:
    """A schedule for a page."""
    line = meaning(schedule.cron)
    try:
        said = words.said(line) if line else ""
    except BadCron:
        said = ""
    return Shown(schedule, zone, said)


def action_words(task: Task | TaskPlan) -> str:
    """What a task does."""
    match task.action, task.payload:
        case "command", _payload:
            return _("Send a command")
        case "power", signal if signal in SIGNALS:
            return {
                "start": _("Start the server"),
                "stop": _("Stop the server"),
                "restart": _("Restart the server"),
                "kill": _("Kill the server"),
            }[signal]
        case "power", _payload:
            return _("Send a power signal that the panel does not know")
        case "backup", _payload:
            return _("Create a backup")
        case action, _payload:
            return str(action)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
