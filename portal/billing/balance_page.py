"""A person's balance: what they have, what comes next, and a piece of the statement. Theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from portal import clock, mode
from portal.auth.sessions import Viewer
from portal.billing import bills, ledger, payment_reference, statement, terms
from portal.billing.bills import Bill, Standing
from portal.billing.money import Money, Total
from portal.billing.periods import DAY_S
from portal.billing.statement import Asked, Cursor, Page
from portal.servers import records

MOST_COMING = 20
NEXT_DAYS = 30


@dataclass(frozen=True)
class Coming:
    """A server of theirs that has a price, and when it is due."""

    name: str
    bill: Bill


@dataclass(frozen=True)
class Filter:
    """What a statement is asked for, as it was understood and as it was typed (`given`); `wrong` is what was not."""

    asked: Asked
    servers: Mapping[str, str]
    given: Mapping[str, str]
    wrong: str
    after: Cursor | None


@dataclass(frozen=True)
class BalancePage:
    """Balance and statement. `needed` is what their own servers cost within 30 days, with what is overdue."""

    balance: Money
    is_new: bool
    reference: str
    coming: tuple[Coming, ...]
    more_coming: int
    needed: tuple[Total, ...]
    lines: Page
    filter: Filter
    is_preview: bool

    @property
    def missing(self) -> Money | None:
        """By how much the balance is short of what their servers need; None when it is not."""
        mine = [one - self.balance for one in self.needed if one.currency == self.balance.currency]
        return mine[0] if mine and mine[0].minor > 0 else None

    @property
    def begins(self) -> Money | None:
        """The balance before the oldest line that is shown; None when lines between are left out."""
        if not self.lines.lines or self.filter.asked.kind or self.filter.asked.server_uuid:
            return None
        first = self.lines.lines[-1]
        return first.balance - first.amount

    @property
    def address(self) -> dict[str, str]:
        """The filter as parts of an address."""
        return {name: value for name, value in self.filter.given.items() if value}


def balance_page(
    viewer: Viewer, wanted: Filter, zone: tzinfo, *, limit: int = statement.PER_PAGE
) -> BalancePage:  # fmt: skip
    """The page as it was asked for; days of the filter are those of `zone`."""
    has = ledger.balance(viewer.account_id)
    coming = _coming(viewer)
    return BalancePage(
        balance=has or Money(0, mode.currency()),
        is_new=has is None,
        reference=payment_reference.reference_of(viewer.account_id),
        coming=tuple(coming[:MOST_COMING]),
        more_coming=max(0, len(coming) - MOST_COMING),
        needed=tuple(_needed(coming)),
        lines=statement.page(viewer.account_id, wanted.asked, zone, after=wanted.after, limit=limit),
        filter=wanted,
        is_preview=not mode.is_on(),
    )


def _coming(viewer: Viewer) -> list[Coming]:
    """Their own servers that have a price, the most urgent first."""
    if viewer.panel_user_id is None:
        return []
    mine = [uuid for uuid, rights in records.rights_of(viewer.panel_user_id).items() if rights.is_owner]
    stand = {uuid: one for uuid, one in terms.many(mine).items() if one.price and one.gone_at is None}
    told = bills.of(viewer.account_id, {uuid: one.server.identifier for uuid, one in stand.items()}, ())
    coming = [Coming(stand[uuid].server.name, bill) for uuid, bill in told.items()]
    return sorted(coming, key=lambda one: (one.bill.expires_at or 0, one.name))


def _needed(coming: list[Coming]) -> list[Total]:
    """What is due until then, by currency."""
    until = clock.now() + NEXT_DAYS * DAY_S
    sums: dict[str, Total] = {}
    for bill in (one.bill for one in coming if one.bill.standing is not Standing.BLOCKED):
        due, expires_at = bill.due, bill.expires_at
        if due is not None and expires_at is not None and expires_at <= until:
            sums[due.currency] = sums.get(due.currency, Total(0, due.currency)) + due
    return [sums[code] for code in sorted(sums)]
