"""Cron expressions as the panel's library reads them: what it accepts, and when one is due next.

It differs from cron itself: a day of the month and a day of the week that are both given mean either of them (`*/2`
too), `?`, `L`, `W` and `#` are known, and an expression that is not due within about 25 years counts as impossible.
"""
from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portal.demo import php

_MOST_STEPS = 1000
_STEP = re.compile(r"[+-]?(0|[1-9]\d*)", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?\d+(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")


class CronError(ValueError):
    """No valid expression, or one that is never due."""


@dataclass(frozen=True)
class _Field:
    """The range of a position and the names that stand for its numbers."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    first_name: int = 1

    def plain(self, text: str) -> str:
        return str(self.names.index(text.upper()) + self.first_name) if text.upper() in self.names else text

    def accepts(self, text: str) -> bool:
        """What every position allows: `*`, lists, steps, ranges, numbers, names."""
        text = self.plain(text)
        if text == "*":
            return True
        if "," in text:
            return all(self.accepts(part) for part in text.split(","))
        if "/" in text:
            span, step = text.split("/")[:2]
            return (not php.is_numeric(span) and self.accepts(span) and _STEP.fullmatch(step) is not None
                    and 0 < abs(int(step)) < 2**63)
        if "-" in text:
            ends = [self.plain(end) for end in text.split("-")]
            return len(ends) == 2 and "*" not in ends and all(self.accepts(end) for end in ends)
        return php.is_numeric(text) and "." not in text and self.low <= float(text) < self.high + 1

    def holds(self, number: int, part: str) -> bool:
        """Whether one part of a list is satisfied; raises CronError where the library does."""
        if "/" in part:
            return self._steps_on(number, part)
        if "-" in part:
            first, last = (_leading_int(self.plain(end)) for end in part.split("-", 1))
            return first <= number <= last
        return part == "*" or number == _leading_int(self.plain(part))

    def _steps_on(self, number: int, part: str) -> bool:
        """Names mean nothing here, and a step beyond the range wraps around."""
        span, step_text = part.split("/", 1)
        step = abs(_leading_int(step_text))
        start_text, _, end_text = (f"{self.low}-{self.high}" if span == "*" else span).partition("-")
        start = _leading_int(start_text)
        end = _leading_int(end_text) if end_text else start
        if not self.low <= start <= min(end, self.high) or end > self.high:
            raise CronError("an impossible range")
        if step > self.high:
            return number == self.low + step % (self.high - self.low + 1)
        return number in range(start, end + 1, step)


_MINUTE, _HOUR, _DAY = _Field(0, 59), _Field(0, 23), _Field(1, 31)
_MONTH = _Field(1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"))
_WEEKDAY = _Field(0, 7, ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"))


def next_run(expression: str, after: float) -> float:
    """The first moment that is due strictly after that one (unix seconds, UTC).  Raises CronError."""
    minute, hour, day, month, weekday = _split(expression)
    days: list[Callable[[date], bool]] = []
    if "*" in (day, weekday):
        days.append(lambda on: _is_day(on, day) and _is_weekday(on, weekday))
    else:
        days += [lambda on: _is_day(on, day)] if day != "?" else []
        days += [lambda on: _is_weekday(on, weekday)] if weekday != "?" else []
    hours, minutes = _numbers(_HOUR, hour), _numbers(_MINUTE, minute)
    start = datetime.fromtimestamp(after, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    found = [_first(start, is_due, _numbers(_MONTH, month), hours, minutes) for is_due in days]
    return min(found).timestamp()


def _split(expression: str) -> list[str]:
    parts = [part for part in _BLANKS.split(expression) if part]
    has_wrong_mark = "?" in (*parts[:2], *parts[3:4]) or parts[2:3] == parts[4:5] == ["?"]
    if len(parts) != 5 or has_wrong_mark:
        raise CronError("not five parts")
    accepts = (_MINUTE.accepts, _HOUR.accepts, _accepts_day, _MONTH.accepts, _accepts_weekday)
    if not all(accept(part) for accept, part in zip(accepts, parts, strict=True)):
        raise CronError("a part that is not valid")
    return parts


def _accepts_day(text: str) -> bool:
    if "," in text:
        return "W" not in text and "L" not in text and all(_accepts_day(part) for part in text.split(","))
    return _DAY.accepts(text) or text in ("?", "L") or (text.endswith("W") and _accepts_day(text[:-1]))


def _accepts_weekday(text: str) -> bool:
    if "," in text:
        return all(_accepts_weekday(part) for part in text.split(","))
    if _WEEKDAY.accepts(text) or text == "?":
        return True
    weekday, mark, which = text.partition("#")
    if mark and _WEEKDAY.accepts(weekday) and php.is_numeric(which) and 1 <= float(which) < 6:
        return True
    return text.endswith("L") and _accepts_weekday(text[:-1])


def _first(start: datetime, is_due: Callable[[date], bool], months: list[int], hours: list[int],
           minutes: list[int]) -> datetime:
    moment = start
    for _ in range(_MOST_STEPS):
        if moment.month not in months:
            moment = moment.replace(day=1, hour=0, minute=0) + timedelta(days=monthrange(moment.year, moment.month)[1])
        elif not is_due(moment.date()) or (at := _time_of_day(moment, hours, minutes)) is None:
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        else:
            return at
    raise CronError("never due")


def _time_of_day(start: datetime, hours: list[int], minutes: list[int]) -> datetime | None:
    """The first of that day that is not before `start`."""
    times = ((hour, minute) for hour in hours for minute in minutes if (hour, minute) >= (start.hour, start.minute))
    found = next(times, None)
    return None if found is None else start.replace(hour=found[0], minute=found[1])


def _numbers(field: _Field, text: str) -> list[int]:
    numbers = [number for number in range(field.low, field.high + 1)
               if any(field.holds(number, part) for part in text.split(","))]
    if not numbers:
        raise CronError("never due")
    return numbers


def _is_day(on: date, text: str) -> bool:
    return any(_is_one_day(on, part) for part in text.split(","))


def _is_one_day(on: date, part: str) -> bool:
    if part == "?":
        return True
    if part == "L":
        return on.day == monthrange(on.year, on.month)[1]
    if "W" in part:
        return on == _nearest_weekday(on, _leading_int(part))
    return _DAY.holds(on.day, part)


def _nearest_weekday(month: date, day: int) -> date | None:
    """From Monday to Friday, without leaving the month."""
    last = monthrange(month.year, month.month)[1]
    if not 1 <= day <= last:
        return None
    target = month.replace(day=day)
    for shift in (0, -1, 1, -2, 2):
        near = target + timedelta(days=shift)
        if near.month == month.month and near.isoweekday() < 6:
            return near
    return None


def _is_weekday(on: date, text: str) -> bool:
    return any(_is_one_weekday(on, part) for part in text.split(","))


def _is_one_weekday(on: date, part: str) -> bool:
    part = _WEEKDAY.plain(part)
    if part == "?":
        return True
    if "L" in part[1:]:
        weekday = _leading_int(_WEEKDAY.plain(part[:part.index("L", 1)])) % 7
        return on.isoweekday() % 7 == weekday and on.day + 7 > monthrange(on.year, on.month)[1]
    if "#" in part:
        weekday_text, _, which = part.partition("#")
        weekday = 7 if weekday_text == "0" else _leading_int(_WEEKDAY.plain(weekday_text))
        return on.isoweekday() == weekday and (on.day - 1) // 7 + 1 == int(float(which))
    if "-" in part:
        first, _, last = part.partition("-")
        first, last = ("0", last) if first == "7" else (first, "7" if last == "0" else last)
        part = f"{first}-{last}"
    return _WEEKDAY.holds(on.isoweekday() if "7" in part else on.isoweekday() % 7, part)


def _leading_int(text: str) -> int:
    """`(int) $text`: 0 where no number begins."""
    found = _NUMBER.match(text)
    return int(float(found[0])) if found else 0
