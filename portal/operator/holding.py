"""Holds as the host sees, places and releases them. While billing only observes nothing is placed or released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import mode
from portal.auth.models import Account
from portal.operator import fleet
from portal.operator.fleet import Filter, Server
from portal.store import read, write
from portal.suspension import holds
from portal.suspension.holds import KINDS, HoldError, Kind, OpenHold
from portal.suspension.models import Hold, Observed
from portal.web.i18n import _

BY_HAND: Final[tuple[Kind, ...]] = ("admin", "abuse", "external")
MOST = 500


@dataclass(frozen=True)
class Held:
    """An open hold with its server. `placed_by` is an address, None for the background process or a command.

    `panel_agrees`: the panel showed the server suspended last; None when it never showed it.
    """

    hold: OpenHold
    identifier: str
    name: str
    owner: str | None
    placed_by: str | None
    panel_agrees: bool | None


@dataclass(frozen=True)
class Placed:
    """A hold that was placed; `hint` is a sentence about what else holds the server."""

    name: str
    hint: str


def listing(kind: Kind | None = None, number: int | None = None, most: int | None = MOST) -> list[Held]:
    """The open holds, or those of a kind, or the one of a number, the newest first; `most` None: all of them."""
    query = select(Hold).where(Hold.released_at.is_(None)).order_by(Hold.id.desc()).limit(most)
    if kind is not None:
        query = query.where(Hold.kind == kind)
    if number is not None:
        query = query.where(Hold.id == number)
    with read() as session:
        found = [_opened(row) for row in session.scalars(query)]
        names = {row[0]: row[1] for row in session.execute(select(Account.id, Account.email))}
        uuids = [one.server_uuid for one in found]
        shown = _shown_in(session, uuids)
    servers = {one.known.uuid: one for one in fleet.named(uuids)}
    return [_held(one, servers.get(one.server_uuid), names, shown.get(one.server_uuid)) for one in found]


def one(number: int) -> Held:
    """An open hold. Raises HoldError when there is none."""
    found = listing(number=number)
    if not found:
        raise HoldError(_("The hold is released already."))
    return found[0]


class NoServer(HoldError):
    """No server is meant, or more than one."""


def find(text: str) -> Server:
    """The server of an identifier, a uuid or a whole name. Raises NoServer."""
    text = text.strip()
    by_id = fleet.one(text) if fleet.IDENTIFIER.fullmatch(text) else None
    if by_id is not None and by_id.known.uuid.startswith(text.lower()):
        return by_id
    named = [one for one in fleet.fitting(Filter("all", text)) if one.known.name == text] if text else []
    if len(named) > 1:
        raise NoServer(
            _("%(number)s servers have that name: enter the identifier of one, like %(one)s.", number=len(named),
              one=named[0].known.identifier)
        )  # fmt: skip
    if not named:
        raise NoServer(_("No server %(name)s is known.", name=text[:40]))
    return named[0]


def place(by: int | None, identifier: str, kind: Kind, reason: str) -> Placed:
    """Place a hold by hand on what `find` finds; the server is suspended. Raises HoldError, BillingOff."""
    mode.demand_on()
    if kind not in BY_HAND:
        raise HoldError(_("Holds for what is not paid are placed by the sweep only."))
    if not reason.strip():
        raise HoldError(_("Say why: the reason is what is left of it later."))
    server = find(identifier)
    if server.gone_at is not None:
        raise NoServer(_("The panel has this server no more."))
    if kind == "external" and not server.is_suspended:
        raise HoldError(_("The panel does not show it suspended: an external hold stands for a suspension made there."))
    with write() as session:
        before = holds.open_in(session, server.known.uuid)
        holds.place_in(session, server.known.uuid, kind, reason=reason.strip(), by=by, sends=kind != "external")
    return Placed(server.known.name, hint_for(tuple(one.kind for one in before)))


def release(by: int | None, number: int, reason: str) -> Held:
    """Release a hold by hand; the suspension is lifted unless another hold stands. Raises HoldError, BillingOff."""
    mode.demand_on()
    if not reason.strip():
        raise HoldError(_("Say why: the reason is what is left of it later."))
    held = one(number)
    server = fleet.one(held.identifier)
    starts = held.hold.kind == "unpaid" and server is not None
    with write() as session:
        standing = [one for one in holds.open_in(session, held.hold.server_uuid) if one.id == number]
        if not standing:
            raise HoldError(_("The hold is released already."))
        holds.release_in(
            session, standing[0], reason=reason.strip(), by=by, start_as=server.owner_id if starts and server else None
        )
    return held


def hint_for(kinds: tuple[str, ...]) -> str:
    """What to know before somebody suspends a server in the panel that is held already (R-15)."""
    if "unpaid" in kinds:
        return _("Already suspended for non-payment: add a hold, or it comes back when it is paid.")
    if kinds:
        return _("It was held already; it stays suspended until every hold is released.")
    return ""


def counts() -> dict[Kind, int]:
    """How many holds of each kind are open."""
    query = select(Hold.kind, func.count()).where(Hold.released_at.is_(None)).group_by(Hold.kind)
    with read() as session:
        found = {row[0]: row[1] for row in session.execute(query)}
    return {kind: found.get(kind, 0) for kind in KINDS}


def _shown_in(session: Session, uuids: list[str]) -> dict[str, bool]:
    """Whether the panel showed servers suspended last."""
    found: dict[str, bool] = {}
    for first in range(0, len(uuids), fleet.AT_ONCE):
        part = Observed.server_uuid.in_(uuids[first : first + fleet.AT_ONCE])
        found |= {
            row[0]: row[1] for row in session.execute(select(Observed.server_uuid, Observed.is_suspended).where(part))
        }
    return found


def _opened(row: Hold) -> OpenHold:
    return OpenHold(
        row.id, row.server_uuid, cast(Kind, row.kind), row.reason, row.placed_by, row.placed_at, row.run_id,
        row.lifted_at is not None, row.confirmed_at,
    )  # fmt: skip


def _held(hold: OpenHold, server: Server | None, names: dict[int, str], panel_agrees: bool | None) -> Held:
    by = names.get(hold.placed_by) if hold.placed_by is not None else None
    if server is None:
        return Held(hold, hold.server_uuid[:8], hold.server_uuid[:8], None, by, panel_agrees)
    return Held(hold, server.known.identifier, server.known.name, server.owner, by, panel_agrees)
