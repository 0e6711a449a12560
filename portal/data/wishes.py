"""What a take-over writes for each server: a price and a period, or that it is free, and until when it is paid."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from portal import clock, mode
from portal.billing.money import Money
from portal.billing.periods import LONGEST_PAYABLE, Period, PeriodError, end_of, grace_end
from portal.data.candidates import Candidate
from portal.panel import settings
from portal.sweep import forecast
from portal.sweep.forecast import TooMany

FREE: Final = "free"


@dataclass(frozen=True)
class Wish:
    """What is to be written for a server. `price` None: free.

    `is_exact`: this very expiry is meant; otherwise it is about one period from now, counted when it is written.
    """

    candidate: Candidate
    price: Money | None
    period: Period
    expires_at: int | None
    is_exact: bool = False
    auto_renew: bool = False

    @property
    def sentence(self) -> str:
        """Price, period and expiry in words."""
        if self.price is None or self.expires_at is None:
            return FREE
        until = datetime.fromtimestamp(self.expires_at, mode.zone())
        every = f"{self.period.count} {self.period.unit[:-1] if self.period.count == 1 else self.period.unit}"
        renewal = ", renews by itself" if self.auto_renew else ""
        return f"{self.price} for {every}, until {until:%Y-%m-%d %H:%M} {until.tzname()}{renewal}"


def wish(candidate: Candidate, price: Money | Literal["free"], period: Period, *, later_days: int = 0) -> Wish:
    """A server that is paid for one period from now on, and so many days more. Raises PeriodError."""
    if price == FREE:
        return Wish(candidate, None, period, None)
    expires_at = end_of(int(clock.now()), period, 1, mode.zone())
    return Wish(candidate, price, period, _later(expires_at, later_days), is_exact=later_days > 0)


def days_in(text: str) -> int:
    """The whole number of days that somebody typed. Raises PeriodError with the reason."""
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text) or not 1 <= int(text) <= LONGEST_PAYABLE["days"]:
        raise PeriodError(f"Enter a whole number of days, from 1 to {LONGEST_PAYABLE['days']}.")
    return int(text)


def too_many(wishes: list[Wish]) -> TooMany | None:
    """The worst day if all of these were written, or None when the guard allows each day."""
    return forecast.too_many([one.expires_at for one in wishes if one.expires_at is not None])


def spread(wishes: list[Wish], days: int) -> list[Wish]:
    """The same with expiries moved later, evenly over so many days from where they were.

    That is done for all that have no date of their own, and for those on days that are too full; each is moved once.
    """
    result = _moved(wishes, {at for at, one in enumerate(wishes) if one.expires_at and not one.is_exact}, days)
    moved = {at for at, one in enumerate(result) if one != wishes[at]}
    while (full := too_many(result)) is not None:
        mine = {at for at, one in enumerate(result) if one.expires_at and _day(one.expires_at) == full.date} - moved
        if len(mine) < 2:
            break
        result, moved = _moved(result, mine, days), moved | mine
    return result


def _moved(wishes: list[Wish], chosen: set[int], days: int) -> list[Wish]:
    result = list(wishes)
    for place, at in enumerate(sorted(chosen)):
        one = wishes[at]
        if one.expires_at is not None:
            later_days = place * days // len(chosen)
            is_exact = one.is_exact or later_days > 0
            result[at] = replace(one, expires_at=_later(one.expires_at, later_days), is_exact=is_exact)
    return result


def _later(expires_at: int, days: int) -> int:
    return end_of(expires_at, Period(days, "days"), 1, mode.zone()) if days else expires_at


def _day(expires_at: int) -> date:
    """The day on which it would be suspended if nobody paid."""
    chosen, zone = settings(), mode.zone()
    return datetime.fromtimestamp(grace_end(expires_at, chosen.grace_hours, chosen.grace_ends_hour, zone), zone).date()
