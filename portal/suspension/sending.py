"""One intent on its way: read the server, compare, decide anew, call, read back. The panel is asked with no lock held.

Whatever the panel answers, only a reading that shows what is wanted confirms; an answer that never came is no failure
but unknown, and is waited out before anybody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.orm import Session

from portal import clock
from portal.pterodactyl import ApplicationApi, errors
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S
from portal.pterodactyl.models import AppServer
from portal.servers import records
from portal.store import read, restored, write
from portal.store.state import StoreState
from portal.suspension import barriers, calls, foreign, intents, leases, observing, outcomes, pace, telling
from portal.suspension.barriers import Barrier
from portal.suspension.leases import Taken
from portal.suspension.models import Intent, Observed

FRESH_S: Final = 60
"""A reading older than this proves nothing of the server that is written to."""
LOOK_AGAIN_S: Final = 2
MISSING_S: Final = 600
NO_CALL = (errors.KeyRefused, errors.Busy)


@dataclass(frozen=True)
class Shown:
    """A server as the panel showed it in a reading that began at an instant."""

    server: AppServer
    read_at: float


@dataclass(frozen=True)
class Going:
    """A call that is written down and goes out next."""

    call_id: int
    suspends: bool
    sent_at: int


@dataclass(frozen=True)
class Over:
    """Nothing has to be called: the intent waits, or the panel shows what is wanted. What is left to do or to tell."""

    parked: str | None = None
    is_foreign: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a call ended. `never`: it did not go out; `unknown`: nobody answered, so it may act for a while yet."""

    kind: Literal["done", "failed", "transferring", "unknown", "never"]
    why: str = ""


def send(taken: Taken, api: ApplicationApi) -> bool:
    """Bring the panel to what the holds want for one server. False if it was not seen: then the panel may be away.

    Raises the library's errors only if the panel as a whole cannot be asked; whoever called lets the intent wait.
    """
    shown = _read(taken, api)
    if shown is None:
        return False
    found = _decide(taken, shown)
    if isinstance(found, Over):
        _finish(taken, shown, found)
        return True
    outcome, problem = _call(api, shown.server.internal_id, found)
    _note_end(found, outcome)
    if outcome.kind == "done" or outcome.kind == "failed":
        _read_back(taken, api, shown.server, found, outcome)
    elif outcome.kind == "never":
        assert problem is not None
        raise problem
    else:
        _not_yet(taken, outcome)
    return True


def _read(taken: Taken, api: ApplicationApi) -> Shown | None:
    """The server as the panel shows it now, if it can be known and is the one we mean."""
    with read() as session:
        known = session.get(Observed, taken.server_uuid)
        settles_at = calls.settles_at_in(session, taken.server_uuid)
    if settles_at is not None and settles_at > clock.now():
        _wait(taken, settles_at, "a call without an answer may still be going on")
        return None
    if known is None:
        if not _is_gone(taken, None):
            fail(taken, "the server was never seen in the panel's list")
        return None
    read_at = clock.now()
    try:
        server = api.servers.view(known.internal_id)
    except errors.NotFound as error:
        if not _is_gone(taken, known):
            fail(taken, str(error))
        return None
    except errors.BadAnswer as error:
        fail(taken, str(error))
        return None
    except errors.PanelUnreachable as error:
        if not _has_answered(error):
            raise
        fail(taken, str(error), parks=False)
        return None
    if server.uuid != taken.server_uuid:
        _park(taken, f"the panel has another server under the id {known.internal_id}")
        return None
    return Shown(server, read_at)


def _is_gone(taken: Taken, known: Observed | None) -> bool:
    """Put the intent aside if a list that is believed has not had the server for ten minutes either."""
    listed_at = observing.believed_at()
    if listed_at is None or observing.doubt() is not None:
        return False
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is None:
            return True
        if listed_at < (known.read_at if known else intent.made_at) + MISSING_S:
            return False
        outcomes.put_aside(intent, int(clock.now()))
    return True


def _decide(taken: Taken, shown: Shown) -> Going | Over:
    """What to do, from the holds as they are at this instant; a call is written down before it goes out."""
    barrier = barriers.before_suspending()
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is None:
            return Over()
        now = int(clock.now())
        seen = observing.note_in(session, shown.server, shown.read_at)
        if seen.read_at > int(shown.read_at) or now - shown.read_at > FRESH_S:
            outcomes.wait_in(session, intent, now + LOOK_AGAIN_S, "to be read anew", now)
            return Over()
        is_foreign = foreign.notice_in(session, seen)
        wants = intents.is_wanted_suspended(session, taken.server_uuid)
        if wants == seen.is_suspended:
            outcomes.confirmed_in(session, intent, seen, now)
            return Over(is_foreign=is_foreign)
        if wants and shown.server.status in observing.BUSY:
            return Over(parked=outcomes.busy_in(session, intent, str(shown.server.status), now))
        stop = _stop_in(session, intent, barrier if wants else None, now, suspends=wants)
        if stop is not None:
            outcomes.wait_in(session, intent, stop.again_at, stop.why, now)
            return Over()
        intent.sent_at = now
        return Going(calls.sent_in(session, intent.id, seen.server_uuid, suspends=wants, now=now), wants, now)


