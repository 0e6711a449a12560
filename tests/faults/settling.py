"""After a crash: the process starts again, its chores go round, time goes by, and then all must be well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import func, select, text

from portal.background import directory
from portal.background.mail import send_mail
from portal.billing import verifying
from portal.mail.models import Mail
from portal.store import read
from portal.suspension import dispatching, intents, reconciling
from portal.suspension.models import Hold, Intent
from portal.sweep import gone, sweeping
from tests.faults.lane import Side

CHORES: dict[str, Callable[[], object]] = {
    "directory": directory.sync, "sweep": sweeping.sweep, "dispatch": dispatching.work,
    "reconcile": reconciling.reconcile, "gone": gone.look, "mail": send_mail,
}  # fmt: skip
PASSING_S = (5, 30, 100, 130, 200, 300, 300, 300)
LONGEST = 24


def chores(side: Side, *names: str) -> None:
    """A round of the background process; a chore that fails ends nothing but itself."""
    for name in names or tuple(CHORES):
        side.look(name, CHORES[name])


def settle(side: Side) -> None:
    """Let time go by until nothing waits any more."""
    for number in range(LONGEST):
        side.world.clock.advance(PASSING_S[min(number, len(PASSING_S) - 1)])
        chores(side)
        if number and _is_quiet():
            return


def _is_quiet() -> bool:
    with read() as session:
        open_ones = session.scalar(select(func.count()).where(Intent.state.in_(("pending", "sending", "unknown"))))
        waiting = session.scalar(select(func.count()).where(Mail.state == "waiting"))
    return not open_ones and not waiting


def problems(side: Side) -> list[str]:
    """Every invariant that does not hold: money, the trail, the store itself, the panel against what holds want."""
    return [*_money(), *_store(), *_panel(side), *_mail(side)]


def _money() -> Iterator[str]:
    yield from verifying.verify().faults
    with read() as session:
        for row in session.execute(text(_DOUBLED)):
            yield f"doubled: {row.what} {row.name} is there {row.count} times"


_DOUBLED = """
SELECT 'a renewal from' AS what, server_uuid || ' ' || from_expiry AS name, count(*) AS count FROM renewal
GROUP BY server_uuid, from_expiry HAVING count(*) > 1
UNION ALL SELECT 'the key', idempotency_key, count(*) FROM ledger_entry GROUP BY idempotency_key HAVING count(*) > 1
UNION ALL SELECT 'an open hold of', server_uuid || ' ' || kind, count(*) FROM hold WHERE released_at IS NULL
GROUP BY server_uuid, kind HAVING count(*) > 1
UNION ALL SELECT 'a reminder of', server_uuid || ' ' || days, count(*) FROM reminder
GROUP BY server_uuid, expires_at, days, account_id HAVING count(*) > 1
UNION ALL SELECT 'a mail of the kind', kind || ' ' || detail, count(*) FROM mail
WHERE kind IN ('renewal_reminder', 'suspended', 'not_renewed', 'renewed') GROUP BY kind, detail HAVING count(*) > 1
UNION ALL SELECT 'what is asserted for hold', id, asserted FROM hold WHERE asserted > 2
"""


def _store() -> Iterator[str]:
    with read() as session:
        said = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check"))]
        broken = session.execute(text("PRAGMA foreign_key_check")).all()
        sending = session.scalars(select(Intent.server_uuid).where(Intent.state == "sending")).all()
        negative = session.scalars(text("SELECT account_id FROM balance WHERE balance_minor < 0")).all()
    if said != ["ok"] or broken:
        yield f"the store is damaged: {said} {broken}"
    if sending:
        yield f"still being sent: {sending}"
    if negative:
        yield f"below zero: {negative}"


def _panel(side: Side) -> Iterator[str]:
    """At rest the panel shows what holds want, unless somebody lifted it by hand or it waits for a person."""
    shown = side.ask("look")
    with read() as session:
        parked = set(session.scalars(select(Intent.server_uuid).where(Intent.state == "parked")))
        lifted = select(Hold.server_uuid).where(Hold.released_at.is_(None), Hold.lifted_at.is_not(None))
        by_hand = parked | set(session.scalars(lifted))
        for uuid, status in shown.items():
            wants = intents.is_wanted_suspended(session, uuid)
            if uuid not in by_hand and wants != (status == "suspended"):
                yield f"the panel shows {uuid[:8]} {status}, and it should be {'suspended' if wants else 'running'}"


def _mail(side: Side) -> Iterator[str]:
    """Every message of the store has arrived, and none that is not in it."""
    arrived = {message_id for _, message_id, _ in side.ask("mails")}
    with read() as session:
        sent = set(session.scalars(select(Mail.message_id).where(Mail.state == "sent")))
        known = set(session.scalars(select(Mail.message_id)))
        others = session.execute(select(Mail.kind, Mail.state).where(Mail.state.in_(("waiting", "failed")))).all()
    if sent - arrived:
        yield f"{len(sent - arrived)} messages are called sent and never arrived"
    if arrived - known:
        yield f"{len(arrived - known)} messages arrived that the store does not know"
    if others:
        yield f"mail still waits: {others[:3]}"
