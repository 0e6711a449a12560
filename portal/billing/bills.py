"""How servers stand with one person: what each costs, until when it is paid, and why it is suspended. No panel call."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.billing import funds, needs, owners, reminding, renewing, terms
from portal.billing.models import Reminder
from portal.billing.money import Money
from portal.billing.periods import DAY_S, HOUR_S, Period, grace_end
from portal.billing.terms import Terms
from portal.panel import settings
from portal.servers.facts import Facts
from portal.store import locked, read, restored, unwritable
from portal.suspension import intents
from portal.suspension.models import Hold

log = logging.getLogger("roost.billing")


class Standing(StrEnum):
    """How a server stands. Of several the one that decides what a person can do now."""

    UNSET = "unset"
    FREE = "free"
    PAID = "paid"
    SOON = "soon"
    OVERDUE = "overdue"
    UNPAID = "unpaid"
    LIFTING = "lifting"
    HELD = "held"
    BLOCKED = "blocked"
    GONE = "gone"


NOTICE_S = DAY_S
"""Nobody is suspended who was not told of it so long before."""


@dataclass(frozen=True)
class Bill:
    """What one person is told of one server's price.

    `time` is where it is in its paid time (None without a price), `standing` also knows holds. `due` is what brings it
    back to paid, `suspends_at` when grace ends. `is_suspended` is what the panel showed last. `lacks` is what the
    person's balance is short of for an automatic renewal from it. `is_preview`: billing only observes.
    `suspends_at`, after its grace, is a day after its owner is told if that is later.
    """

    identifier: str
    standing: Standing
    time: Standing | None
    amount: Money | None
    period: Period | None
    expires_at: int | None
    suspends_at: int | None
    suspended_at: int | None
    is_suspended: bool
    due: Money | None
    renews_itself: bool
    renews_from_mine: bool
    will_renew: bool
    """Whether it would renew by itself as things are: its owner's account is open and has enough."""
    lacks: Money | None
    is_preview: bool
    is_waiting: bool
    """The store was restored from a backup: nothing is charged until an administrator has looked."""
    is_unshown: bool
    """A reminder of this expiry was written down and not seen on a page yet."""

    @property
    def can_renew(self) -> bool:
        """Whether there is a button to renew it."""
        is_blocked = self.standing in (Standing.BLOCKED, Standing.GONE)
        return self.amount is not None and not is_blocked and not self.is_preview and not self.is_waiting

    @property
    def is_past_grace(self) -> bool:
        """Whether it is overdue and nothing but the next sweep stands before its suspension."""
        is_over = self.suspends_at is not None and self.suspends_at <= clock.now()
        return self.time is Standing.OVERDUE and is_over

    @property
    def renews_now(self) -> bool:
        """Whether it is overdue and the next round renews it by itself."""
        may = self.standing is Standing.OVERDUE and not self.is_preview and not self.is_waiting
        return may and self.will_renew

    @property
    def says_why(self) -> bool:
        """Whether it knows why the server is suspended, or will be in a moment."""
        return self.standing in (Standing.UNPAID, Standing.LIFTING, Standing.HELD, Standing.BLOCKED)

    @property
    def is_urgent(self) -> bool:
        """Whether somebody has to do something, or the server is off because nobody did."""
        if self.is_preview:
            return False
        if self.standing is Standing.SOON:
            return not self.will_renew
        return self.standing in (Standing.OVERDUE, Standing.UNPAID, Standing.LIFTING)


@dataclass(frozen=True)
class Bills:
    """What this feature says on the pages of servers (`portal/servers/asides.py`)."""

    def tell(self, account_id: int, servers: Sequence[Facts]) -> Mapping[str, Bill]:
        """The bills of servers, by uuid; none at all while billing is off."""
        if not mode.is_shown():
            return {}
        suspended = {one.uuid for one in servers if one.status == "suspended"}
        return of(account_id, {one.uuid: one.identifier for one in servers}, suspended)

    def saw(self, account_id: int, told: Mapping[str, object]) -> None:
        """Note that a person saw until when servers are paid. A busy store is no reason to show no page."""
        for uuid, bill in told.items():
            if isinstance(bill, Bill) and bill.is_unshown:
                try:
                    reminding.shown(uuid, account_id)
                except OperationalError as error:
                    if not locked(error) and not unwritable(error):
                        raise
                    log.warning("that a reminder was seen could not be kept: %s", error.orig)


SPEAKER = Bills()


def of(account_id: int, servers: Mapping[str, str], suspended: Collection[str]) -> dict[str, Bill]:
    """The bills of servers (uuid: identifier); `suspended` are those that the panel showed suspended."""
    stand = terms.many(servers.keys())
    around = _around(account_id, servers.keys(), stand)
    return {
        uuid: _bill(uuid, identifier, stand.get(uuid), around, account_id, is_suspended=uuid in suspended)
        for uuid, identifier in servers.items()
    }


@dataclass(frozen=True)
class _Around:
    """What else decides: open holds, servers that are being switched on again, expiries of reminders that nobody saw
    yet, what one's own automatic renewals lack, servers whose automatic renewal would be paid as things are, when
    owners were told first of an expiry that is over, and whether charges wait because the store was restored."""

    held: dict[str, list[Hold]]
    lifting: set[str]
    unshown: dict[str, int]
    lacks: dict[str, Money | None]
    sure: set[str]
    heard: dict[str, int]
    is_waiting: bool


