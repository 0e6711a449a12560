"""Gate G3: whether the clock can be believed. It is looked at in each sweep, and remembered in the store.

A clock is wrong for a round when it is behind the latest time that was believed, ran unlike the monotonic clock since
the last sweep, differs from the panel's, or is before this program was written. The gate opens once it was right in two
sweeps at least five minutes apart. A clock that jumped and was put right again heals by itself: a time is believed only
when nothing spoke against it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal import clock
from portal.store import read, write
from portal.store.state import StoreState
from portal.store.upsert import upsert
from portal.suspension import panel_clock
from portal.web.i18n import _

NAME = "sweep_clock"
WRITTEN_AT: Final = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
"""No clock that is right shows an earlier time."""
BACKWARDS_S = 5
FORWARD_S = 600
PANEL_S = 120
PANEL_SEEN_S = 1800
"""What the panel's clock was so long ago says nothing any more."""
APART_S = 300
LONG_OFF_S = 6 * 3600
CAREFUL_S = 3600
"""How long the limits stay halved after no sweep had been for long."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Look:
    """What a round says of the clock. `wrong` is a sentence, empty when nothing is.

    `is_clean` is this round alone, which decides about reminders and automatic renewals; `is_open` is gate G3.
    `is_halved`: no sweep had been for more than six hours, and that is less than an hour ago (half limits, G1).
    """

    is_clean: bool
    is_open: bool
    wrong: str
    is_halved: bool


@dataclass(frozen=True)
class _Believed:
    """`high` is the latest time believed; `wall`, `mono` and `boot` are of the last sweep; the rest are instants."""

    high: int
    wall: float
    mono: float
    boot: str
    clean_since: int | None
    returned_at: int | None


def look() -> Look:
    """Look at the clock and remember it: once for each sweep."""
    offset = panel_clock.offset()
    now, mono = clock.now(), clock.monotonic()
    with write() as session:
        before = _get_in(session)
        seen, after = _judge(before, now, mono, offset)
        upsert(session, StoreState, [{"name": NAME, "value": json.dumps(asdict(after))}])
    return seen


def peek() -> Look:
    """The same without writing anything down: for pages and dry runs."""
    offset = panel_clock.offset()
    with read() as session:
        before = _get_in(session)
    return _judge(before, clock.now(), clock.monotonic(), offset)[0]


def trust_in(session: Session) -> None:
    """An administrator says that the clock is right: forget what was believed before."""
    session.execute(delete(StoreState).where(StoreState.name == NAME))


def _get_in(session: Session) -> _Believed | None:
    row = session.get(StoreState, NAME)
    return _Believed(**json.loads(row.value)) if row else None


def _judge(before: _Believed | None, now: float, mono: float, offset: tuple[int, int] | None) -> tuple[Look, _Believed]:
    wrong = _wrong(before, now, mono, offset)
    is_clean, at = not wrong, int(now)
    is_same_boot = before is not None and before.boot == _boot()
    since = before.clean_since if before is not None and is_same_boot else None
    clean_since = (at if since is None else since) if is_clean else None
    is_back = before is not None and now - before.wall > LONG_OFF_S
    returned_at = at if is_back else before.returned_at if before else None
    is_halved = returned_at is not None and abs(now - returned_at) < CAREFUL_S
    high = before.high if before is not None else 0
    after = _Believed(
        max(high, at) if is_clean else high, now, mono, _boot(), clean_since, returned_at if is_halved else None
    )
    is_open = clean_since is not None and at - clean_since >= APART_S
    if is_clean and not is_open:
        wrong = _("The clock was not yet right in two sweeps five minutes apart.")
    elif is_clean and not _is_fresh(offset, now):
        is_open, wrong = False, _("What time the panel has is not known.")
    return Look(is_clean, is_open, wrong, is_halved), after


def _is_fresh(offset: tuple[int, int] | None, now: float) -> bool:
    """Whether the panel's clock was seen lately. If not, that is no fault of ours: only the gate stays closed."""
    return offset is not None and abs(now - offset[1]) <= PANEL_SEEN_S


def _wrong(before: _Believed | None, now: float, mono: float, offset: tuple[int, int] | None) -> str:
    """A sentence about the first thing that is wrong; empty: nothing is."""
    if now < WRITTEN_AT:
        return _("The clock shows a time before this program was written.")
    if before is not None and now < before.high - BACKWARDS_S:
        return _("The clock is %(s)s seconds behind a time that it showed before.", s=round(before.high - now))
    if before is not None and before.boot == _boot():
        jump = (now - before.wall) - (mono - before.mono)
        if jump > FORWARD_S:
            return _("The clock jumped forward by %(s)s seconds since the last sweep.", s=round(jump))
        if jump < -BACKWARDS_S:
            return _("The clock jumped back by %(s)s seconds since the last sweep.", s=round(-jump))
    if offset is not None and _is_fresh(offset, now) and abs(offset[0]) > PANEL_S:
        return _("The clock differs from the panel's by %(s)s seconds.", s=abs(offset[0]))
    return ""


@cache
def _boot() -> str:
    """The name of this start of the machine, from which its monotonic clock counts; else of this process."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return secrets.token_hex(8)
