"""Schedules from a file: what would be made, and making it one after the other until something goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.schedules.exchange import Sheet
from portal.schedules.models import Made, Plan
from portal.schedules.reckoning import reckoned
from portal.schedules.service import create, demand_backups
from portal.schedules.twins import once
from portal.schedules.zone import panel_zone
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.errors import sentence
from portal.web.i18n import _


@dataclass(frozen=True)
class Imported:
    """What came of an import: `made` (the last of them perhaps in part), the names that were not started, why it ended.

    `is_unknown`: nobody knows whether the first of `left` was made.
    """

    made: tuple[Made, ...]
    left: tuple[str, ...] = ()
    trouble: str = ""
    is_unknown: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything was made."""
        return not self.left and all(one.is_whole for one in self.made)


@dataclass(frozen=True)
class Preview:
    """One schedule of a file before it is made; `words` is empty where the panel would refuse its cron line."""

    number: int
    plan: Plan
    words: str


def preview(sheet: Sheet) -> list[Preview]:
    """What would be made of a file."""
    zone = panel_zone(())
    plans = enumerate(sheet.plans)
    return [Preview(number, plan, reckoned(plan.cron, zone).words) for number, plan in plans]


def make(viewer: Viewer, opened: Opened, plans: Sequence[Plan], active: Collection[int], seen: str = "") -> Imported:
    """Make schedules in their order; `active` are the numbers of those to be switched on. Ends with what fails first.

    Raises what keeps the first from being made, so that nothing was; Unfit for backups where there may be none; Changed
    where some are there already, unless those were `seen` (its mark).
    """
    demand_backups(opened, *(task for plan in plans for task in plan.tasks))
    if any(plan.tasks for plan in plans) and not opened.rights.allow("schedule.update"):
        raise Unfit(_("Your access to this server does not include schedule.update, which tasks need."))
    with once(viewer, opened, plans, seen):
        return _made(viewer, opened, plans, active)


def _made(viewer: Viewer, opened: Opened, plans: Sequence[Plan], active: Collection[int]) -> Imported:
    made: list[Made] = []
    for number, plan in enumerate(plans):
        wanted = replace(plan, is_active=number in active)
        try:
            made.append(create(viewer, opened, wanted, "schedule.import"))
        except errors.PanelError as error:
            if not made:
                raise
            is_unknown = isinstance(error, errors.OutcomeUnknown)
            return Imported(tuple(made), tuple(one.name for one in plans[number:]), sentence(error)[1], is_unknown)
        if not made[-1].is_whole:
            return Imported(tuple(made), tuple(one.name for one in plans[number + 1 :]), made[-1].trouble)
    return Imported(tuple(made))
