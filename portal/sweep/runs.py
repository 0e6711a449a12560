"""Runs of the sweeper: lists that wait for an administrator, and undoing what a run did."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.alerts import service as alerts
from portal.audit import changes
from portal.billing import owners
from portal.store import read, restored, write
from portal.suspension import holds, pace
from portal.suspension.models import Hold, RunEntry, SweepRun
from portal.sweep import candidates, gates, holding
from portal.sweep.candidates import Candidate, Found
from portal.sweep.gates import Gate
from portal.sweep.holding import Outcome
from portal.web.i18n import _

State = Literal["done", "frozen", "approved", "undone", "dropped"]
EntryState = Literal["candidate", "held", "skipped", "undone"]


class RunError(Exception):
    """A run cannot be approved, undone or dropped like this; the message is a sentence."""


@dataclass(frozen=True)
class Entry:
    """A server in a run, as it was when the run was made; `why` is a sentence about its state."""

    server_uuid: str
    name: str
    identifier: str
    expires_at: int
    last_paid_at: int | None
    state: EntryState
    why: str


@dataclass(frozen=True)
class Run:
    """A run that found servers to suspend. `digest` binds an approval to exactly this list; `gates` were closed then.

    `decided_by` is the account that approved, undid or dropped it, None with `decided_at` for the host's command; a
    dropped one without `decided_at` was replaced by a newer list.
    """

    id: int
    at: int
    state: State
    gates: tuple[Gate, ...]
    digest: str
    running_paid: int
    decided_by: int | None
    decided_at: int | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Approved:
    """What an approval did: how many were held, skipped because they are not due any more, and failed.

    What failed is done by the next sweeps; `waiting` are more than may be suspended within 24 hours (G2), and come on
    the next days.
    """

    held: int
    skipped: int
    failed: int
    waiting: int = 0


def frozen() -> Run | None:
    """The list that waits for an administrator."""
    return _first(select(SweepRun.id).where(SweepRun.state == "frozen").order_by(SweepRun.id.desc()).limit(1))


def show(run_id: int) -> Run | None:
    """One run."""
    return _first(select(SweepRun.id).where(SweepRun.id == run_id))


def latest(count: int = 20) -> list[Run]:
    """The newest runs with their entries, the newest first; without lists that a newer one replaced."""
    is_replaced = (SweepRun.state == "dropped") & SweepRun.decided_at.is_(None)
    with read() as session:
        rows = session.scalars(select(SweepRun).where(~is_replaced).order_by(SweepRun.id.desc()).limit(count)).all()
        return [_run_in(session, row) for row in rows]


def freeze(found: Found, shut: Sequence[Gate]) -> int:
    """Let a list wait for an administrator; the same one waits on, another one that waited is replaced."""
    listed = found.ready
    with write() as session:
        waiting = session.scalar(select(SweepRun).where(SweepRun.state == "frozen"))
        if waiting is not None and waiting.digest == holding.digest_of(listed):
            return waiting.id
        if waiting is not None:
            _decide_in(session, waiting, "dropped", by=None, at=None, why="replaced by a newer list")
        number = holding.make_run_in(session, "frozen", listed, shut, found.running_paid)
        for one in listed:
            holding.entry_in(session, number, one, "candidate", one.why)
    return number


def thaw() -> None:
    """Take back a list of which nothing is a candidate any more."""
    with write() as session:
        for row in session.scalars(select(SweepRun).where(SweepRun.state == "frozen")):
            _decide_in(session, row, "dropped", by=None, at=None, why="nobody in it is overdue any more")


def approve(run_id: int, digest: str, by: int | None) -> Approved:
    """Suspend exactly the servers of a frozen list, each evaluated again. Raises RunError, BillingOff."""
    mode.demand_on()
    now = int(clock.now())
    found = candidates.find(now)
    _demand_open(gates.evaluate(found, now))
    with write() as session:
        row = _waiting_in(session, run_id)
        if row.digest != digest:
            raise RunError(_("The list has changed meanwhile: look at it again."))
        _decide_in(session, row, "approved", by=by, at=now, why="approved")
    done = _carry_out(run_id, found, now)
    _end_alerts()
    left = show(run_id)
    waiting = sum(one.state == "candidate" for one in left.entries) - done.failed if left else 0
    return Approved(len(done.held), done.skipped, done.failed, waiting)


def go_on(found: Found, now: int, looked: Sequence[Gate]) -> tuple[str, ...]:
    """Go on with approved runs that were interrupted or are too long for a day; returns the uuids of what was held."""
    if _shut(looked):
        return ()
    left = select(RunEntry.run_id).where(RunEntry.state == "candidate")
    query = select(SweepRun.id).where(
        SweepRun.state == "approved", SweepRun.decided_at > now - candidates.APPROVAL_S, SweepRun.id.in_(left)
    )
    with read() as session:
        unfinished = session.scalars(query).all()
    return tuple(uuid for one in unfinished for uuid in _carry_out(one, found, now).held)


def undo(run_id: int, by: int | None) -> int:
    """Release exactly the holds of a run, which lifts the suspensions; returns how many. Raises RunError.

    Its servers are put off for three days; those that were running are started again for their owners.
    """
    with write() as session:
        row = session.get(SweepRun, run_id)
        if row is None or row.state not in ("done", "approved", "undone"):
            raise RunError(_("Only a run that suspended servers can be undone."))
        if row.state != "undone":
            _decide_in(session, row, "undone", by=by, at=int(clock.now()), why="undone")
        mine = select(Hold.server_uuid).where(Hold.run_id == run_id, Hold.released_at.is_(None))
        held = session.scalars(mine).all()
    _end_alerts()
    return sum(_released(run_id, uuid, by) for uuid in held)


def is_pace_stopped() -> bool:
    """Whether suspending has stopped (G7) until somebody says go on: so it is after a fresh run was undone."""
    found = pace.look()
    return not found.is_open and found.again_at is None


def drop(run_id: int, by: int | None) -> None:
    """Suspend nothing of a frozen list; its servers are put off for three days. Raises RunError."""
    with write() as session:
        _decide_in(session, _waiting_in(session, run_id), "dropped", by=by, at=int(clock.now()), why="dropped")
    _end_alerts()


def _end_alerts() -> None:
    """Somebody has decided: the next sweep tells again if there is more to decide."""
    for gate in ("G1", "G2"):
        alerts.over(f"gate {gate}")


def _released(run_id: int, server_uuid: str, by: int | None) -> bool:
    with write() as session:
        mine = [one for one in holds.open_in(session, server_uuid) if one.run_id == run_id]
        owner = owners.of_in(session, [server_uuid]).get(server_uuid)
        for one in mine:
            start_as = owner.account_id if owner else None
            holds.release_in(session, one, reason="run undone", by=by, run_id=run_id, start_as=start_as)
        _mark_in(session, run_id, server_uuid, "undone", _("An administrator has undone the run."))
    return bool(mine)


def _demand_open(looked: Sequence[Gate]) -> None:
    if restored.since() is not None:
        raise RunError(_("The store was restored from a backup: nothing is suspended until that is confirmed."))
    shut = _shut(looked)
    if shut:
        raise RunError(" ".join(_("%(gate)s is closed.", gate=one.name) + " " + one.sentence for one in shut))


def _shut(looked: Sequence[Gate]) -> list[Gate]:
    """What an approval cannot open; a day's limit (G2) and notice (G5) are asked for each server by itself."""
    return [one for one in looked if not one.is_open and one.name not in ("G1", "G2", "G5")]


