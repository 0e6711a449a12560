"""Writing a change of prices and expiry down, a few servers at a time, and taking the last one back.

What was written last is kept as one value of the store in the same transactions: the ids of its rows in the trail. So
undoing knows also after a crash in the middle what there is to undo, and leaves alone what changed since.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.models import AuditChange
from portal.billing import terms
from portal.billing.models import Balance
from portal.billing.money import Money
from portal.billing.periods import HOUR_S, Period
from portal.operator import releasing, restoring
from portal.operator.fleet import Server
from portal.store import read, write
from portal.store.state import StoreState
from portal.sweep import confirming

NAME = "last_price_change"
USED = "used_price_previews"
GOOD_FOR_S = HOUR_S
"""A preview can be confirmed for so long."""
AT_ONCE = 20
"""Servers in one transaction."""


class Used(Exception):
    """A preview was confirmed before."""


@dataclass(frozen=True)
class Standing:
    """What a server costs and until when. `kind` None: not yet set."""

    kind: Literal["priced", "free"] | None
    amount: Money | None
    period: Period | None
    anchor: int | None
    periods: int
    expires_at: int | None


@dataclass(frozen=True)
class Step:
    """One server of a change. `lifts`: it is held as unpaid, and will be no longer."""

    server: Server
    before: Standing
    after: Standing
    lifts: bool


@dataclass(frozen=True)
class Done:
    """A change that was made: how many servers, and how many it left alone because they had changed meanwhile."""

    servers: int
    left: int


@dataclass(frozen=True)
class Last:
    """The last change: `ranges` are ids of the trail, from and to, that are not undone."""

    id: str
    at: int
    by: int | None
    said: str
    servers: int
    ranges: tuple[tuple[int, int], ...]
    undone_at: int | None = None

    @property
    def can_be_undone(self) -> bool:
        """Whether anything of it stands."""
        return bool(self.ranges)


def standing(server: Server) -> Standing:
    """How a server stands now."""
    return Standing(server.kind, server.amount, server.period, server.anchor, server.periods, server.expires_at)


def last() -> Last | None:
    """The last change of prices and expiry."""
    with read() as session:
        return _last_in(session)


def write_steps(by: int | None, steps: Sequence[Step], *, said: str, why: str, preview: str = "") -> Done:
    """Make a change. A server that is not as the step says any more is left alone.

    `preview` names what was confirmed: used a second time within `GOOD_FOR_S` it raises Used, and nothing is done.
    """
    change = Last(secrets.token_hex(4), int(clock.now()), by, said, 0, ())
    reason = f"change {change.id}: {why or said}"
    left = 0
    for first in range(0, len(steps), AT_ONCE):
        part = steps[first : first + AT_ONCE]
        with write() as session:
            if preview and not first:
                _use_in(session, preview)
            before_id = _newest_in(session)
            done = sum(_step_in(session, one, by=by, why=reason) for one in part)
            if done:
                left += len(part) - done
                rows = (before_id + 1, _newest_in(session))
                change = replace(change, servers=change.servers + done, ranges=(*change.ranges, rows))
                _keep_in(session, change)
            else:
                left += len(part)
            if change.servers > 1:
                confirming.demand_in(session, f"{change.servers} servers have other prices or expiry: {said}")
    return Done(change.servers, left)


def _use_in(session: Session, preview: str) -> None:
    """Note that a preview is used. Raises Used when it was before, also if the change was undone since."""
    now = int(clock.now())
    row = session.get(StoreState, USED)
    known: dict[str, int] = json.loads(row.value) if row else {}
    if preview in known:
        raise Used
    recent = {name: at for name, at in known.items() if now - at <= 2 * GOOD_FOR_S}
    session.merge(StoreState(name=USED, value=json.dumps(recent | {preview: now})))


def undo(by: int | None, number: str) -> Done:
    """Take the last change back, as corrections of their own. Raises LookupError when it is not the last any more."""
    change = last()
    if change is None or change.id != number:
        raise LookupError(number)
    servers = left = 0
    while change.ranges:
        first, end = change.ranges[-1]
        with write() as session:
            change = _last_in(session)
            if change is None or change.id != number or (first, end) not in change.ranges:
                raise LookupError(number)
            done, skipped = restoring.take_back_in(session, first, end, by=by, why=f"undo of change {number}")
            servers, left = servers + done, left + skipped
            ranges = tuple(one for one in change.ranges if one != (first, end))
            change = replace(change, ranges=ranges, undone_at=int(clock.now()))
            _keep_in(session, change)
            if servers > 1:
                confirming.demand_in(session, f"a change of {servers} servers was undone")
    return Done(servers, left)


def unpayable(steps: Sequence[Step]) -> int:
    """How many get a price in another currency than their owner's balance is kept in."""
    with read() as session:
        kept = {row[0]: row[1] for row in session.execute(select(Balance.account_id, Balance.currency))}
    return sum(
        one.after.amount is not None
        and one.after.amount != one.before.amount
        and kept.get(one.server.owner_id or 0, one.after.amount.currency) != one.after.amount.currency
        for one in steps
    )


def _step_in(session: Session, step: Step, *, by: int | None, why: str) -> bool:
    """Change one server; False when it is not as the step says."""
    uuid, after = step.server.known.uuid, step.after
    now = terms.get_in(session, uuid)
    there = Standing(
        now.kind if now else None, now.price.amount if now and now.price else None,
        now.price.period if now and now.price else None, now.anchor if now else None, now.periods if now else 0,
        now.expires_at if now else None,
    )  # fmt: skip
    if there != step.before or (now is not None and now.gone_at is not None):
        return False
    if after.kind == "free":
        terms.set_free_in(session, step.server.known, by=by, why=why)
    else:
        assert after.amount is not None
        assert after.period is not None
        assert after.expires_at is not None
        if (after.amount, after.period) != (there.amount, there.period):
            now = terms.set_price_in(session, step.server.known, after.amount, after.period, by=by, why=why)
        if now is None or (now.expires_at, now.anchor, now.periods) != (after.expires_at, after.anchor, after.periods):
            terms.set_expiry_in(
                session, uuid, after.expires_at, by=by, why=why, anchor=after.anchor, periods=after.periods
            )
    releasing.release_in(session, uuid, by=by, why=why)
    return True


def _newest_in(session: Session) -> int:
    return session.scalar(select(func.max(AuditChange.id))) or 0


def _last_in(session: Session) -> Last | None:
    row = session.get(StoreState, NAME)
    if row is None:
        return None
    said: dict[str, Any] = json.loads(row.value)
    said["ranges"] = tuple((one[0], one[1]) for one in said["ranges"])
    return Last(**said)


def _keep_in(session: Session, change: Last) -> None:
    session.merge(StoreState(name=NAME, value=json.dumps(asdict(change))))
