"""One look at one server: what follows from its holds, the last reading, and the calls that went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import mode
from portal.suspension import calls, foreign, holds, intents, observing
from portal.suspension.holds import OpenHold
from portal.suspension.models import Hold, Intent, Observed

Kind = Literal["foreign", "gone", "agrees", "lifted", "again", "spent", "too_many", "wish"]
"""`foreign`: somebody suspended it in the panel; `gone`: they lifted that. `agrees`: it is suspended as holds ask.
`lifted`: by hand, what we had made; `again`: it vanished by itself, so make it again; `spent`: that was done too often,
for this server, `too_many`: for all of them together. `wish`: nobody is about to bring the panel to what is wanted."""
VANISHED: Final = "the suspension vanished"
ASSERTIONS: Final = 2
ASSERTIONS_A_DAY: Final = 5
DAY_S: Final = 86_400


@dataclass(frozen=True)
class Look:
    """What is to be done for a server, if anything, and whether the panel shows it otherwise than it should be."""

    server_uuid: str
    finding: Kind | None
    is_adrift: bool


def look_in(session: Session, seen: Observed, now: int) -> Look:
    """Decide; nothing is changed."""
    standing = holds.open_in(session, seen.server_uuid)
    is_wanted = any(not one.is_lifted for one in standing)
    return Look(seen.server_uuid, _find_in(session, seen, standing, now), is_wanted != seen.is_suspended)


def asking(standing: Sequence[OpenHold], *, is_confirmed: bool) -> list[OpenHold]:
    """Holds of ours that ask for the suspension and were, or were not yet, seen to have it."""
    return [
        one
        for one in standing
        if one.kind != "external" and not one.is_lifted and (one.confirmed_at is not None) == is_confirmed
    ]


def _find_in(session: Session, seen: Observed, standing: list[OpenHold], now: int) -> Kind | None:
    open_intent = intents.open_for(session, [seen.server_uuid]).get(seen.server_uuid)
    settles_at = calls.settles_at_in(session, seen.server_uuid)
    if _is_on_its_way(session, seen.server_uuid) or (settles_at is not None and settles_at > now):
        return None
    if seen.is_suspended:
        found = _suspended_in(session, seen, standing, now)
    else:
        found = _running_in(session, seen, standing, now)
    if found is None and open_intent is None and mode.is_on():
        is_wanted = any(not one.is_lifted for one in standing)
        is_waited_for = any(one.kind == "external" for one in standing) and not asking(standing, is_confirmed=False)
        if is_wanted != seen.is_suspended and not is_waited_for and not asking(standing, is_confirmed=True):
            return "wish"
    return found


def _suspended_in(session: Session, seen: Observed, standing: list[OpenHold], now: int) -> Kind | None:
    if foreign.is_foreign_in(session, seen):
        return "foreign"
    new = asking(standing, is_confirmed=False)
    return "agrees" if any(one.placed_at <= seen.read_at or one.placed_at > now for one in new) else None


def _running_in(session: Session, seen: Observed, standing: list[OpenHold], now: int) -> Kind | None:
    if any(one.kind == "external" and foreign.has_gone(one, seen) for one in standing):
        return "gone"
    lost = [one for one in asking(standing, is_confirmed=True) if seen.since >= (one.confirmed_at or 0)]
    if not lost or seen.status in observing.BUSY:
        return None
    was_busy = seen.busy_at is not None and seen.busy_at >= seen.since  # so it vanished with that, not before
    if not was_busy and not calls.is_ours_in(session, seen):
        return "lifted"
    if not mode.is_on():
        return None
    if _most_asserted_in(session, lost) >= ASSERTIONS:
        return "spent"
    return "too_many" if _assertions_in(session, now) >= ASSERTIONS_A_DAY else "again"


def _is_on_its_way(session: Session, server_uuid: str) -> bool:
    query = select(Intent.id).where(Intent.server_uuid == server_uuid, Intent.state.in_(("sending", "unknown")))
    return session.scalar(query.limit(1)) is not None


def _most_asserted_in(session: Session, lost: Sequence[OpenHold]) -> int:
    return session.scalar(select(func.max(Hold.asserted)).where(Hold.id.in_([one.id for one in lost]))) or 0


def _assertions_in(session: Session, now: int) -> int:
    query = select(func.count()).where(Intent.cause == VANISHED, Intent.made_at > now - DAY_S)
    return session.scalar(query) or 0
