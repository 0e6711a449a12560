"""What the sweeps of the next days would do if nobody paid, and how many servers may expire on one day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal import clock, mode
from portal.auth.mails import can_mail
from portal.billing import owners, terms
from portal.billing.models import Term
from portal.billing.money import Money
from portal.billing.periods import DAY_S
from portal.billing.terms import Known, Terms
from portal.store import read
from portal.suspension.models import Hold, Observed
from portal.sweep import candidates, gates
from portal.sweep.candidates import EXPIRES, grace_over_at
from portal.web.i18n import _

AT_ONCE = 500


@dataclass(frozen=True)
class Line:
    """A server that would be suspended, and the price of one period. `why`: what stands against it, or empty.

    `is_reminded_first`: its owner is to be reminded yet, and the server would be suspended a day later.
    """

    server: Known
    expires_at: int
    at: int
    amount: Money
    account_id: int | None
    why: str
    is_reminded_first: bool = False


@dataclass(frozen=True)
class Day:
    """A day of the host: its servers, those of them that would be suspended, and what they would pay by currency.

    `is_frozen`: these are more than `limit`, what one run (or 24 hours) may; `why` is the sentence about it.
    """

    date: date
    lines: tuple[Line, ...]
    count: int
    amounts: tuple[Money, ...]
    limit: int
    is_frozen: bool
    why: str

    @property
    def struck(self) -> tuple[Line, ...]:
        """Those that would be suspended."""
        return tuple(line for line in self.lines if not line.why)

    @property
    def left(self) -> tuple[Line, ...]:
        """Those that would be left alone."""
        return tuple(line for line in self.lines if line.why)


@dataclass(frozen=True)
class TooMany:
    """A day on which more servers would be suspended than one run may. Spread over `days` days they would not be."""

    date: date
    count: int
    limit: int
    days: int

    @property
    def sentence(self) -> str:
        """What to tell whoever is asking for it."""
        return _(
            "%(count)s servers would be suspended on %(date)s if nobody paid; the guard allows %(limit)s on one day.",
            count=self.count, date=self.date.isoformat(), limit=self.limit,
        )  # fmt: skip


def forecast(days: int = 7) -> list[Day]:
    """Each of the next days, today first; also those on which nothing would be suspended."""
    now = int(clock.now())
    today = _date(now)
    by_day: defaultdict[date, list[Line]] = defaultdict(list)
    overdue = candidates.find(now)
    for line in (*_overdue(overdue, now), *_coming(now, now + (days + 1) * DAY_S)):
        by_day[_date(line.at)].append(line)
    running, found = overdue.running_paid, []
    for one in (today + timedelta(days=number) for number in range(days)):
        day = _day(one, by_day[one], running)
        found.append(day)
        running -= 0 if day.is_frozen else day.count
    return found


def too_many(expiries: Collection[int], *, replaced: Collection[str] = ()) -> TooMany | None:
    """The worst day if servers expired at these instants besides those that are known, or None when each day will do.

    `replaced` are the servers whose present expiry the new ones take the place of. New servers count as running.
    """
    if not expiries:
        return None
    counts = Counter(_date(grace_over_at(one)) for one in expiries)
    gone = set(replaced)
    with read() as session:
        near = select(Term.server_uuid, Term.expires_at).where(
            EXPIRES, Term.expires_at.between(min(expiries) - 3 * DAY_S, max(expiries) + 3 * DAY_S)
        )
        known = [row.expires_at for row in session.execute(near) if row.server_uuid not in gone]
    there = Counter(_date(grace_over_at(one)) for one in known)
    running = max(1, candidates.running_paid() + len(expiries) - len(gone))
    limit = min(gates.most_at_once(running), gates.most_a_day(running))
    worst, new = max(counts.items(), key=lambda item: (item[1] + there[item[0]], item[0]))
    count = new + there[worst]
    if count <= limit:
        return None
    return TooMany(worst, count, limit, -(-len(expiries) // limit))


def _overdue(found: candidates.Found, now: int) -> Iterable[Line]:
    """What grace is over for stands under today; whose owner can be reminded now, under the same time tomorrow."""
    standing = _many([one.server.uuid for one in found.due])
    can_remind = can_mail() or not mode.is_on()
    for one in found.due:
        shown = standing.get(one.server.uuid)
        if shown is None or shown.price is None:
            continue
        is_first = one.state == "no_notice" and can_remind
        why = "" if one.state == "ready" or is_first else one.why
        at = now + candidates.NOTICE_S if is_first else now
        yield Line(one.server, one.expires_at, at, shown.price.amount, one.account_id, why, is_first)


def _coming(now: int, until: int) -> Iterable[Line]:
    """Servers whose grace ends later than now; each is taken to be reminded in time, as nobody can know yet."""
    held = select(Hold.id).where(Hold.server_uuid == Term.server_uuid, Hold.released_at.is_(None)).exists()
    query = (
        select(Term.server_uuid, Term.expires_at, held.label("is_held"), Observed.is_suspended)
        .outerjoin(Observed, Observed.server_uuid == Term.server_uuid)
        .where(EXPIRES, Term.expires_at.between(now - 62 * DAY_S, until))
        .order_by(Term.expires_at)
    )
    with read() as session:
        rows = [row for row in session.execute(query) if grace_over_at(row.expires_at) > now]
    standing = _many([row.server_uuid for row in rows])
    owned = owners.of([row.server_uuid for row in rows])
    for row in rows:
        shown, owner = standing.get(row.server_uuid), owned.get(row.server_uuid)
        if shown is None or shown.price is None:
            continue
        why = ""
        if row.is_held or row.is_suspended:
            why = _("It is suspended already.")
        elif owner is None:
            why = _("The panel names no owner who has an account here.")
        at = grace_over_at(row.expires_at)
        number = owner.account_id if owner else None
        yield Line(shown.server, row.expires_at, at, shown.price.amount, number, why)


def _day(one: date, lines: list[Line], running: int) -> Day:
    struck = [line for line in lines if not line.why]
    limit = min(gates.most_at_once(running), gates.most_a_day(running))
    sums: Counter[str] = Counter()
    for line in struck:
        sums[line.amount.currency] += line.amount.minor
    amounts = tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))
    is_frozen = len(struck) > limit
    why = ""
    if is_frozen:
        why = _(
            "%(count)s of %(all)s running paid servers: more than %(limit)s are not suspended without approval.",
            count=len(struck), all=running, limit=limit,
        )  # fmt: skip
    return Day(one, tuple(lines), len(struck), amounts, limit, is_frozen, why)


def _many(server_uuids: list[str]) -> dict[str, Terms]:
    found: dict[str, Terms] = {}
    for first in range(0, len(server_uuids), AT_ONCE):
        found |= terms.many(server_uuids[first : first + AT_ONCE])
    return found


def _date(at: int) -> date:
    return datetime.fromtimestamp(at, mode.zone()).date()
