"""Placing one `unpaid` hold of a run: in a transaction of its own, with the run's entry, the mail and the intent."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.audit import changes
from portal.billing import reminding, terms
from portal.store import restored, write
from portal.store.upsert import upsert
from portal.suspension import holds, panic
from portal.suspension.models import RunEntry, SweepRun
from portal.sweep import candidates
from portal.sweep.candidates import Candidate
from portal.sweep.gates import Gate

log = logging.getLogger("roost.billing")
STALE_S: Final = 120.0
"""Gates that were looked at longer ago say nothing: a run that was held up stops, and the next sweep goes on."""


@dataclass(frozen=True)
class Outcome:
    """The uuids that were held, how many were none to hold any more, and at how many it failed."""

    held: tuple[str, ...]
    skipped: int
    failed: int


def digest_of(listed: Iterable[Candidate]) -> str:
    """Names exactly one list: these servers with these expiries."""
    text = "\n".join(sorted(f"{one.server.uuid} {one.expires_at}" for one in listed))
    return hashlib.sha256(text.encode()).hexdigest()


def make_run_in(
    session: Session, state: str, listed: Sequence[Candidate], gates: Iterable[Gate], running_paid: int
) -> int:
    """Write a run down, without its entries; returns its id."""
    closed = {one.name: one.sentence for one in gates if not one.is_open}
    now, digest = int(clock.now()), digest_of(listed)
    made = session.execute(
        insert(SweepRun)
        .values(at=now, state=state, gates=json.dumps(closed), digest=digest, running_paid=running_paid)
        .returning(SweepRun.id)
    )
    number = int(made.scalar_one())
    changes.note_in(
        session, "run", by=None, run_id=number, before={"id": number, "state": None},
        after={"id": number, "state": state, "digest": digest, "servers": len(listed)},
    )  # fmt: skip
    return number


def entry_in(session: Session, run_id: int, one: Candidate, state: str, why: str) -> None:
    """Write a server of a run down, or what became of it."""
    row = {
        "run_id": run_id, "server_uuid": one.server.uuid, "name": one.server.name,
        "identifier": one.server.identifier, "expires_at": one.expires_at, "last_paid_at": one.last_paid_at,
        "state": state, "why": why,
    }  # fmt: skip
    upsert(session, RunEntry, [row])


def hold_in(session: Session, one: Candidate, run: Callable[[], int]) -> bool:
    """Hold a server that is still a candidate, and tell its owner; False: it is none any more.

    `run` gives the run's id, and is asked only if the server is held.
    """
    if not candidates.still_in(session, one):
        return False
    run_id = run()
    holds.place_in(session, one.server.uuid, "unpaid", reason="not paid", by=None, run_id=run_id)
    shown = terms.get_in(session, one.server.uuid)
    if shown is not None:
        reminding.told_in(session, shown, days=reminding.SUSPENDED)
    entry_in(session, run_id, one, "held", one.why)
    return True


def each(listed: Iterable[Candidate], hold: Callable[[Session, Candidate], bool]) -> Outcome:
    """Do it for one server after another, each in a write() of its own, so that one that fails stops nobody else.

    Stops for the panic switch, when billing is no longer on, when the store is a restored one, and when it takes so
    long that the gates may have closed meanwhile.
    """
    began = clock.monotonic()
    held, skipped, failed = [], 0, 0
    for one in listed:
        if panic.is_stopped() or not mode.is_on() or restored.since() is not None:
            break
        if clock.monotonic() - began > STALE_S:
            log.warning("a run of the sweeper was held up and stopped; the next one goes on")
            break
        try:
            with write() as session:
                is_held = hold(session, one)
        except Exception:
            log.exception("the server %s could not be held", one.server.identifier)
            failed += 1
        else:
            held.extend([one.server.uuid] if is_held else [])
            skipped += not is_held
    return Outcome(tuple(held), skipped, failed)
