"""Amounts and dates as banks write them: `1.234,56`, `1,234.56`, `12.50-`, `31.01.2026`. Nothing is guessed.

Whether a point or a comma parts the decimals is told by the whole column: one figure that can be read in one way only
decides it. When none does, figures such as `1,234` cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from portal.billing.money import EXPONENTS, LARGEST
from portal.credit.table import BadFile

_MARKS = {".": ",", ",": "."}
_SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN", "₹": "INR"}
_FIGURE = re.compile(
    r"(?P<open>\()?(?P<before>[+-]?) ?(?P<first>[A-Z]{3}|€|£|zł|₹)? ?(?P<inner>[+-]?)(?P<number>[0-9][0-9.,' ]*)"
    r" ?(?P<last>[A-Z]{3}|€|£|zł|₹)? ?(?P<after>[+-]?)(?P<close>\))?"
)
_DATES = (
    (re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[ T].*)?", re.ASCII)),
    (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4}|\d{2})(?: .*)?", re.ASCII)),
    (re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", re.ASCII)),
)
_OTHER_DATE = re.compile(r"\d{1,2}[-/](?:\d{1,2}|[A-Za-z]{3})[-/]\d{2,4}(?: .*)?", re.ASCII)


class Unreadable(ValueError):
    """A figure or a date that cannot be read in one way; the message is half a sentence."""


def decimal_mark(figures: Iterable[str], currency: str) -> str | None:
    """The sign before the decimals in a column, None when nothing tells. Raises BadFile when it tells both."""
    told = {_told(_number(figure), EXPONENTS[currency]) for figure in figures} - {None}
    if len(told) > 1:
        raise BadFile("Some amounts have a decimal point and some a decimal comma: the file cannot be read.")
    return told.pop() if told else None


def minor_units(figure: str, currency: str, mark: str | None) -> tuple[int, str | None]:
    """An amount in minor units, below zero if it went out; and the currency that stands beside it, if one does.

    Raises Unreadable.
    """
    found = _FIGURE.fullmatch(_cleaned(figure))
    if found is None or bool(found["open"]) != bool(found["close"]):
        raise Unreadable("its amount cannot be read")
    signs = "".join(found[name] for name in ("before", "inner", "after")) + ("-" if found["open"] else "")
    named = {_SYMBOLS.get(one, one) for one in (found["first"], found["last"]) if one}
    if len(signs) > 1 or len(named) > 1:
        raise Unreadable("its amount cannot be read")
    minor = _minor(found["number"].strip(), EXPONENTS[currency], mark)
    return (-minor if signs == "-" else minor), (named.pop() if named else None)


def day(text: str) -> str:
    """A date as ISO writes it; one of which day and month may be swapped stays as it is. Raises Unreadable."""
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
            try:
                return date(year, int(found["m"]), int(found["d"])).isoformat()
            except ValueError:
                raise Unreadable("its date cannot be read") from None
    if _OTHER_DATE.fullmatch(text):
        return text[:30]
    raise Unreadable("its date cannot be read")


def _cleaned(figure: str) -> str:
    return " ".join(figure.replace("−", "-").replace("’", "'").split())


def _number(figure: str) -> str:
    found = _FIGURE.fullmatch(_cleaned(figure))
    return found["number"].strip() if found else ""


def _told(number: str, exponent: int) -> str | None:
    """What one figure tells of the decimal sign."""
    marks = [letter for letter in number if letter in _MARKS]
    if not marks:
        return None
    last, decimals = marks[-1], len(number) - 1 - max(number.rfind(mark) for mark in _MARKS)
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return _MARKS[last]
    whole = number.partition(last)[0]
    if decimals != 3 or len(whole) > 3 or whole.startswith("0"):
        return last
    return _MARKS[last] if exponent == 0 else None


def _minor(number: str, exponent: int, mark: str | None) -> int:
    if mark is None:
        whole, part = (number, "") if re.fullmatch(r"\d+|\d{1,3}([ ']\d{3})+", number, re.ASCII) else ("", "")
        if not whole:
            raise Unreadable("whether its amount has decimals cannot be told")
    else:
        groups = rf"\d{{1,3}}(?:([{re.escape(_MARKS[mark])}' ])\d{{3}})(?:\2\d{{3}})*"
        found = re.fullmatch(rf"(\d+|{groups})(?:{re.escape(mark)}(\d+))?", number, re.ASCII)
        if found is None:
            raise Unreadable("its amount cannot be read")
        whole, part = found[1], (found[3] or "")
    if len(part) > exponent:
        if part[exponent:].strip("0"):
            raise Unreadable("its amount has more decimals than its currency")
        part = part[:exponent]
    digits = re.sub(r"\D", "", whole)
    if len(digits) > 15:
        raise Unreadable("its amount is too large")
    minor = int(digits + part.ljust(exponent, "0"))
    if minor > LARGEST:
        raise Unreadable("its amount is too large")
    return minor
