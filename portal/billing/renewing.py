"""Renewing a server from a balance: the charge, the new expiry, the released hold and the intent in one transaction.

What stops a second charge is UNIQUE(server, from_expiry): of all who renew from the same expiry, one does. The token of
the confirm page only carries what the person saw; if any of it is not so any more, nothing is charged.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import asdict, dataclass

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.audit import changes
from portal.billing import ledger, terms
from portal.billing.ledger import NotEnough, Posting
from portal.billing.models import Renewal, Term
from portal.billing.money import Money, MoneyError
from portal.billing.periods import DAY_S, HOUR_S, PeriodError, end_of
from portal.billing.terms import Terms
from portal.panel import settings
from portal.store import direct, read, restored, write
from portal.suspension import holds
from portal.suspension.holds import OpenHold

MOST_PERIODS = 24
MOST_BY_ITSELF = 3
"""So many periods at once are paid by a machine."""
MOST_OVERDUE = 4000
"""So many periods are looked through for a server that is long overdue."""
LONGEST_AHEAD_S = 5 * 366 * DAY_S
"""Nobody pays further ahead than this."""
SHOWN_FOR_S = HOUR_S
"""For so long a confirm page may promise time that is counted from when it was made."""
_RENEWALS, _TERMS = direct.table(Renewal), direct.table(Term)
_LAST = select(_RENEWALS.c.id).order_by(_RENEWALS.c.id.desc()).limit(1)
_ADD = insert(_RENEWALS)
_EXTEND = (
    update(_TERMS)
    .where(_TERMS.c.server_uuid == bindparam("server"))
    .values(expires_at=bindparam("until"), anchor=bindparam("counted_from"), periods=bindparam("count"))
)


class RenewalError(Exception):
    """A renewal that cannot be; nothing was charged. The message is a sentence for the person who clicked."""


class AlreadyRenewed(RenewalError):
    """Somebody renewed from this expiry already; `until` is the expiry now."""

    def __init__(self, until: int) -> None:
        super().__init__("It is renewed already. You were not charged.")
        self.until = until


class Changed(RenewalError):
    """Price, expiry or payer are not what the confirm page showed, or it showed a time that is over by now."""

    def __init__(self) -> None:
        super().__init__("The price or the expiry has changed meanwhile. You were not charged: look again.")


class TooShort(RenewalError):
    """Also with so many periods the server would be overdue."""

    def __init__(self) -> None:
        super().__init__("Also then it is overdue: choose a longer time.")


@dataclass(frozen=True)
class Offer:
    """What a renewal would be: for so many periods, from which expiry to which, for how much.

    `is_from_now` says that the server's next period begins now, because it is overdue and the host chose so.
    """

    server_uuid: str
    price_id: int
    from_expiry: int
    to_expiry: int
    periods: int
    amount_minor: int
    currency: str
    is_from_now: bool
    at: int

    @property
    def amount(self) -> Money:
        """What it costs in all."""
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True)
class Renewed:
    """A renewal that is paid. `starts` says whether a suspension is being lifted because of it."""

    id: int
    ledger_id: int
    paid: Money
    until: int
    balance: Money
    starts: bool


def offer(shown: Terms, periods: int) -> Offer:
    """What renewing for so many periods would be now. Raises RenewalError, PeriodError."""
    price, expires_at = shown.price, shown.expires_at
    if price is None or expires_at is None or shown.anchor is None:
        raise RenewalError("This server costs nothing, so there is nothing to renew.")
    if shown.gone_at is not None:
        raise RenewalError("The panel has this server no more, so it cannot be renewed.")
    if not 1 <= periods <= MOST_PERIODS and not 1 <= periods <= most_periods(shown):
        raise RenewalError(f"Choose from 1 to {most_periods(shown)} periods.")
    now = int(clock.now())
    is_from_now = _counts_from_now(expires_at, now)
    until = end_of(now, price.period, periods, mode.zone()) if is_from_now else shown.end_after(periods)
    until = max(until, expires_at + 1)
    if until > now + LONGEST_AHEAD_S:
        raise RenewalError("That is more than five years ahead.")
    if until <= now:
        raise TooShort
    amount = _cost(price.amount, periods)
    return Offer(
        shown.server.uuid, price.id, expires_at, until, periods, amount.minor, amount.currency, is_from_now, now
    )


def least_periods(shown: Terms) -> int:
    """How many periods it takes until a server is paid beyond now: 1, or more when it is long overdue."""
    if shown.price is None or shown.expires_at is None or settings().late_renewal == "now":
        return 1
    now = int(clock.now())
    if _is_beyond(shown, 1, now):
        return 1
    return 1 + bisect_left(range(1, MOST_OVERDUE), True, key=lambda count: _is_beyond(shown, count, now))


def is_long_overdue(shown: Terms) -> bool:
    """Whether it takes so many periods at once to bring a server back that only a person decides it."""
    return least_periods(shown) > MOST_BY_ITSELF


def most_periods(shown: Terms) -> int:
    """How many periods may be paid at once: as many as a long overdue server needs, if that is more than usual."""
    return max(MOST_PERIODS, least_periods(shown))


def token_of(account_id: int, shown: Offer) -> str:
    """What the confirm page hands back: everything that it showed, signed."""
    return str(_signer().dumps({"by": account_id, **asdict(shown)}))


def renew(
    account_id: int, token: str, *, server_uuid: str | None = None, accepts_hold: bool = False
) -> Renewed:  # fmt: skip
    """Pay what a token says from the balance of the person who clicks.

    `server_uuid` is the server that they may renew. `accepts_hold`: they were told that the host holds it, which a
    renewal does not change. Raises AlreadyRenewed, Changed, NotEnough, RenewalError, BillingOff; then nothing was
    charged.
    """
    try:
        said = dict(_signer().loads(token))
        by = said.pop("by")
        wanted = Offer(**said)
    except (BadSignature, TypeError, KeyError, ValueError):
        raise Changed from None
    if by != account_id or server_uuid not in (None, wanted.server_uuid):
        raise Changed
    return pay(account_id, wanted, accepts_hold=accepts_hold)


def pay(account_id: int, wanted: Offer, *, accepts_hold: bool = False, is_automatic: bool = False) -> Renewed:
    """The same for an offer that was made just now; errors as for `renew`."""
    with write() as session:
        return pay_in(session, account_id, wanted, accepts_hold=accepts_hold, is_automatic=is_automatic)


def pay_in(
    session: Session, account_id: int, wanted: Offer, *, accepts_hold: bool = False, is_automatic: bool = False
) -> Renewed:
    """The same inside somebody's write()."""
    mode.demand_on()
    if restored.state_in(session) is not None:
        raise RenewalError("The store was restored from a backup: renewals wait until your host has confirmed it.")
    return _pay_in(session, account_id, wanted, accepts_hold=accepts_hold, is_automatic=is_automatic)


