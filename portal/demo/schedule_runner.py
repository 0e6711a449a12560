"""What happens when a schedule runs (`ProcessScheduleService`, `RunTaskJob`).

By hand the first task runs at once and its errors reach whoever asked; everything else is done by the queue, each task
as many seconds after the one before as it says.  Where the queue runs everything at once, the rest does too, and its
errors reach whoever asked as well.
"""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from portal.demo import backup_service
from portal.demo.cron import CronError, next_run
from portal.demo.errors import PanelError, crashed, display
from portal.demo.link import TIMEOUT_SECONDS, Fault, NodeError
from portal.demo.panel import Services
from portal.demo.world import Schedule, Server, Task

_REST_SECONDS = 10.0
_IDLE_STATES = ("offline", "stopping")

Perform = Callable[[Services, Task], None]


def cron_of(schedule: Schedule) -> str:
    return " ".join((schedule.minute, schedule.hour, schedule.day_of_month, schedule.month, schedule.day_of_week))


def process(services: Services, schedule: Schedule, *, by_hand: bool) -> None:
    """Begin a run.  Raises PanelError when there is no task, or by hand when the first one fails."""
    now = services.clock.now()
    task = min(schedule.tasks, key=lambda task: task.sequence_id, default=None)
    if task is None:
        raise display("Cannot process schedule for task execution: no tasks are registered.")
    try:
        schedule.is_processing, schedule.next_run_at = True, next_run(cron_of(schedule), now)
    except CronError as error:
        raise crashed("InvalidArgumentException") from error  # the column cut it short
    schedule.updated_at = task.updated_at = now
    task.is_queued = True
    if not by_hand and schedule.only_when_online and _hangs(services, schedule.server):
        services.jobs.after(TIMEOUT_SECONDS, partial(_finish, services, task))
    elif schedule.only_when_online and not _is_online(services, schedule.server):
        _finish(services, task)
    elif by_hand:
        _attempt(services, task, _perform, by_hand=True)
    else:
        _queue(services, task, by_hand=False)


def _queue(services: Services, task: Task, *, by_hand: bool) -> None:
    """Cron is not kept waiting by a node that hangs, whatever the queue is."""
    is_patient = by_hand or not _hangs(services, task.schedule.server)
    if services.config.queue_runs_at_once and is_patient:
        _attempt(services, task, _perform, by_hand=by_hand)
    else:
        services.jobs.after(task.time_offset, partial(_work, services, task, _perform, by_hand=by_hand))


def _attempt(services: Services, task: Task, perform: Perform, *, by_hand: bool) -> None:
    """A failure ends the whole run and is raised."""
    try:
        _run(services, task, perform, by_hand=by_hand)
    except PanelError:
        _finish(services, task)
        raise


def _work(services: Services, task: Task, perform: Perform, *, by_hand: bool) -> None:
    """What the queue's worker does; nobody hears of its errors.  A node that hangs makes nobody else wait."""
    schedule = task.schedule
    again = partial(_work, services, task, by_hand=by_hand)
    if services.switches.rests:
        services.jobs.after(_REST_SECONDS, partial(again, perform))
    elif schedule not in services.world.schedules or task not in schedule.tasks:
        return
    elif perform is _perform and _hangs(services, schedule.server):
        services.jobs.after(TIMEOUT_SECONDS, partial(again, _wait_in_vain))
    else:
        with suppress(PanelError):
            _attempt(services, task, perform, by_hand=by_hand)


def _run(services: Services, task: Task, perform: Perform, *, by_hand: bool) -> None:
    schedule = task.schedule
    if (not schedule.is_active and not by_hand) or schedule.server.status is not None:
        _finish(services, task)
        return
    try:
        perform(services, task)
    except PanelError as error:
        if not (task.continue_on_failure and error.code == "DaemonConnectionException"):
            raise
    task.is_queued = False
    following = [other for other in schedule.tasks if other.sequence_id > task.sequence_id]
    if not following:
        _finish(services, task)
        return
    after = min(following, key=lambda other: other.sequence_id)
    after.is_queued = True
    _queue(services, after, by_hand=by_hand)


def _finish(services: Services, task: Task) -> None:
    task.is_queued = False
    task.schedule.is_processing = False
    task.schedule.last_run_at = task.schedule.updated_at = services.clock.now()


def _perform(services: Services, task: Task) -> None:
    server = task.schedule.server
    if task.action == "backup":
        backup_service.initiate(services, server, None, task.payload, rotates=True)
    elif task.action == "power":
        services.link.ask(server, "POST", "/power", {"action": task.payload})
    else:
        services.link.ask(server, "POST", "/commands", {"commands": [task.payload]})


def _wait_in_vain(_services: Services, _task: Task) -> None:
    raise NodeError(None).as_panel_error()


def _is_online(services: Services, server: Server) -> bool:
    """Starting counts.  What cannot be reached is not online; an answer that is no JSON is a crash."""
    try:
        details = services.link.call(server, "GET")
    except NodeError:
        return False
    if not isinstance(details, dict):
        raise crashed("TypeError")
    return (details.get("state") or "offline") not in _IDLE_STATES


def _hangs(services: Services, server: Server) -> bool:
    return services.link.fault_of(server.node) is Fault.NEVER_ANSWERS
