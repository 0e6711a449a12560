"""What one server costs, as a person with access to it is shown; and what a renewal would be. No panel call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.auth.sessions import Viewer
from portal.billing import bills, funds, ledger, needs, price_history, renewing, terms
from portal.billing.bills import Bill, Standing
from portal.billing.funds import Funds
from portal.billing.models import LedgerEntry, Renewal
from portal.billing.money import Money
from portal.billing.periods import PeriodError
from portal.billing.price_history import PriceLine
from portal.billing.renewing import Offer, RenewalError
from portal.billing.terms import Terms
from portal.servers.reading import Entitled
from portal.servers.rows import digest
from portal.store import read
from portal.suspension.models import Observed

PER_PAGE = 12
OFFERED = (1, 2, 3, 6, 12, 24)
"""So many periods are offered, with the fewest that reach beyond now; any other number may be asked for."""


@dataclass(frozen=True)
class RenewalLine:
    """One paid time. Who paid is told to nobody but themselves."""

    id: int
    at: int
    from_expiry: int
    to_expiry: int
    amount: Money
    is_mine: bool
    is_automatic: bool


@dataclass(frozen=True)
class BillingPage:
    """One server's price page. `older` is where the next page of renewals begins."""

    identifier: str
    name: str
    address: str | None
    is_owner: bool
    bill: Bill
    prices: tuple[PriceLine, ...]
    renewals: tuple[RenewalLine, ...]
    older: int | None
    funds: Funds | None
    beyond: Money | None
    """What their servers need within 30 days, if that is more than they have."""

    @property
    def version(self) -> str:
        """Changes whenever how it stands would look different."""
        return digest(self.bill, self.bill.is_past_grace, self.funds, self.beyond)


@dataclass(frozen=True)
class Receipt:
    """What a renewal was: paid, until when, and the balance after it."""

    paid: Money
    until: int
    balance: Money


@dataclass(frozen=True)
class Choice:
    """One number of periods that is offered."""

    periods: int
    amount: Money
    until: int


@dataclass(frozen=True)
class RenewPage:
    """The confirm page of a renewal. Without `offer` it cannot be: `wrong` is why, in a sentence."""

    identifier: str
    name: str
    bill: Bill
    payer: str
    choices: tuple[Choice, ...]
    offer: Offer | None
    wrong: str
    token: str
    funds: Funds | None
    after: Money | None
    is_late: bool
    is_held: bool
    is_stopped: bool
    """The books do not add up, so no money is moved until the host has looked at them."""

    @property
    def can_pay(self) -> bool:
        """Whether there is a button to pay with."""
        is_open = self.bill.can_renew and not self.is_stopped
        return self.offer is not None and is_open and self.funds is not None and self.funds.do


def billing_page(viewer: Viewer, server: Entitled, before: int | None = None) -> BillingPage:
    """The price page of a server; `before` is an expiry from which a renewal is not shown any more."""
    name, bill, shown = _standing(viewer, server)
    renewals = _renewals(server.uuid, viewer.account_id, before)
    is_more = len(renewals) > PER_PAGE
    lines = tuple(renewals[:PER_PAGE])
    return BillingPage(
        identifier=server.identifier,
        name=name,
        address=server.facts.address if server.facts else None,
        is_owner=server.rights.is_owner,
        bill=bill,
        prices=tuple(price_history.of(server.uuid)) if bill.amount else (),
        renewals=lines,
        older=lines[-1].from_expiry if is_more else None,
        funds=funds.of(viewer.account_id, bill.due) if shown and bill.due else None,
        beyond=needs.beyond(viewer.account_id, bill.due.currency) if shown and bill.due else None,
    )


