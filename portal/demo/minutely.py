"""What the panel's own cron starts: schedules that are due, and the end of backups that nobody will finish."""
from __future__ import annotations

from functools import partial

from portal.demo import schedule_runner
from portal.demo.errors import PanelError
from portal.demo.panel import Services
from portal.demo.world import Schedule

_MINUTE = 60
_PRUNE_EVERY_SECONDS = 30 * 60
_PRUNE_AGE_SECONDS = 6 * 3600


def begin(services: Services) -> None:
    """Once a minute from now on, whenever somebody looks; minutes that the clock leaps over are left out."""
    _wait(services)


def _wait(services: Services) -> None:
    now = services.clock.now()
    services.jobs.after(_MINUTE - now % _MINUTE, partial(_tick, services, now))


def _tick(services: Services, before: float) -> None:
    _wait(services)
    if services.switches.rests:
        return
    now = services.clock.now()
    for schedule in list(services.world.schedules):
        if schedule.tasks and _is_due(schedule, now):
            _start(services, schedule)
    if now // _PRUNE_EVERY_SECONDS > before // _PRUNE_EVERY_SECONDS:
        _give_up_backups(services, now)


def _is_due(schedule: Schedule, now: float) -> bool:
    return (schedule.is_active and not schedule.is_processing and schedule.server.status is None
            and schedule.next_run_at is not None and int(schedule.next_run_at) <= now)


def _start(services: Services, schedule: Schedule) -> None:
    """One that fails is logged by the panel and keeps no other from running."""
    try:
        schedule_runner.process(services, schedule, by_hand=False)
    except PanelError:
        return


def _give_up_backups(services: Services, now: float) -> None:
    """Their locks stay, other than when the node reports a failure."""
    for backup in services.world.backups:
        is_open = backup.deleted_at is None and backup.completed_at is None
        if is_open and int(backup.created_at) <= now - _PRUNE_AGE_SECONDS:
            backup.is_successful, backup.completed_at = False, now
