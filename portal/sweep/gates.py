"""The gates in front of every automatic suspension. A closed one blocks suspensions and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from portal import clock, mode
from portal.billing.periods import DAY_S
from portal.servers import records
from portal.store import read
from portal.suspension import observing, pace, panic
from portal.suspension.models import Hold, RunEntry, SweepRun
from portal.sweep import candidates, clock_gate, confirming
from portal.sweep.candidates import Found
from portal.sweep.clock_gate import Look
from portal.web.i18n import _, counted

DIRECTORY = "directory"
SYNC_S = 1800


@dataclass(frozen=True)
class Gate:
    """One gate, "G1" to "G8", and a sentence why it is open or closed."""

    name: str
    is_open: bool
    sentence: str


def name_of(name: str) -> str:
    """What a gate looks at, for people."""
    words = {
        "G1": _("Servers at once"),
        "G2": _("Servers in 24 hours"),
        "G3": _("Clock"),
        "G4": _("List of the panel"),
        "G5": _("Reminders"),
        "G6": _("Confirmed by you"),
        "G7": _("Pace"),
        "G8": _("Panic switch"),
    }
    return words.get(name, name)


def mail_cure() -> str:
    """What to do about G5."""
    return _("Set up mail and try it with `roost doctor --mail you@example.com`; a reminder must be a day old.")


def look() -> list[Gate]:
    """How the gates are now, for whoever is overdue now. Writes nothing: for pages and commands."""
    now = int(clock.now())
    return evaluate(candidates.find(now), now)


def evaluate(found: Found, now: int, seen: Look | None = None) -> list[Gate]:
    """All gates for what was found; `seen` is what this round said of the clock. Writes nothing."""
    seen = seen or clock_gate.peek()
    return [
        _at_once(found, is_halved=seen.is_halved),
        _in_a_day(found, now),
        Gate("G3", seen.is_open, seen.wrong or _("The clock is right.")),
        _data(now),
        _notice(found),
        _confirmed(),
        _pace(now),
        _switch(),
    ]


def most_at_once(running_paid: int, *, is_halved: bool = False) -> int:
    """How many of so many running paid servers one run may suspend by itself (G1): one always may."""
    share, least, part = (20, 1, 4) if is_halved else (10, 2, 2)
    return max(1, min(max(least, running_paid // share), (running_paid - 1) // part))


def most_a_day(running_paid: int) -> int:
    """How many may be suspended by machine within 24 hours (G2)."""
    return max(5, running_paid // 5)


def _at_once(found: Found, *, is_halved: bool) -> Gate:
    count, running = len(found.ready), found.running_paid
    limit = most_at_once(running, is_halved=is_halved)
    overdue = count + len(found.of("no_notice"))
    said = _(
        "%(count)s of %(all)s running paid servers would be suspended in one run; %(limit)s may be without approval.",
        count=count, all=running, limit=limit,
    )  # fmt: skip
    if _waits_for_approval(found):
        return Gate("G1", False, said + " " + _("A list waits for an administrator."))
    if count and overdue > 1 and 2 * overdue >= running:
        half = _("%(count)s of %(all)s running paid servers are overdue: half or more.", count=overdue, all=running)
        return Gate("G1", False, half)
    return Gate("G1", count <= limit, said)


def _waits_for_approval(found: Found) -> bool:
    """Whether a candidate stands in a frozen list: one that shrinks is still the administrator's to decide."""
    query = select(RunEntry.server_uuid).join(SweepRun, SweepRun.id == RunEntry.run_id)
    with read() as session:
        named = set(session.scalars(query.where(SweepRun.state == "frozen")))
    return any(one.server.uuid in named for one in found.ready)


def left_today(running_paid: int, now: int) -> int:
    """How many more may be suspended by machine now so that there are not too many within 24 hours (G2)."""
    return max(0, most_a_day(running_paid) - _within_a_day(now))


def _in_a_day(found: Found, now: int) -> Gate:
    before = _within_a_day(now)
    count, limit = len(found.ready), most_a_day(found.running_paid)
    said = _(
        "%(before)s were suspended within 24 hours and %(count)s would be; %(limit)s may be.",
        before=before, count=count, limit=limit,
    )  # fmt: skip
    return Gate("G2", not count or before + count <= limit, said)


def _within_a_day(now: int) -> int:
    """How many unpaid holds runs have placed within 24 hours."""
    lately = or_(SweepRun.at > now - DAY_S, SweepRun.decided_at > now - DAY_S)
    query = select(func.count(Hold.id)).where(
        Hold.run_id.in_(select(SweepRun.id).where(lately)), Hold.kind == "unpaid", Hold.placed_at > now - DAY_S
    )
    with read() as session:
        return session.scalar(query) or 0


def _data(now: int) -> Gate:
    reading = records.last_reading(DIRECTORY)
    doubt = observing.doubt()
    wrong = ""
    if reading.read_at is None:
        wrong = _("The panel's list of servers was never read in whole.")
    elif doubt is not None:
        wrong = _("The panel's list of servers is not believed. %(why)s", why=doubt.why)
    elif reading.error is not None:
        wrong = _("The panel's list of servers could not be read the last time.")
    elif not -clock_gate.BACKWARDS_S <= now - reading.read_at <= SYNC_S:
        wrong = _("The panel's list of servers was not read in whole within 30 minutes.")
    right = _("The panel's list of %(all)s servers was read in whole.", all=reading.total)
    return Gate("G4", not wrong, wrong or right)


def _notice(found: Found) -> Gate:
    waiting, ready = len(found.of("no_notice")), len(found.ready)
    if waiting and not mode.is_on():
        return Gate("G5", bool(ready), would_remind(waiting))
    if waiting and not ready:
        return Gate("G5", False, none_reminded(waiting) + ".")
    said = _("Of %(all)s the owner was reminded in time; %(count)s are left alone.", all=ready, count=waiting)
    return Gate("G5", True, said)


def none_reminded(count: int) -> str:
    """The red line about servers that are due while no owner was reminded a day ago; without a full stop."""
    return counted(
        "%(num)d server due, none will be suspended: no reminder could be sent",
        "%(num)d servers due, none will be suspended: no reminder could be sent", count,
    )  # fmt: skip


def would_remind(count: int) -> str:
    """What would become of servers whose owners are not reminded while billing only observes."""
    return counted(
        "%(num)d owner would be reminded now and the server suspended a day later.",
        "The owners of %(num)d servers would be reminded now and the servers suspended a day later.", count,
    )  # fmt: skip


def _confirmed() -> Gate:
    asked = confirming.open_questions()
    return Gate("G6", not asked, " ".join(asked) or _("An administrator has confirmed prices and expiry."))


def _pace(now: int) -> Gate:
    """Stops of minutes are closed here too; to wait for the next minute is the dispatcher's own matter."""
    found = pace.look()  # remembers a stop for good, and writes nothing else
    is_short = found.again_at is not None and found.again_at - now <= 60
    said = found.sentence or _("Suspensions are sent at their pace, at most ten a minute.")
    return Gate("G7", found.is_open or is_short, said)


def _switch() -> Gate:
    if panic.is_stopped():
        return Gate("G8", False, _("The panic switch is on: nothing is suspended."))
    return Gate("G8", True, _("The panic switch is off."))
