"""Holds: why a server should be suspended. Four kinds, each open at most once for a server.

`unpaid` is placed by the sweeper and released by a renewal; `abuse` and `admin` by the host; `external` stands for a
suspension that somebody made in the panel, and this portal never lifts one by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import changes
from portal.store import direct, read
from portal.suspension import intents
from portal.suspension.models import Hold

Kind = Literal["unpaid", "abuse", "admin", "external"]
KINDS: Final[tuple[Kind, ...]] = ("unpaid", "abuse", "admin", "external")
_HOLDS = direct.table(Hold)
_OPEN = (
    select(_HOLDS)
    .where(_HOLDS.c.server_uuid == bindparam("server"), _HOLDS.c.released_at.is_(None))
    .order_by(_HOLDS.c.id)
)


class HoldError(Exception):
    """A hold cannot be placed or released like this; the message is a sentence for the person who tried."""


@dataclass(frozen=True)
class OpenHold:
    """A hold that stands. `is_lifted`: somebody lifted the suspension in the panel by hand, so it asks for nothing."""

    id: int
    server_uuid: str
    kind: Kind
    reason: str
    placed_by: int | None
    placed_at: int
    run_id: int | None
    is_lifted: bool
    confirmed_at: int | None


def of(server_uuid: str) -> list[OpenHold]:
    """The open holds of a server, the oldest first."""
    with read() as session:
        return open_in(session, server_uuid)


def open_in(session: Session, server_uuid: str) -> list[OpenHold]:
    """The same inside somebody's transaction."""
    return [_open(row) for row in direct.execute(session, _OPEN, {"server": server_uuid})]


def place_in(
    session: Session,
    server_uuid: str,
    kind: Kind,
    *,
    reason: str,
    by: int | None,
    run_id: int | None = None,
    sends: bool = True,
) -> OpenHold:
    """Place a hold and, unless `sends` is off (the panel shows it already), let the dispatcher suspend the server.

    Raises HoldError when one of that kind is open.
    """
    was_wanted = intents.is_wanted_suspended(session, server_uuid)
    if any(one.kind == kind for one in open_in(session, server_uuid)):
        raise HoldError(f"The server has a hold of the kind {kind} already.")
    now = int(clock.now())
    made = session.execute(
        insert(Hold)
        .values(
            server_uuid=server_uuid, kind=kind, reason=reason[:500], placed_by=by, placed_at=now, run_id=run_id,
            asserted=0, confirmed_at=None if sends else now,
        )
        .returning(Hold.id)
    )  # fmt: skip
    number = int(made.scalar_one())
    changes.note_in(
        session, "hold", by=by, server_uuid=server_uuid, run_id=run_id, why=reason,
        before={"id": number, "released_at": None, "kind": None}, after={"id": number, "kind": kind, "placed_at": now},
    )  # fmt: skip
    if sends and not was_wanted:
        intents.wish_in(session, server_uuid, wants_suspended=True, cause=f"hold {kind}", run_id=run_id)
    return OpenHold(number, server_uuid, kind, reason[:500], by, now, run_id, False, None if sends else now)


def release_in(
    session: Session,
    hold: OpenHold,
    *,
    reason: str,
    by: int | None,
    run_id: int | None = None,
    start_as: int | None = None,
    sends: bool = True,
) -> None:
    """Release a hold and, if it was the last one that asked for suspension, let the dispatcher lift that.

    With `sends` off the panel shows it lifted already.

    `start_as` is the account for which the server is started afterwards. An external hold may be released only by an
    administrator's act, or because the panel shows that somebody lifted it there.
    """
    row = session.get_one(Hold, hold.id)
    if row.released_at is not None:
        raise HoldError("The hold is released already.")
    was_wanted = intents.is_wanted_suspended(session, hold.server_uuid)
    row.released_at, row.released_by, row.release_reason = int(clock.now()), by, reason[:500]
    session.flush()
    changes.note_in(
        session, "hold", by=by, server_uuid=hold.server_uuid, run_id=run_id, why=reason,
        before={"id": hold.id, "released_at": None}, after={"id": hold.id, "released_at": row.released_at},
    )  # fmt: skip
    if sends and was_wanted and not intents.is_wanted_suspended(session, hold.server_uuid):
        intents.wish_in(
            session, hold.server_uuid, wants_suspended=False, cause=f"released {hold.kind}", run_id=run_id,
            start_as=start_as,
        )  # fmt: skip


def _open(row: Row[Any]) -> OpenHold:
    kind: Kind = row.kind  # the table has a CHECK
    return OpenHold(
        row.id, row.server_uuid, kind, row.reason, row.placed_by, row.placed_at, row.run_id,
        row.lifted_at is not None, row.confirmed_at,
    )  # fmt: skip
