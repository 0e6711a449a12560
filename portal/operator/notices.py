"""What every administrator is told on every page about billing, besides the alerts that were raised already."""

from __future__ import annotations

from portal import clock, mode
from portal.alerts import service as alerts
from portal.alerts.service import Told
from portal.suspension import panic
from portal.sweep import candidates, gates, runs
from portal.web.i18n import _, counted


def notices() -> list[Told]:
    """Red lines while billing is on: nobody was reminded, a list waits, the panic switch is on."""
    if not mode.is_on():
        return []
    now = int(clock.now())
    raised = alerts.causes()
    lines = [("gate G5", _no_reminder(now)), ("gate G1", _waiting()), ("gate G8", _stopped(now))]
    return [told for cause, told in lines if told is not None and cause not in raised]


def _no_reminder(now: int) -> Told | None:
    found = candidates.find(now)
    waiting = found.of("no_notice")
    if found.ready or not waiting:
        return None
    since = min(one.grace_ended_at for one in waiting)
    return Told(gates.none_reminded(len(waiting)), "", gates.mail_cure(), since, "billing")


def _waiting() -> Told | None:
    frozen = runs.frozen()
    if frozen is None:
        return None
    title = counted(
        "A list of %(num)d server waits for you before anything is suspended",
        "A list of %(num)d servers waits for you before anything is suspended", len(frozen.entries),
    )  # fmt: skip
    cure = _("Look at it under Billing, Runs, and approve it or suspend nothing.")
    return Told(title, "", cure, frozen.at, "billing")


def _stopped(now: int) -> Told | None:
    if not panic.is_stopped():
        return None
    try:
        since = panic.path().stat().st_mtime
    except OSError:
        since = now
    title = _("The panic switch is on: nothing is suspended")
    return Told(title, "", _("Take it back under Billing."), since, "billing")
