"""The dispatcher: sends what holds want to the panel, one server at a time, and is the only one that does."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, or_, select, update

from portal import clock, mode
from portal.alerts import service as alerts
from portal.credentials import service as credentials
from portal.pterodactyl import ApplicationApi, errors
from portal.store import read, restored, write
from portal.suspension import leases, outcomes, sending, starting, telling
from portal.suspension.intents import OPEN, WAITING
from portal.suspension.models import Intent
from portal.web.i18n import _, counted

log = logging.getLogger("roost.worker")
AT_ONCE: Final = 100
PAUSE_S: Final = 10
IN_A_ROW: Final = 3
"""So many servers one after the other that the panel gives no answer for: it is the panel, and not the servers."""
OLD_S: Final = 900
OLD: Final = "intent_old"
WHOLE_PANEL = (errors.PanelUnreachable, errors.KeyRefused, errors.NotAllowed, errors.Busy)
"""What is wrong with none of the servers, so that it counts against none of them."""


@dataclass
class Tried:
    """One round: how many were looked at, who got no answer and why, how many of these in a row, and if any got one."""

    looked: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    in_a_row: int = 0
    has_answered: bool = False


def work() -> int:
    """Send what is due, releases before suspensions; returns how many intents were looked at.

    Nothing unless billing is on, and nothing in quarantine.
    """
    if not mode.is_on() or restored.since() is not None:
        return 0
    _tell_of_old()
    due = _due()
    looked = _some(due, suspends=False) + _some(due, suspends=True) if due else 0
    starting.start_owed()
    return looked


def _some(due: Mapping[int, bool], *, suspends: bool) -> int:
    """Those that suspend have the background's share of the calls; somebody waits for a release, as for a page.

    One server for which no answer comes keeps nobody waiting; three in a row do: then it is the panel.
    """
    mine = [intent_id for intent_id, one in due.items() if one == suspends]
    tried = Tried()
    try:
        with credentials.as_portal("worker" if suspends else "page") as api:
            for intent_id in mine:
                _one(intent_id, api, tried)
    except WHOLE_PANEL as error:
        log.warning("the panel cannot be asked, so %d intents wait: %s", len(mine), error)
        _pause(mine, behind=tried.failed)
    if tried.has_answered:
        _count(tried.failed)
    return tried.looked


def _due() -> dict[int, bool]:
    """The intents that wait and are due, and those that somebody left behind; whether each wants a suspension.

    Those that were never tried come first.
    """
    now = int(clock.now())
    left = (Intent.state == "sending") & leases.has_ended(now)
    query = (
        select(Intent.id, Intent.wants_suspended)
        .where(Intent.state.in_(OPEN), leases.is_due(now), or_(Intent.state != "sending", left))
        .order_by(Intent.wants_suspended, Intent.error.is_not(None), Intent.next_at)
        .limit(AT_ONCE)
    )
    with read() as session:
        return {row.id: row.wants_suspended for row in session.execute(query)}


def _one(intent_id: int, api: ApplicationApi, tried: Tried) -> None:
    """One intent; what goes wrong with it alone does not keep the others waiting."""
    taken = leases.take(intent_id)
    if taken is None:
        return
    tried.looked += 1
    try:
        if sending.send(taken, api):
            tried.has_answered, tried.in_a_row = True, 0
    except errors.PanelUnreachable as error:
        leases.give_back(taken, str(error))
        tried.failed[intent_id] = str(error)
        tried.in_a_row += 1
        if tried.in_a_row == IN_A_ROW:
            raise
    except WHOLE_PANEL as error:
        leases.give_back(taken, str(error))
        raise
    except Exception as error:
        log.exception("an intent could not be sent")
        sending.fail(taken, type(error).__name__, state="unknown")


def _count(failed: Mapping[int, str]) -> None:
    """The panel answered for others, so it is these servers: their tries count."""
    for intent_id, why in failed.items():
        with write() as session:
            intent = session.get_one(Intent, intent_id)
            is_mine = intent.state == "unknown" and intent.lease is None
            parked = outcomes.failed_in(session, intent, why, int(clock.now()), state="unknown") if is_mine else None
            uuid = intent.server_uuid
        if parked is not None:
            telling.parked(uuid, parked)


def _pause(due: list[int], behind: Collection[int]) -> None:
    """Let those wait that were due: one of them will show whether the panel is back. Who failed comes last."""
    again_at = int(clock.now()) + PAUSE_S + secrets.randbelow(PAUSE_S)
    waiting = Intent.state.in_(WAITING) & (Intent.next_at < again_at)
    with write() as session:
        session.execute(update(Intent).where(Intent.id.in_(due), waiting).values(next_at=again_at))
        late = Intent.id.in_(behind) & Intent.state.in_(WAITING)
        session.execute(update(Intent).where(late).values(next_at=again_at + PAUSE_S))


def _tell_of_old() -> None:
    """Tell administrators when something could not be sent for a quarter of an hour, and when that is over."""
    now = int(clock.now())
    tried = or_(Intent.attempts > 0, Intent.wants_suspended.is_(False))
    query = select(func.count()).where(Intent.state.in_(OPEN), tried, Intent.made_at < now - OLD_S)
    with read() as session:
        count = session.scalar(query) or 0
    if count == 0:
        alerts.over(OLD)
        return
    alerts.alert(
        OLD,
        _("The panel does not take what it should"),
        counted(
            "%(num)s server waits for 15 minutes or longer to be suspended or released.",
            "%(num)s servers wait for 15 minutes or longer to be suspended or released.",
            count,
        ),
        _("See under Billing what stands in the way."),
    )
