"""What follows from a look at a server: holds that are placed, released or ask no more, and wishes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.audit import changes
from portal.suspension import calls, findings, foreign, holds, intents, outcomes
from portal.suspension.findings import Kind
from portal.suspension.models import Hold, Intent, Observed

START_AGAIN_S: Final = 3600


def apply_in(session: Session, seen: Observed, finding: Kind) -> None:
    """Do what one look found, inside the write() in which it was found."""
    match finding:
        case "foreign":
            foreign.notice_in(session, seen)
        case "gone":
            _release_external_in(session, seen)
        case "agrees":
            outcomes.agrees_in(session, seen)
        case "lifted" | "spent":
            _let_go_in(session, seen, finding)
        case "again":
            _assert_again_in(session, seen)
        case "wish":
            _wish_in(session, seen)


def _release_external_in(session: Session, seen: Observed) -> None:
    for one in holds.open_in(session, seen.server_uuid):
        if one.kind == "external" and foreign.has_gone(one, seen):
            holds.release_in(session, one, reason=calls.GONE, by=None, sends=False)


def _lost_in(session: Session, seen: Observed) -> list[Hold]:
    standing = findings.asking(holds.open_in(session, seen.server_uuid), is_confirmed=True)
    return [session.get_one(Hold, one.id) for one in standing]


def _let_go_in(session: Session, seen: Observed, finding: Kind) -> None:
    """The holds stay, so that it is known what is owed; but they ask for nothing any more."""
    now = int(clock.now())
    for hold in _lost_in(session, seen):
        hold.lifted_at = now
        changes.note_in(
            session, "hold", by=None, server_uuid=seen.server_uuid, run_id=hold.run_id,
            why="lifted in the panel" if finding == "lifted" else "it vanished too often",
            before={"id": hold.id, "lifted_at": None}, after={"id": hold.id, "lifted_at": now},
        )  # fmt: skip


def _assert_again_in(session: Session, seen: Observed) -> None:
    for hold in _lost_in(session, seen):
        hold.asserted, hold.confirmed_at = hold.asserted + 1, None
        changes.note_in(
            session, "hold", by=None, server_uuid=seen.server_uuid, run_id=hold.run_id, why=findings.VANISHED,
            before={"id": hold.id, "asserted": hold.asserted - 1}, after={"id": hold.id, "asserted": hold.asserted},
        )  # fmt: skip
    session.flush()
    intents.wish_in(session, seen.server_uuid, wants_suspended=True, cause=findings.VANISHED)


def _wish_in(session: Session, seen: Observed) -> None:
    """Nobody is about to do it: a call came late, or what was wished was put aside."""
    is_wanted = intents.is_wanted_suspended(session, seen.server_uuid)
    before = select(Intent.start_as).where(
        Intent.server_uuid == seen.server_uuid, Intent.made_at > int(clock.now()) - START_AGAIN_S
    )
    start_as = None if is_wanted else session.scalar(before.order_by(Intent.number.desc()).limit(1))
    intents.wish_in(
        session, seen.server_uuid, wants_suspended=is_wanted, cause="the panel shows otherwise", start_as=start_as
    )
