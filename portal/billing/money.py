"""Money: whole numbers of a currency's smallest unit, with ISO 4217's own exponent. Never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Self

LARGEST: Final = 10**12
"""The largest amount, in minor units, to either side of zero."""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
    "JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
)
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS: Final = {
    code: exponent
    for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}
"""Decimals of each currency, as ISO 4217 lists them."""


class MoneyError(ValueError):
    """An amount that there cannot be; the message is one sentence for the person who typed it."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount of one currency. Raises MoneyError for another currency, TypeError for anything but an int."""

    MOST: ClassVar[int] = LARGEST

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"money is a whole number of minor units, not {type(self.minor).__name__}")
        if self.currency not in EXPONENTS:
            raise MoneyError(f"{self.currency[:8]} is no currency of ISO 4217.")
        if abs(self.minor) > self.MOST:
            raise MoneyError("That amount is too large.")

    def __add__(self, other: Money) -> Self:
        return type(self)(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Self:
        return type(self)(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def times(self, count: int) -> Self:
        """This amount `count` times."""
        if type(count) is not int:
            raise TypeError("money is multiplied by whole numbers only")
        return type(self)(self.minor * count, self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} are not added up.")
        return other

    @property
    def decimal(self) -> str:
        """The amount as people write it, without its currency: `-1234.50`. `parse` reads it again."""
        exponent = EXPONENTS[self.currency]
        digits = str(abs(self.minor)).rjust(exponent + 1, "0")
        whole, part = (digits[:-exponent], digits[-exponent:]) if exponent else (digits, "")
        return f"{'-' if self.minor < 0 else ''}{whole}{'.' if part else ''}{part}"

    def __str__(self) -> str:
        """The amount with its currency, thousands apart: `1,234.50 EUR`."""
        whole, dot, part = self.decimal.lstrip("-").partition(".")
        return f"{'-' if self.minor < 0 else ''}{int(whole):,}{dot}{part} {self.currency}"


class Total(Money):
    """What many amounts come to, to be shown: it may be larger than any amount that is moved."""

    MOST: ClassVar[int] = 10**24


def parse(text: str, currency: str, *, may_be_zero: bool = False) -> Money:
    """The positive amount that somebody typed, like `12`, `12.5` or `12,50`. Raises MoneyError with the reason."""
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        raise MoneyError(f"{currency[:8]} is no currency of ISO 4217.")
    found = re.fullmatch(r"([0-9]{1,15})(?:[.,]([0-9]{1,9}))?", text.strip())
    if found is None:
        raise MoneyError(f"Enter an amount in figures, like {'9 or 9.50' if exponent else '900'}.")
    whole, part = found[1], found[2] or ""
    if len(part) > exponent:
        decimals = f"{exponent} decimals" if exponent else "no decimals"
        raise MoneyError(f"{currency} has {decimals}.")
    minor = int(whole + part.ljust(exponent, "0"))
    if minor == 0 and not may_be_zero:
        raise MoneyError("The amount must be more than zero.")
    if minor > LARGEST:
        raise MoneyError("That amount is too large.")
    return Money(minor, currency)


def shares(total: Money, weights: list[int]) -> list[Money]:
    """An amount divided in proportion to `weights`; the parts add up to it exactly (largest remainder first).

    Raises ValueError without a weight above zero, or with one below.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are whole numbers from zero on, and not all of them zero")
    sign = -1 if total.minor < 0 else 1
    exact = [divmod(abs(total.minor) * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in exact]
    left = abs(total.minor) - sum(parts)
    for place in sorted(range(len(weights)), key=lambda one: (-exact[one][1], one))[:left]:
        parts[place] += 1
    return [Money(sign * part, total.currency) for part in parts]
