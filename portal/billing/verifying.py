"""Whether money adds up: chains, sums, and the trail of changes replayed against what the store holds.

Nothing is mended here. What is found is told to operators as an alert until a later look finds nothing; while the
ledger itself is broken, no money moves (`ledger.post_in`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.alerts import service as alerts
from portal.audit import changes, replay
from portal.audit.replay import Rebuilt
from portal.billing import ledger
from portal.billing.models import Balance, LedgerEntry, Renewal, Term
from portal.billing.terms import TERM_COLUMNS
from portal.store import read, write
from portal.store.state import StoreState
from portal.suspension.models import Hold

NAME = "ledger_verified"
CAUSE = "invariant broken"
MOST = 100
DAY_S = 86_400
HOLD_COLUMNS = ("server_uuid", "kind", "placed_at", "released_at", "lifted_at")


@dataclass(frozen=True)
class Verified:
    """What one look found: sentences, at most 100, and how much was looked at."""

    at: int
    faults: tuple[str, ...]
    entries: int
    accounts: int
    changes: int


def verify() -> Verified:
    """Look at everything, remember it, and raise or end the alert."""
    found = list(islice(_money_faults(), MOST))
    is_broken = bool(found)
    rebuilt = replay.rebuilt()
    for sentence in _faults(rebuilt):
        found.append(sentence)
        if len(found) >= MOST:
            break
    done = Verified(int(clock.now()), tuple(found), rebuilt.movements, len(rebuilt.balances), rebuilt.changes)
    value = json.dumps({"at": done.at, "faults": len(found), "entries": done.entries})
    with write() as session:
        session.merge(StoreState(name=NAME, value=value))
        if is_broken:
            session.merge(StoreState(name=ledger.STOPPED, value=found[0]))
        else:
            session.execute(delete(StoreState).where(StoreState.name == ledger.STOPPED))
    if found:
        alerts.alert(
            CAUSE, "Money does not add up", f"{len(found)} faults. The first: {found[0]}",
            "See all with `roost ledger verify`; docs/credit.md says what to do.",
        )  # fmt: skip
    else:
        alerts.over(CAUSE)
    return done


def daily() -> None:
    """Look, unless somebody did within a day: what the background process does."""
    seen = last()
    if seen is None or clock.now() - seen[0] >= DAY_S:
        verify()


def last() -> tuple[int, int] | None:
    """When somebody looked last and how many faults there were; None when nobody has yet."""
    with read() as session:
        row = session.get(StoreState, NAME)
    said = json.loads(row.value) if row else None
    return (said["at"], said["faults"]) if said else None


def moment(at: int) -> str:
    """An instant for the operator, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _money_faults() -> Iterator[str]:
    """What is wrong with the ledger itself."""
    for one in ledger.verify():
        row = "" if one.number is None else f", row {one.number}"
        yield f"account {one.account_id}{row}: {one.reason}"
    with read() as session:
        yield from _renewals(session)


def _faults(rebuilt: Rebuilt) -> Iterator[str]:
    """What of the trail of changes is wrong, or tells something else than the store."""
    for broken in changes.verify():
        yield f"change {broken.id}: {broken.reason}"
    yield from (f"change {number}: it cannot be read" for number in rebuilt.unreadable)
    with read() as session:
        rebuilt.go_on_in(session, None)  # what was written since: from here on both are of one moment
        yield from _balances(session, rebuilt)
        yield from _terms(session, rebuilt)
        yield from _holds(session, rebuilt)


def _balances(session: Session, rebuilt: Rebuilt) -> Iterator[str]:
    told = {number: (kept["balance_minor"], kept["currency"]) for number, kept in rebuilt.balances.items()}
    rows = session.execute(select(Balance.account_id, Balance.balance_minor, Balance.currency))
    there = {row[0]: (row[1], row[2]) for row in rows}
    for number in sorted(told.keys() | there.keys()):
        if told.get(number, (0, None))[0] != there.get(number, (0, None))[0]:
            yield f"account {number}: the trail of changes tells another balance"
        elif number in told and told[number][0] != rebuilt.balances[number]["sum"]:
            yield f"account {number}: the movements in the trail do not add up"


def _terms(session: Session, rebuilt: Rebuilt) -> Iterator[str]:
    told = {uuid: one for uuid, one in rebuilt.terms.items() if one.get("kind") is not None}
    columns = [getattr(Term, name) for name in TERM_COLUMNS]
    seen = set()
    for row in session.execute(select(Term.server_uuid, *columns)):
        seen.add(row.server_uuid)
        one = told.get(row.server_uuid, {})
        wrong = [name for name in TERM_COLUMNS if (one.get(name) or None) != (getattr(row, name) or None)]
        if wrong:
            yield f"server {row.server_uuid}: the trail of changes tells another {', '.join(wrong)}"
    for uuid in sorted(told.keys() - seen):
        yield f"server {uuid}: the trail of changes tells a price or none, the store does not know it"


def _holds(session: Session, rebuilt: Rebuilt) -> Iterator[str]:
    told = dict(rebuilt.holds)
    columns = [getattr(Hold, name) for name in HOLD_COLUMNS]
    for row in session.execute(select(Hold.id, *columns)):
        one = told.pop(row.id, None)
        wrong = [name for name in HOLD_COLUMNS if one is None or one.get(name) != getattr(row, name)]
        if wrong:
            yield f"hold {row.id} of {row.server_uuid}: the trail of changes tells another {', '.join(wrong)}"
    for number in sorted(told):
        yield f"hold {number}: the trail of changes tells of it, the store does not know it"


def _renewals(session: Session) -> Iterator[str]:
    """I-08: a paid period and its charge belong together, one to one, and say the same amount."""
    charged = (LedgerEntry.id == Renewal.ledger_id, LedgerEntry.kind == "charge")
    alike = (LedgerEntry.amount_minor == -Renewal.amount_minor, LedgerEntry.account_id == Renewal.account_id)
    odd = select(Renewal.id).outerjoin(LedgerEntry, charged[0] & charged[1] & alike[0] & alike[1])
    for number in session.scalars(odd.where(LedgerEntry.id.is_(None)).limit(MOST)):
        yield f"renewal {number}: it has no charge of its amount"
    charges = session.scalar(select(func.count()).where(LedgerEntry.kind == "charge")) or 0
    renewals = session.scalar(select(func.count()).select_from(Renewal)) or 0
    if charges > renewals:
        yield f"{charges - renewals} charges have no renewal"
