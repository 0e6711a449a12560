"""One sweep: the clock, automatic renewals, reminders, and then, if all gates are open, holds for unpaid servers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy.orm import Session

from portal import clock, mode
from portal.alerts import service as alerts
from portal.billing import auto, reminding
from portal.store import restored
from portal.suspension.models import SweepRun
from portal.sweep import candidates, clock_gate, gates, holding, runs
from portal.sweep.candidates import Candidate, Found
from portal.sweep.clock_gate import Look
from portal.sweep.gates import Gate
from portal.web.i18n import _

log = logging.getLogger("roost.billing")
T = TypeVar("T")


@dataclass(frozen=True)
class Swept:
    """What a sweep found and did. `held` are uuids; `frozen_run` is the list that waits for an administrator.

    A dry run, and one while billing only observes, holds nothing: `found.ready` is what it would have held if no gate
    is closed.
    """

    at: int
    found: Found = Found()
    gates: tuple[Gate, ...] = ()
    held: tuple[str, ...] = ()
    frozen_run: int | None = None
    renewed: int = 0
    reminded: int = 0
    failed: int = 0

    @property
    def closed(self) -> list[Gate]:
        """The gates that are closed."""
        return [one for one in self.gates if not one.is_open]


def sweep(*, is_dry_run: bool = False) -> Swept:
    """Look once; each step and each server is guarded, so that one that fails never stops the rest."""
    now = int(clock.now())
    if not mode.is_shown():
        return Swept(now)
    acts = mode.is_on() and not is_dry_run
    seen = clock_gate.peek() if is_dry_run else clock_gate.look()
    done = Swept(now)
    if acts and seen.is_clean and restored.since() is None:
        done = _renew_and_remind(done)
    found = candidates.find(now)
    looked = tuple(gates.evaluate(found, now, seen))
    done = replace(done, found=found, gates=looked)
    if not acts:
        return done
    _tell(seen, done)
    done = _suspend(done)
    _tell_of_failed(done.failed)
    return done


def _renew_and_remind(done: Swept) -> Swept:
    """Owners who pay by themselves first, then who is to be told: both before anybody is suspended."""
    paid = _guarded("automatic renewal", auto.renew_due)
    told = _guarded("reminding", reminding.remind)
    return replace(
        done, renewed=paid.renewed if paid else 0, reminded=told.made if told else 0,
        failed=(paid.failed if paid else 1) + (told.failed if told else 1),
    )  # fmt: skip


def _guarded(name: str, work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception:
        log.exception("%s failed in this sweep", name)
        return None


def _suspend(done: Swept) -> Swept:
    resumed = runs.go_on(done.found, done.at, done.gates)
    shut = {one.name for one in done.closed}
    if not done.found.ready:
        runs.thaw()
    elif "G1" in shut:
        if not shut & {"G3", "G4"} and restored.since() is None:  # else there is nothing to decide
            done = replace(done, frozen_run=runs.freeze(done.found, done.gates))
    elif not shut:
        runs.thaw()
        done = _hold(done)
    return replace(done, held=(*resumed, *done.held))


def _hold(done: Swept) -> Swept:
    """Hold each candidate; the run is written down with the first one that really is held."""
    made: list[int] = []
    ready = done.found.ready

    def hold(session: Session, one: Candidate) -> bool:
        def run() -> int:
            if not made or session.get(SweepRun, made[-1]) is None:  # none yet, or rolled back with its first server
                made.append(holding.make_run_in(session, "done", ready, (), done.found.running_paid))
            return made[-1]

        return holding.hold_in(session, one, run)

    outcome = holding.each(ready, hold)
    return replace(done, held=outcome.held, failed=done.failed + outcome.failed)


def _tell_of_failed(count: int) -> None:
    if count == 0:
        alerts.over("sweep_failed")
        return
    alerts.alert(
        "sweep_failed",
        _("The sweep could not do all of its work"),
        _("It failed at %(count)s servers or steps; the others were done.", count=count),
        _("The log of the background process says why. It is tried again in five minutes."),
    )


def _tell(seen: Look, done: Swept) -> None:
    """Tell operators of a wrong clock, and of each gate that is closed while somebody waits before it."""
    if seen.is_clean:
        alerts.over("clock")
    else:
        alerts.alert(
            "clock", _("The clock cannot be believed"), seen.wrong,
            _("Put the clock right (NTP); if it is right, confirm it under Billing. Nothing is suspended until then."),
        )  # fmt: skip
    waits = bool(done.found.ready or done.found.of("no_notice"))
    for one in done.gates:
        cause = f"gate {one.name}"
        if not waits or one.is_open:
            alerts.over(cause)
        elif one.name == "G5":
            alerts.alert(cause, gates.none_reminded(len(done.found.of("no_notice"))), "", gates.mail_cure())
        else:
            title = _("Overdue servers are not suspended (%(gate)s)", gate=gates.name_of(one.name))
            alerts.alert(cause, title, one.sentence, _("Look at Billing on the admin pages."))