def _stop_in(session: Session, intent: Intent, barrier: Barrier | None, now: int, *, suspends: bool) -> Barrier | None:
    """What keeps a call from going out at this very instant."""
    if session.get(StoreState, restored.NAME) is not None:
        return Barrier("the store was restored from a backup", now + barriers.LOOK_S)
    if intent.lease_until is None or intent.lease_until - now < BACKGROUND_WRITE_S:
        return Barrier("the lease ends too soon", now + LOOK_AGAIN_S)
    if barrier is not None or not suspends:
        return barrier
    if foreign.stands_in(session, intent.server_uuid):
        return Barrier("it is not known yet whether somebody has lifted it in the panel", now + barriers.LOOK_S)
    if not pace.allows_in(session, now):
        return Barrier("not so many at once", now + barriers.LOOK_S)
    return None


def _call(api: ApplicationApi, number: int, going: Going) -> tuple[Outcome, errors.PanelError | None]:
    act = api.servers.suspend if going.suspends else api.servers.unsuspend
    try:
        act(number)
    except errors.OutcomeUnknown as error:
        return Outcome("failed" if _has_answered(error.cause) else "unknown", str(error)), error
    except errors.ServerStateConflict as error:
        return Outcome("transferring", str(error)), error
    except NO_CALL as error:
        return Outcome("never", str(error)), error
    except errors.PanelError as error:
        return Outcome("never" if isinstance(error, errors.PanelUnreachable) else "failed", str(error)), error
    return Outcome("done"), None


def _has_answered(cause: errors.PanelError) -> bool:
    """Whether the panel itself has ended the call, and not a web server in between or our patience."""
    if isinstance(cause, errors.PanelUnreachable):
        return cause.fault == "status" and cause.code is not None
    return isinstance(cause, errors.NodeUnreachable)


def _note_end(going: Going, outcome: Outcome) -> None:
    """A fact about the call, which holds whoever has the lease by now."""
    has_failed = outcome.kind in ("failed", "unknown")
    with write() as session:
        if outcome.kind == "unknown":
            calls.failed_in(session, going.call_id)
        else:
            calls.ended_in(session, going.call_id, int(clock.now()), has_failed=has_failed)


def _read_back(taken: Taken, api: ApplicationApi, server: AppServer, going: Going, outcome: Outcome) -> None:
    read_at = clock.now()
    try:
        shown = Shown(api.servers.view(server.internal_id), read_at)
    except errors.PanelError as error:
        fail(taken, f"{outcome.why} {error}".strip(), state="unknown")
        return
    if shown.server.uuid != taken.server_uuid:
        _park(taken, f"the panel has another server under the id {server.internal_id}")
        return
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is None:
            return
        now = int(clock.now())
        after = max(read_at, min(going.sent_at, now))  # it came after the call, also if the clock was put back
        seen = observing.note_in(session, shown.server, after)
        if shown.server.is_suspended == going.suspends:
            calls.ended_in(session, going.call_id, now, has_failed=False)
            outcomes.confirmed_in(session, intent, seen, now)
            over = Over()
        else:
            why = outcome.why or "the panel took it, but does not show it"
            over = Over(parked=outcomes.failed_in(session, intent, why, now))
    _finish(taken, shown, over)


def _not_yet(taken: Taken, outcome: Outcome) -> None:
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is None:
            return
        now = int(clock.now())
        if outcome.kind == "transferring":
            parked = outcomes.busy_in(session, intent, "a transfer", now)
        else:
            parked = outcomes.failed_in(session, intent, outcome.why, now, state="unknown", after_s=calls.SETTLE_S)
    _tell(taken, parked)


def _finish(taken: Taken, shown: Shown, over: Over) -> None:
    """What follows outside of the transaction: consoles close, administrators hear."""
    records.save_status(taken.server_uuid, shown.server.status, shown.read_at)
    if over.is_foreign:
        telling.external()
    _tell(taken, over.parked)


def _wait(taken: Taken, next_at: int, why: str) -> None:
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is not None:
            outcomes.wait_in(session, intent, next_at, why, int(clock.now()), state="unknown")


def fail(taken: Taken, why: str, *, state: outcomes.State = "pending", parks: bool = True) -> None:
    """Note that a try failed, if the lease still is ours."""
    parked = None
    with write() as session:
        intent = leases.mine_in(session, taken)
        if intent is not None:
            parked = outcomes.failed_in(session, intent, why, int(clock.now()), state=state, parks=parks)
    _tell(taken, parked)


def _park(taken: Taken, why: str) -> None:
    with write() as session:
        intent = leases.mine_in(session, taken)
        parked = outcomes.park_in(session, intent, why, int(clock.now())) if intent else None
    _tell(taken, parked)


def _tell(taken: Taken, parked: str | None) -> None:
    if parked is not None:
        telling.parked(taken.server_uuid, parked)
