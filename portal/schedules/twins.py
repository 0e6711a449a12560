"""The same schedule sent twice, by a double click or once more after an answer that never came: asked about first.

It is looked up in the panel, so only for who may read schedules. Within one process requests for a server wait for each
other, so that the second of two sees what the first has made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from portal.auth.sessions import Viewer
from portal.schedules.models import Made, Plan, likeness
from portal.schedules.service import Changed, create, demand_plan, read
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.i18n import _
from portal.web.text import one_line

WAITS_S = 60
_TURNS = tuple(Lock() for _number in range(64))


def create_once(viewer: Viewer, opened: Opened, plan: Plan, seen: str) -> Made:
    """Make a schedule as `create` does; see `once` for `seen`."""
    demand_plan(opened, plan)
    with once(viewer, opened, (plan,), seen):
        return create(viewer, opened, plan)


@contextmanager
def once(viewer: Viewer, opened: Opened, plans: Sequence[Plan], seen: str) -> Iterator[None]:
    """Raises Changed where schedules exactly like these are there already, unless those were `seen` (its mark)."""
    turn = _TURNS[hash(opened.facts.uuid) % len(_TURNS)]
    if not turn.acquire(timeout=WAITS_S):
        raise Unfit(_("Schedules of this server are being created just now. Look at the list, then try again."))
    try:
        if opened.rights.allow("schedule.read"):
            _demand_new(viewer, opened, plans, seen)
        yield
    finally:
        turn.release()


def _demand_new(viewer: Viewer, opened: Opened, plans: Sequence[Plan], seen: str) -> None:
    there = {likeness(one) for one in read(viewer, opened)}
    twins = [one for one in plans if likeness(one) in there]
    mark = "-".join(likeness(one) for one in twins)
    if twins and seen != mark:
        names = ", ".join(f"“{one_line(one.name, 60)}”" for one in twins)
        raise Changed(
            _("This is there already, exactly so: %(names)s. Nothing was created. Send it again to have it twice, or "
              "cancel and look at the list.", names=names),
            mark,
        )  # fmt: skip