def _around(account_id: int, uuids: Collection[str], stand: Mapping[str, Terms]) -> _Around:
    holding = select(Hold).where(Hold.server_uuid.in_(uuids), Hold.released_at.is_(None)).order_by(Hold.id)
    unseen = select(Reminder.server_uuid, Reminder.expires_at).where(
        Reminder.server_uuid.in_(uuids), Reminder.account_id == account_id, Reminder.shown_at.is_(None)
    )
    held: dict[str, list[Hold]] = {}
    with read() as session:
        for row in session.scalars(holding):
            held.setdefault(row.server_uuid, []).append(row)
        wishes = intents.open_for(session, uuids)
        unshown = {row.server_uuid: row.expires_at for row in session.execute(unseen.order_by(Reminder.expires_at))}
        lacks = {uuid: _lacks_in(session, account_id, one) for uuid, one in stand.items()}
        sure = _sure_in(session, stand)
        late = [uuid for uuid, one in stand.items() if _time(one.expires_at) is Standing.OVERDUE]
        owned = owners.of_in(session, late)
    lifting = {uuid for uuid, wish in wishes.items() if not wish.wants_suspended}
    expired = {uuid: (stand[uuid].expires_at or 0, owner.account_id) for uuid, owner in owned.items()}
    heard = reminding.heard_at(expired) if expired else {}
    return _Around(held, lifting, unshown, lacks, sure, heard, restored.since() is not None)


def _lacks_in(session: Session, account_id: int, shown: Terms) -> Money | None:
    """What a person's own automatic renewal is short of."""
    if shown.price is None or shown.auto_renew_by != account_id:
        return None
    mine = funds.of_in(session, account_id, shown.price.amount)
    return mine.missing if mine.fits else shown.price.amount


def _sure_in(session: Session, stand: Mapping[str, Terms]) -> set[str]:
    """The servers whose automatic renewal would be paid: by their owner, whose account is open and has enough."""
    chosen = {uuid: one for uuid, one in stand.items() if one.auto_renew_by is not None and one.price is not None}
    owned = owners.of_in(session, chosen) if chosen else {}
    return {
        uuid for uuid, owner in owned.items()
        if owner.account_id == chosen[uuid].auto_renew_by and not owner.is_disabled
        and not renewing.is_long_overdue(chosen[uuid])
        and (due := needs.due(chosen[uuid])) is not None and funds.of_in(session, owner.account_id, due).do
    }  # fmt: skip


def _bill(
    uuid: str, identifier: str, shown: Terms | None, around: _Around, account_id: int, *, is_suspended: bool
) -> Bill:
    held = around.held.get(uuid, [])
    price, expires_at = (shown.price, shown.expires_at) if shown else (None, None)
    time = _time(expires_at)
    unpaid = next((one for one in held if one.kind == "unpaid" and one.lifted_at is None), None)
    is_auto = shown is not None and shown.auto_renew_by is not None
    return Bill(
        identifier=identifier,
        standing=_standing(
            shown, time, held, unpaid, is_suspended=is_suspended, is_lifting=uuid in around.lifting
        ),  # fmt: skip
        time=time,
        amount=price.amount if price else None,
        period=price.period if price else None,
        expires_at=expires_at,
        suspends_at=_suspends(expires_at, around.heard.get(uuid)) if expires_at is not None else None,
        suspended_at=unpaid.placed_at if unpaid else None,
        is_suspended=is_suspended,
        due=needs.due(shown),
        renews_itself=is_auto,
        renews_from_mine=is_auto and shown is not None and shown.auto_renew_by == account_id,
        will_renew=uuid in around.sure,
        lacks=around.lacks.get(uuid),
        is_preview=not mode.is_on(),
        is_waiting=around.is_waiting,
        is_unshown=expires_at is not None and around.unshown.get(uuid) == expires_at,
    )


def grace_ends(expires_at: int) -> int:
    """From when on a server with this expiry may be suspended, by the host's settings."""
    return grace_end(expires_at, settings().grace_hours, settings().grace_ends_hour, mode.zone())


def _suspends(expires_at: int, heard_at: int | None) -> int:
    """From when on it may happen: once grace is over, and a day after its owner was told. If that is still to come it
    is a day from now, in whole hours."""
    ends, now = grace_ends(expires_at), int(clock.now())
    if expires_at > now:
        return ends
    return max(ends, (heard_at if heard_at is not None else now // HOUR_S * HOUR_S) + NOTICE_S)


def _time(expires_at: int | None) -> Standing | None:
    if expires_at is None:
        return None
    now = clock.now()
    if expires_at <= now:
        return Standing.OVERDUE
    soon_s = max(settings().reminder_days, default=7) * DAY_S
    return Standing.SOON if expires_at - now <= soon_s else Standing.PAID


def _standing(
    shown: Terms | None, time: Standing | None, held: Sequence[Hold], unpaid: Hold | None, *,
    is_suspended: bool, is_lifting: bool,
) -> Standing:  # fmt: skip
    kinds = {one.kind for one in held if one.lifted_at is None}
    if shown is not None and shown.gone_at is not None:
        return Standing.GONE
    if "abuse" in kinds:
        return Standing.BLOCKED
    if kinds & {"admin", "external"}:
        return Standing.HELD
    if unpaid is not None:
        return Standing.UNPAID
    if is_suspended:
        return Standing.LIFTING if is_lifting else Standing.HELD
    if shown is None:
        return Standing.UNSET
    return time or Standing.FREE
