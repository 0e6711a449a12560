"""What all servers of one owner take within the next days. Enough for each alone is not enough for all of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account
from portal.billing import funds, renewing, terms
from portal.billing.money import Money, MoneyError, Total
from portal.billing.periods import DAY_S
from portal.billing.terms import Terms
from portal.servers.models import Grant
from portal.store import read
from portal.suspension.models import Hold

NEXT_DAYS = 30


def due(shown: Terms | None) -> Money | None:
    """What brings a server back to paid; None when it costs nothing, or more than there can be."""
    if shown is None or shown.price is None:
        return None
    try:
        return shown.price.amount.times(renewing.least_periods(shown))
    except MoneyError:
        return None


def beyond(account_id: int, currency: str) -> Total | None:
    """What an owner's servers need within 30 days in a currency, if that is more than they have; None if it is not.

    None also for one server alone: there its own amount says it all.
    """
    with read() as session:
        uuids = _owned_in(session, account_id)
    amounts = [amount for one in terms.many(uuids).values() if _is_near(one) and (amount := due(one)) is not None]
    mine = [amount for amount in amounts if amount.currency == currency]
    if len(mine) < 2:
        return None
    total = Total(sum(one.minor for one in mine), currency)
    return total if funds.of(account_id, Money(min(total.minor, Money.MOST), currency)).missing else None


def _owned_in(session: Session, account_id: int) -> list[str]:
    """The servers that somebody owns, without those that the host has blocked: nobody can renew them."""
    is_blocked = select(Hold.id).where(
        Hold.server_uuid == Grant.server_uuid, Hold.kind == "abuse", Hold.released_at.is_(None),
        Hold.lifted_at.is_(None),
    )  # fmt: skip
    query = (
        select(Grant.server_uuid)
        .join(Account, Account.panel_user_id == Grant.panel_user_id)
        .where(Account.id == account_id, Grant.is_owner, ~Grant.is_revoked, ~is_blocked.exists())
    )
    return list(session.scalars(query))


def _is_near(one: Terms) -> bool:
    return one.gone_at is None and one.expires_at is not None and one.expires_at <= clock.now() + NEXT_DAYS * DAY_S
