"""External holds: a suspension that no call of ours explains was made in the panel. It is kept, never lifted by us."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from portal.suspension import calls, holds
from portal.suspension.holds import OpenHold
from portal.suspension.models import Observed

REASON: Final = "suspended in the panel"
APART_S: Final = 60


def is_foreign_in(session: Session, seen: Observed) -> bool:
    """Whether the panel shows a suspension that is somebody else's and has no external hold yet."""
    if not seen.is_suspended or calls.may_lift_in(session, seen):
        return False
    return not stands_in(session, seen.server_uuid)


def stands_in(session: Session, server_uuid: str) -> bool:
    """Whether somebody else's suspension is still reckoned with.

    If such a server is shown running, we do not suspend it before `has_gone`: ours would be taken for the other one,
    and stay when it is paid.
    """
    return any(one.kind == "external" for one in holds.open_in(session, server_uuid))


def notice_in(session: Session, seen: Observed) -> bool:
    """Place the external hold if there has to be one; says whether it was placed now."""
    if not is_foreign_in(session, seen):
        return False
    holds.place_in(session, seen.server_uuid, "external", reason=REASON, by=None, sends=False)
    return True


def has_gone(hold: OpenHold, seen: Observed) -> bool:
    """Whether the panel has shown such a suspension lifted in two readings that are a minute apart."""
    if seen.is_suspended or hold.confirmed_at is None:
        return False
    if seen.since >= hold.confirmed_at:
        return seen.read_at - seen.since >= APART_S
    return seen.read_at - hold.confirmed_at >= 2 * APART_S
