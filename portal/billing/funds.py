"""Whether a balance will do for an amount, and how much is missing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.billing.models import Balance
from portal.billing.money import Money
from portal.store import read


@dataclass(frozen=True)
class Funds:
    """What an account has for an amount. `missing` is None when it will do, or when `fits` is False: then the account
    is kept in another currency, and no payment in the amount's own can help."""

    balance: Money
    missing: Money | None
    fits: bool

    @property
    def do(self) -> bool:
        """Whether the amount could be paid now."""
        return self.fits and self.missing is None


def of(account_id: int, amount: Money) -> Funds:
    """What an account has for an amount; nothing, in the amount's currency, as long as it never had anything."""
    with read() as session:
        return of_in(session, account_id, amount)


def of_in(session: Session, account_id: int, amount: Money) -> Funds:
    """The same inside somebody's transaction."""
    row = session.get(Balance, account_id)
    if row is None:
        return Funds(Money(0, amount.currency), amount if amount.minor > 0 else None, True)
    balance = Money(row.balance_minor, row.currency)
    if row.currency != amount.currency:
        return Funds(balance, None, False)
    short = amount.minor - row.balance_minor - row.credit_limit_minor
    return Funds(balance, Money(short, amount.currency) if short > 0 else None, True)
