"""What the host sees first: how far billing goes, what is open or closed, what waits, what needs attention."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select, update

from portal import clock, mode
from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.billing.terms import Terms
from portal.operator import afterwards, due, fleet, machinery, writing
from portal.operator.due import Figures
from portal.operator.machinery import Machinery
from portal.operator.writing import Last
from portal.store import read, write
from portal.suspension import intents, observing, panic, reconciling
from portal.suspension.models import Intent
from portal.sweep import candidates, confirming, gates, gone, runs
from portal.sweep.candidates import Found
from portal.sweep.gates import Gate
from portal.sweep.runs import Run

TRIES = 10
"""An intent that was tried as often as this needs attention."""
LATE_S = 900
MOST = 50


@dataclass(frozen=True)
class Trouble:
    """A change of the panel that does not get through: what is wanted, since when, why not."""

    id: int
    identifier: str
    name: str
    wants_suspended: bool
    cause: str
    made_at: int
    attempts: int
    error: str


@dataclass(frozen=True)
class Overview:
    """Everything on the first page. `drift`: how many servers the panel showed otherwise than holds want, lately.

    `is_list_doubted` and `is_pace_stopped` are gates that only a person opens again. `gone` are the servers that the
    panel has no more, `why` is the reason that was typed for the last change.
    """

    mode: mode.Mode
    figures: Figures
    found: Found
    gates: tuple[Gate, ...]
    questions: tuple[str, ...]
    is_stopped: bool
    last_run: Run | None
    frozen: Run | None
    last_change: Last | None
    drift: int
    is_list_doubted: bool
    is_pace_stopped: bool
    troubles: tuple[Trouble, ...]
    machinery: Machinery
    gone: tuple[Terms, ...]
    why: str


def overview() -> Overview:
    """Read all of it from the store; the panel is not asked."""
    now = int(clock.now())
    found = candidates.find(now)

    newest, drifted, last = runs.latest(1), reconciling.last_drift(), writing.last()
    return Overview(
        mode.mode(), due.figures(), found, tuple(gates.evaluate(found, now)), tuple(confirming.open_questions()),
        panic.is_stopped(), newest[0] if newest else None, runs.frozen(), last,
        drifted.count if drifted else 0, observing.doubt() is not None,
        runs.is_pace_stopped(), tuple(troubles()), machinery.look(), tuple(gone.listed()),
        afterwards.reason_of(last) if last else "",
    )  # fmt: skip


def troubles() -> list[Trouble]:
    """Wishes that are parked, were tried often or are late, the oldest first."""
    late = int(clock.now()) - LATE_S
    query = (
        select(Intent)
        .where(
            Intent.state.in_(intents.OPEN),
            or_(Intent.state == "parked", Intent.attempts >= TRIES, Intent.made_at < late),
        )
        .order_by(Intent.id)
        .limit(MOST)
    )
    with read() as session:
        found = list(session.scalars(query))
    names = {one.known.uuid: one.known for one in fleet.named([row.server_uuid for row in found])}
    told = []
    for row in found:
        known = names.get(row.server_uuid)
        told.append(
            Trouble(
                row.id, row.server_uuid[:8], known.name if known else row.server_uuid[:8], row.wants_suspended,
                row.cause, row.made_at, row.attempts, row.error or "",
            )
        )  # fmt: skip
    return told


def try_again(viewer: Viewer | None, number: int) -> bool:
    """Let a wish that is parked or waits be tried now; False when it is over."""
    with write() as session:
        done = session.execute(
            update(Intent)
            .where(Intent.id == number, Intent.state.in_(("pending", "unknown", "parked")))
            .values(state="pending", next_at=int(clock.now()), attempts=0)
            .returning(Intent.server_uuid)
        ).first()
        if done is not None:
            audit.record_in(session, viewer, "billing.retry", done.server_uuid, detail=f"intent {number}")
    return done is not None