def last_paid(server_uuid: str) -> int | None:
    """When a server was renewed last."""
    query = select(Renewal.at).where(Renewal.server_uuid == server_uuid).order_by(Renewal.from_expiry.desc()).limit(1)
    with read() as session:
        return session.scalar(query)


def _pay_in(session: Session, account_id: int, wanted: Offer, *, accepts_hold: bool, is_automatic: bool) -> Renewed:
    shown = terms.get_in(session, wanted.server_uuid)
    standing = _check_in(session, shown, wanted, accepts_hold=accepts_hold)
    until = terms.unused_in(session, wanted.server_uuid, wanted.to_expiry)  # a second more than shown, never less
    number = _next_id_in(session)
    charge = ledger.post_in(
        session,
        Posting(
            account_id, "charge", -wanted.amount, key=f"renewal:{number}", server_uuid=wanted.server_uuid,
            by=None if is_automatic else account_id, note=_note(shown, wanted.periods),
        ),
    )  # fmt: skip
    row = {
        "id": number, "server_uuid": wanted.server_uuid, "from_expiry": wanted.from_expiry,
        "to_expiry": until, "periods": wanted.periods, "price_id": wanted.price_id,
        "amount_minor": wanted.amount_minor, "currency": wanted.currency, "account_id": account_id,
        "ledger_id": charge.id, "is_automatic": is_automatic, "at": charge.at,
    }  # fmt: skip
    direct.execute(session, _ADD, row)
    _extend_in(session, shown, wanted, until, account_id, is_automatic=is_automatic)
    starts = False
    for hold in standing:
        if hold.kind == "unpaid" and until > clock.now():
            holds.release_in(session, hold, reason="paid", by=account_id, start_as=account_id)
            starts = True
    return Renewed(number, charge.id, wanted.amount, until, charge.balance, starts)


