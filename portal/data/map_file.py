"""A file with prices and expiry of many servers: CSV with a line for each server, and names of columns above.

Columns are identifier and price, and if wanted currency, period, expires_at and auto_renew, in any order, separated by
commas, semicolons or tabs, in UTF-8. A line that is wrong is told by its number, and does not keep the others back.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from portal import clock, mode
from portal.billing.dates import day_at
from portal.billing.money import Money, MoneyError, parse
from portal.billing.periods import DAY_S, Period, PeriodError, payable
from portal.billing.renewing import LONGEST_AHEAD_S
from portal.data.wishes import FREE
from portal.web.text import one_line

COLUMNS: Final = ("identifier", "price", "currency", "period", "expires_at", "auto_renew")
NEEDED: Final = ("identifier", "price")
LONGEST_OVERDUE_S: Final = 366 * DAY_S
WORDS: Final = {
    "weekly": Period(7, "days"), "monthly": Period(1, "months"), "quarterly": Period(3, "months"),
    "semi-annually": Period(6, "months"), "annually": Period(12, "months"), "yearly": Period(12, "months"),
}  # fmt: skip
YES_OR_NO: Final = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}


class MapError(Exception):
    """The file as a whole cannot be used; the message is a sentence."""


@dataclass(frozen=True)
class Line:
    """What a line says of a server. `identifier` is short or the whole uuid; `price` None: free."""

    number: int
    identifier: str
    price: Money | None
    period: Period
    expires_at: int | None
    auto_renew: bool


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be used, and why."""

    number: int
    why: str


def load(path: Path, default_period: Period) -> tuple[list[Line], list[BadLine]]:
    """The lines of a file, good ones and bad ones. Raises MapError when it is no such file at all."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MapError(f"{path.name} is not in UTF-8: save it as CSV UTF-8.") from None
    except OSError as wrong:
        raise MapError(f"{path.name} cannot be read: {wrong.strerror}.") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    good, bad = [], []
    try:
        _check_columns(reader, path.name)
        for row in reader:
            try:
                good.append(_line(reader.line_num, row, default_period))
            except (MoneyError, PeriodError, ValueError) as wrong:
                bad.append(BadLine(reader.line_num, str(wrong)))
    except csv.Error as wrong:
        raise MapError(f"{path.name} is no CSV file from line {reader.line_num} on: {wrong}.") from None
    return _each_once(good, bad)


def _check_columns(reader: csv.DictReader[str], name: str) -> None:
    reader.fieldnames = names = [one.strip().lower() for one in reader.fieldnames or ()]
    unknown = sorted(set(names) - set(COLUMNS))
    missing = [one for one in NEEDED if one not in names]
    if missing or unknown or len(set(names)) != len(names):
        wrong = f"a column {one_line(unknown[0], 40)!r}" if unknown else "a column twice"
        what = f"has no column {missing[0]}" if missing else f"has {wrong}"
        raise MapError(f"{name} {what}: its first line names the columns, which are {', '.join(COLUMNS)}.")


def _line(number: int, row: dict[str, str | None], default_period: Period) -> Line:
    if None in row or None in row.values():
        raise ValueError("It has not as many columns as the first line.")
    cell = {name: (value or "").strip() for name, value in row.items()}
    identifier = cell["identifier"].lower()
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?", identifier):
        raise ValueError(f"{one_line(cell['identifier'], 40)!r} is no identifier of a server.")
    auto_renew = YES_OR_NO.get(cell.get("auto_renew", "").lower())
    if auto_renew is None:
        raise ValueError("auto_renew is yes or no.")
    expires_at = _instant(cell.get("expires_at", ""))
    if cell["price"].lower() == FREE:
        if auto_renew or expires_at is not None:
            raise ValueError("A free server never expires: leave expires_at and auto_renew empty.")
        return Line(number, identifier, None, default_period, None, False)
    price = parse(cell["price"], (cell.get("currency") or mode.currency()).upper())
    return Line(number, identifier, price, _period(cell.get("period", "")) or default_period, expires_at, auto_renew)


def _period(text: str) -> Period | None:
    if not text:
        return None
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    found = re.fullmatch(r"([0-9]{1,4})\s*(?:(d|days?)|(m|months?))?", text.lower())
    if found is None:
        raise PeriodError(f"{one_line(text, 40)!r} is no period: write it like 30 days, 1 month or monthly.")
    return payable(Period(int(found[1]), "months" if found[3] else "days"))


def _instant(text: str) -> int | None:
    """A date, or a date and time; what has no zone is in the host's, a date alone is the hour at which grace ends."""
    if not text:
        return None
    try:
        if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        if len(text) == len("2026-12-31"):
            at = day_at(date.fromisoformat(text))
        else:
            read = datetime.fromisoformat(text)
            at = round((read if read.tzinfo else read.replace(tzinfo=mode.zone())).timestamp())
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{one_line(text, 40)!r} is no date: write it like 2026-12-31 or 2026-12-31T18:00.") from None
    if not -LONGEST_OVERDUE_S <= at - clock.now() <= LONGEST_AHEAD_S:
        raise ValueError(f"{one_line(text, 40)} is more than a year ago, or more than five years ahead.")
    return at


def _each_once(good: list[Line], bad: list[BadLine]) -> tuple[list[Line], list[BadLine]]:
    """Two lines about one server contradict each other, so that none of them is used."""
    times = Counter(one.identifier[:8] for one in good)
    once = [one for one in good if times[one.identifier[:8]] == 1]
    twice = [one for one in good if times[one.identifier[:8]] > 1]
    bad += [BadLine(one.number, f"{one.identifier} stands in the file twice.") for one in twice]
    return once, sorted(bad, key=lambda one: one.number)