def renew_page(viewer: Viewer, server: Entitled, periods: int | None) -> RenewPage:
    """What renewing for so many periods would be; by default for as many as reach beyond now."""
    name, bill, shown = _standing(viewer, server)
    offer, wrong = None, ""
    least = renewing.least_periods(shown) if shown else 1
    if shown is not None:
        try:
            offer = renewing.offer(shown, least if periods is None else periods)
        except (RenewalError, PeriodError, terms.TermError) as refused:
            wrong = str(refused)
    mine = funds.of(viewer.account_id, offer.amount) if offer else None
    return RenewPage(
        identifier=server.identifier,
        name=name,
        bill=bill,
        payer=viewer.email,
        choices=tuple(_choices(shown, {least, offer.periods if offer else least})) if shown else (),
        offer=offer,
        wrong=wrong,
        token=renewing.token_of(viewer.account_id, offer) if offer else "",
        funds=mine,
        after=mine.balance - offer.amount if mine and mine.do and offer else None,
        is_late=bill.time is Standing.OVERDUE,
        is_held=bill.standing is Standing.HELD,
        is_stopped=ledger.is_stopped(),
    )


def renewal(viewer: Viewer, server_uuid: str, paid_from: int) -> RenewalLine | None:
    """The renewal that this person paid from an expiry; None when they did not."""
    mine = (Renewal.server_uuid == server_uuid, Renewal.account_id == viewer.account_id)
    with read() as session:
        row = session.scalar(select(Renewal).where(*mine, Renewal.from_expiry == paid_from))
    return _renewal(row, viewer.account_id) if row else None


def receipt(viewer: Viewer, server_uuid: str, number: int) -> Receipt | None:
    """What this person paid with a renewal of this server; None when they did not."""
    query = (
        select(Renewal, LedgerEntry.balance_after)
        .join(LedgerEntry, LedgerEntry.id == Renewal.ledger_id)
        .where(Renewal.id == number, Renewal.server_uuid == server_uuid, Renewal.account_id == viewer.account_id)
    )
    with read() as session:
        row = session.execute(query).first()
    if row is None:
        return None
    paid, after = row
    return Receipt(Money(paid.amount_minor, paid.currency), paid.to_expiry, Money(after, paid.currency))


def is_suspended(server: Entitled) -> bool:
    """Whether the panel showed the server suspended, as far as anybody here has seen it."""
    if server.facts is not None:
        return server.facts.status == "suspended"
    with read() as session:
        seen = session.get(Observed, server.uuid)
    return seen is not None and seen.is_suspended


def _standing(viewer: Viewer, server: Entitled) -> tuple[str, Bill, Terms | None]:
    suspended = [server.uuid] if is_suspended(server) else []
    bill = bills.of(viewer.account_id, {server.uuid: server.identifier}, suspended)[server.uuid]
    if server.facts is not None:
        return server.facts.name, bill, terms.of(server.uuid)
    with read() as session:
        known = terms.known_in(session, server.uuid)
        return known.name if known else server.identifier, bill, terms.get_in(session, server.uuid)


def _choices(shown: Terms, also: set[int]) -> list[Choice]:
    found = []
    for periods in sorted({*OFFERED, *also}):
        if periods < min(also):
            continue
        try:
            one = renewing.offer(shown, periods)
        except (RenewalError, PeriodError, terms.TermError):
            continue
        found.append(Choice(periods, one.amount, one.to_expiry))
    return found


def _renewals(server_uuid: str, account_id: int, before: int | None) -> Sequence[RenewalLine]:
    query = select(Renewal).where(Renewal.server_uuid == server_uuid)
    if before is not None:
        query = query.where(Renewal.from_expiry < before)
    with read() as session:
        rows = session.scalars(query.order_by(Renewal.from_expiry.desc()).limit(PER_PAGE + 1)).all()
    return [_renewal(row, account_id) for row in rows]


def _renewal(row: Renewal, account_id: int) -> RenewalLine:
    return RenewalLine(
        row.id, row.at, row.from_expiry, row.to_expiry, Money(row.amount_minor, row.currency),
        row.account_id == account_id, row.is_automatic,
    )  # fmt: skip