def _carry_out(run_id: int, found: Found, now: int) -> Outcome:
    """Hold what an approved list has left, as long as it is approved; who is not ready any more is skipped.

    No more than G2 lets go within 24 hours, the longest overdue first: it is a hard stop, for an approval too.
    """
    run = show(run_id)
    left = [one for one in run.entries if one.state == "candidate"] if run else []
    due = {(one.server.uuid, one.expires_at): one for one in found.due}
    ready, others = [], {}
    for entry in left:
        known = due.get((entry.server_uuid, entry.expires_at))
        if known is not None and known.state in ("ready", "approved"):
            ready.append(known)
        else:
            others[entry.server_uuid] = known.why if known is not None else _("It is not overdue any more.")
    with write() as session:
        for server_uuid, why in others.items():
            _mark_in(session, run_id, server_uuid, "skipped", why)

    def hold(session: Session, one: Candidate) -> bool:
        if session.get_one(SweepRun, run_id).state != "approved":
            return False
        is_held = holding.hold_in(session, one, lambda: run_id)
        if not is_held:
            _mark_in(session, run_id, one.server.uuid, "skipped", _("It is not overdue any more."))
        return is_held

    done = holding.each(ready[: gates.left_today(found.running_paid, now)], hold)
    return replace(done, skipped=done.skipped + len(others))


def _mark_in(session: Session, run_id: int, server_uuid: str, state: EntryState, why: str) -> None:
    session.execute(
        update(RunEntry)
        .where(RunEntry.run_id == run_id, RunEntry.server_uuid == server_uuid)
        .values(state=state, why=why)
    )


def _waiting_in(session: Session, run_id: int) -> SweepRun:
    row = session.get(SweepRun, run_id)
    if row is None or row.state != "frozen":
        raise RunError(_("This list does not wait for anybody any more."))
    return row


def _decide_in(session: Session, row: SweepRun, state: State, *, by: int | None, at: int | None, why: str) -> None:
    changes.note_in(
        session, "run", by=by, run_id=row.id, why=why,
        before={"id": row.id, "state": row.state}, after={"id": row.id, "state": state},
    )  # fmt: skip
    row.state, row.decided_by, row.decided_at = state, by, at


def _first(query: Select[int]) -> Run | None:
    with read() as session:
        number = session.scalar(query)
        return _run_in(session, session.get_one(SweepRun, number)) if number is not None else None


def _run_in(session: Session, row: SweepRun) -> Run:
    query = select(RunEntry).where(RunEntry.run_id == row.id).order_by(RunEntry.expires_at, RunEntry.server_uuid)
    entries = tuple(
        Entry(
            one.server_uuid, one.name, one.identifier, one.expires_at, one.last_paid_at, cast(EntryState, one.state),
            one.why,
        )
        for one in session.scalars(query)
    )  # fmt: skip
    shut = tuple(Gate(name, False, said) for name, said in json.loads(row.gates).items())
    return Run(
        row.id, row.at, cast(State, row.state), shut, row.digest, row.running_paid, row.decided_by, row.decided_at,
        entries,
    )  # fmt: skip