def _check_in(session: Session, shown: Terms | None, wanted: Offer, *, accepts_hold: bool) -> list[OpenHold]:
    """The server's open holds. Raises unless everything is as the offer says."""
    if shown is None or shown.price is None or shown.expires_at is None:
        raise Changed
    if shown.gone_at is not None:
        raise RenewalError("The panel has this server no more, so it cannot be renewed.")
    is_renewed = terms.is_renewed_from_in(session, wanted.server_uuid, wanted.from_expiry)
    if shown.expires_at != wanted.from_expiry:
        raise AlreadyRenewed(shown.expires_at) if is_renewed else Changed
    if is_renewed:
        raise RenewalError("It was renewed from this date once before. Ask your host to move its expiry by a day.")
    price = shown.price
    asked = (wanted.price_id, wanted.amount_minor, wanted.currency)
    if (price.id, _cost(price.amount, wanted.periods).minor, price.amount.currency) != asked:
        raise Changed
    _check_time(shown, wanted, shown.expires_at)
    standing = holds.open_in(session, wanted.server_uuid)
    if any(one.kind == "abuse" for one in standing):
        raise RenewalError("Your host has blocked this server. It cannot be renewed: ask your host.")
    if not accepts_hold and any(one.kind in ("admin", "external") for one in standing):
        raise RenewalError("Your host has suspended this server. It stays suspended also when you renew it.")
    return standing


def _check_time(shown: Terms, wanted: Offer, expires_at: int) -> None:
    """Raises Changed when the time that was shown is not what would be offered now, or is over; TooShort."""
    now = int(clock.now())
    if wanted.is_from_now != _counts_from_now(expires_at, now):
        raise Changed
    if wanted.is_from_now and now - wanted.at > SHOWN_FOR_S:
        raise Changed
    if not wanted.is_from_now and max(shown.end_after(wanted.periods), expires_at + 1) != wanted.to_expiry:
        raise Changed
    if wanted.to_expiry <= now:
        raise Changed if wanted.at < wanted.to_expiry else TooShort


def _counts_from_now(expires_at: int, now: int) -> bool:
    """Whether the next period of a server begins now: it is overdue, and the host chose so."""
    return settings().late_renewal == "now" and expires_at < now


def _is_beyond(shown: Terms, periods: int, now: int) -> bool:
    """Whether so many periods more reach beyond now; what is past all dates does."""
    try:
        return shown.end_after(periods) > now
    except PeriodError:
        return True


def _cost(amount: Money, periods: int) -> Money:
    try:
        return amount.times(periods)
    except MoneyError:
        raise RenewalError("So much cannot be paid at once: choose a shorter time, or ask your host.") from None


def _extend_in(
    session: Session, shown: Terms | None, wanted: Offer, until: int, account_id: int, *, is_automatic: bool
) -> None:
    assert shown is not None
    anchor, periods = shown.anchor, shown.periods + wanted.periods
    if wanted.is_from_now:
        anchor, periods = wanted.at, wanted.periods
    moved = {"server": wanted.server_uuid, "until": until, "counted_from": anchor, "count": periods}
    direct.execute(session, _EXTEND, moved)
    changes.note_in(
        session, "term", by=None if is_automatic else account_id, server_uuid=wanted.server_uuid, why="renewed",
        before={"expires_at": shown.expires_at, "anchor": shown.anchor, "periods": shown.periods},
        after={"expires_at": until, "anchor": anchor, "periods": periods},
    )  # fmt: skip


def _next_id_in(session: Session) -> int:
    return (direct.execute(session, _LAST).scalar() or 0) + 1


def _note(shown: Terms | None, periods: int) -> str:
    name = shown.server.name if shown else ""
    return f"{name[:100]}: {periods} {'period' if periods == 1 else 'periods'}"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="renewal")


__all__ = [
    "AlreadyRenewed", "Changed", "NotEnough", "Offer", "RenewalError", "Renewed", "TooShort", "is_long_overdue",
    "last_paid", "least_periods", "most_periods", "offer", "pay", "pay_in", "renew", "token_of",
]  # fmt: skip
