"""Cron lines as the panel's library reads them: which moments a line means, and when it is due next.

Nothing here knows of servers, pages or the panel. The library differs from cron in much: a day of the month and a day
of the week that are both given mean either of them, names count only where they stand alone or in a range, a step
that is larger than its field wraps around, and a line that is not due within about 25 years is refused.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

FIELDS = ("minute", "hour", "day_of_month", "month", "day_of_week")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
LOOKS_AHEAD = 1000
"""So many months and days the panel's library passes over before it calls a line impossible."""

_WHOLE = re.compile(r"\+?\d+(?:e\+?\d+)?", re.ASCII | re.IGNORECASE)
_ANY_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_LEADING = re.compile(r"[+-]?\d+(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_STEP = re.compile(r"[+-]?(?:0|[1-9]\d*)", re.ASCII)


class BadCron(ValueError):
    """The panel would refuse the line. `field` is the one that is wrong, empty when it is the line as a whole."""

    def __init__(self, why: Literal["form", "marks", "never"], field: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.field = field


class _Impossible(ValueError):
    """A range with a step that lies outside of its field; the library gives up when it comes to it."""


@dataclass(frozen=True)
class Rule:
    """Which days one part of a list means: `numbers` of the month or of the week (1 Monday ... 7 Sunday), the last day,
    the weekday nearest to a day, a weekday's nth (`number`, `nth`) or last in the month. None: not even the library
    knows."""

    kind: Literal["day", "last", "near", "weekday", "nth", "last_weekday", "impossible"]
    numbers: frozenset[int] = frozenset()
    number: int = 0
    nth: int = 0

    @property
    def is_every(self) -> bool:
        """Whether every day is meant."""
        return len(self.numbers) == {"day": 31, "weekday": 7}.get(self.kind, 0) > 0

    @property
    def falls_ever(self) -> bool:
        """Whether any day at all can be meant."""
        match self.kind:
            case "day" | "weekday":
                return bool(self.numbers)
            case "near":
                return 1 <= self.number <= 31
            case "nth":
                return 1 <= self.number <= 7
            case kind:
                return kind != "impossible"

    def falls(self, on: date) -> bool:
        """Whether a day is meant. Raises ValueError where the library gives up."""
        match self.kind:
            case "day":
                return on.day in self.numbers
            case "last":
                return on.day == _days(on)
            case "near":
                return on.day == _nearest(on, self.number)
            case "weekday":
                return on.isoweekday() in self.numbers
            case "nth":
                return on.isoweekday() == self.number and (on.day + 6) // 7 == self.nth
            case "last_weekday":
                return on.isoweekday() == self.number and on.day + 7 > _days(on)
            case _:
                raise _Impossible


Days = tuple[Rule, ...]


@dataclass(frozen=True)
class Line:
    """What a cron line means. A day is meant when any rule of any group means it; no group at all: every day.

    `is_hourly`: the hours are left open (`*`), so that it also runs in the hour that a clock set back has twice.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    groups: tuple[Days, ...]
    is_hourly: bool = False

    def matches(self, at: datetime) -> bool:
        """Whether it is due in this minute of the panel's clock."""
        return (
            at.minute in self.minutes
            and at.hour in self.hours
            and at.month in self.months
            and (not self.groups or any(_falls(group, at.date()) for group in self.groups))
        )


def parse(minute: str, hour: str, day_of_month: str, month: str, day_of_week: str) -> Line:
    """Read the five fields. Raises BadCron for what the panel refuses by its form; see `following` for the rest."""
    texts = dict(zip(FIELDS, (minute, hour, day_of_month, month, day_of_week), strict=True))
    texts = {name: text.strip(" \t\n\r\f\v\0") for name, text in texts.items()}
    for name, text in texts.items():
        if not text or re.search(r"[ \t\n\r\f\v]", text) or not _ACCEPTS[name](text):
            raise BadCron("form", name)
    day, weekday = texts["day_of_month"], texts["day_of_week"]
    if day == weekday == "?":
        raise BadCron("marks", "day_of_week")
    if "*" in (day, weekday):
        chosen = [text for text in (day, weekday) if text not in ("*", "?")]
        groups = [_day_rules(day) if chosen[0] is day else _weekday_rules(weekday)] if chosen else []
    else:
        groups = ([_day_rules(day)] if day != "?" else []) + ([_weekday_rules(weekday)] if weekday != "?" else [])
    return Line(
        minutes=_numbers(_MINUTE, texts["minute"], "minute"),
        hours=_numbers(_HOUR, texts["hour"], "hour"),
        months=_numbers(_MONTH, texts["month"], "month"),
        groups=tuple(groups),
        is_hourly=texts["hour"] == "*",
    )


def following(line: Line, after: datetime, zone: tzinfo = UTC, count: int = 3) -> list[datetime]:
    """The next `count` moments after one (aware), in the panel's zone. Raises BadCron when the panel finds none.

    When clocks go forward, what the night skips runs at once after it; when they go back, a line with hours of its own
    runs in the second of the two hours, one that runs every hour in both.
    """
    local = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    around = {(local + timedelta(hours=by)).replace(tzinfo=zone).utcoffset() for by in (-4, 0, 4)}
    moment = local - timedelta(hours=4) if len(around) > 1 else local
    found: set[datetime] = set()
    while True:
        moment = _next(line, moment)
        found |= {one for one in _instants(moment, zone, line.is_hourly) if one > after}
        due = sorted(found)[:count]
        if len(due) == count and moment.replace(tzinfo=zone) > due[-1].astimezone(zone) + timedelta(hours=4):
            return [one.astimezone(zone) for one in due]
        if len(due) == count and len(around) == 1 and _is_steady(due, zone):
            return [one.astimezone(zone) for one in due]


def _is_steady(due: list[datetime], zone: tzinfo) -> bool:
    """Whether no clock is set around any of these moments."""
    offsets = ({(one + timedelta(hours=by)).astimezone(zone).utcoffset() for by in (-4, 4)} for one in due)
    return all(len(one) == 1 for one in offsets)


def _instants(local: datetime, zone: tzinfo, is_hourly: bool) -> tuple[datetime, ...]:
    """Which moments a time of the panel's clock is, as UTC: none is skipped, and one may come twice."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first >= second:  # the usual one, or one that the clock leaps over: the old time goes on
        return (first,)
    return (first, second) if is_hourly else (second,)


def _next(line: Line, after: datetime) -> datetime:
    """The next minute of the panel's clock that is due; each group must have one, as the library asks for each."""
    start = after + timedelta(minutes=1)
    if not line.groups:
        return _first(line, start, lambda _on: True)
    return min(_first(line, start, _meaning(group)) for group in line.groups)


def _meaning(group: Days) -> Callable[[date], bool]:
    return lambda on: _falls(group, on)


def _first(line: Line, start: datetime, is_due: Callable[[date], bool]) -> datetime:
    moment = start
    for _ in range(LOOKS_AHEAD):
        if moment.month not in line.months:
            moment = moment.replace(day=1, hour=0, minute=0) + timedelta(days=_days(moment))
            continue
        try:
            is_meant = is_due(moment.date())
        except _Impossible:
            raise BadCron("never") from None
        times = ((hour, minute) for hour in line.hours for minute in line.minutes)
        if is_meant and (found := next((one for one in times if one >= (moment.hour, moment.minute)), None)):
            return moment.replace(hour=found[0], minute=found[1])
        moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
    raise BadCron("never")


def _falls(group: Days, on: date) -> bool:
    return any(rule.falls(on) for rule in group)


def _days(on: date) -> int:
    return monthrange(on.year, on.month)[1]


def _nearest(on: date, day: int) -> int | None:
    """The day from Monday to Friday that is nearest to a day of the month, without leaving the month."""
    if not 1 <= day <= _days(on):
        return None
    weekday = on.replace(day=day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else 3
    if weekday == 7:
        return day + 1 if day < _days(on) else day - 2
    return day


@dataclass(frozen=True)
class _Field:
    """The range of a position, and the names that stand for its numbers from 1 on."""

    low: int
    high: int
    names: tuple[str, ...] = ()

    def named(self, text: str) -> str:
        return str(self.names.index(text.upper()) + 1) if text.upper() in self.names else text

    def accepts(self, text: str) -> bool:
        """What every position takes: `*`, lists, steps, ranges, numbers, names."""
        text = self.named(text)
        if "," in text:
            return all(self.accepts(part) for part in text.split(","))
        if "/" in text:
            span, step = text.split("/")[:2]
            is_step = _STEP.fullmatch(step) is not None and 0 < abs(int(step[:30])) < 2**63
            return is_step and not _ANY_NUMBER.fullmatch(span) and self.accepts(span)
        if "-" in text:
            ends = [self.named(end) for end in text.split("-")]
            return len(ends) == 2 and "*" not in ends and all(self.accepts(end) for end in ends)
        return text == "*" or (_WHOLE.fullmatch(text) is not None and self.low <= float(text) < self.high + 1)

    def holds(self, part: str, number: int) -> bool:
        """Whether one part of a list means a number. Raises _Impossible where the library gives up."""
        if "/" in part:
            span, _, steps = part.partition("/")
            start, end = (self.low, self.high) if span == "*" else _ends(span)
            if not self.low <= start <= min(end, self.high) or end > self.high:
                raise _Impossible
            step = abs(_integer(steps))
            if step > self.high:
                return number == self.low + step % (self.high - self.low + 1)
            return start <= number <= end and (number - start) % step == 0
        if "-" in part:
            first, last = (_integer(self.named(end)) for end in part.split("-", 1))
            return first <= number <= last
        return part == "*" or number == _integer(self.named(part))


_MINUTE, _HOUR, _DAY = _Field(0, 59), _Field(0, 23), _Field(1, 31)
_MONTH, _WEEKDAY = _Field(1, 12, MONTHS), _Field(0, 7, WEEKDAYS)


def _integer(text: str) -> int:
    """The whole number that a text begins with, 0 for none."""
    found = _LEADING.match(text)
    return int(float(found[0])) if found else 0


def _ends(span: str) -> tuple[int, int]:
    first, _, last = span.partition("-")
    return _integer(first), _integer(last) if last else _integer(first)


def _numbers(field: _Field, text: str, name: str) -> tuple[int, ...]:
    parts = text.split(",")
    try:
        found = tuple(n for n in range(field.low, field.high + 1) if any(field.holds(part, n) for part in parts))
    except _Impossible:
        raise BadCron("never", name) from None
    if not found:
        raise BadCron("never", name)
    return found


def _accepts_day(text: str) -> bool:
    if "," in text:
        return not re.search("[WL]", text) and all(_accepts_day(part) for part in text.split(","))
    return _DAY.accepts(text) or text in ("?", "L") or (text.endswith("W") and _accepts_day(text[:-1]))


def _accepts_weekday(text: str) -> bool:
    if "," in text:
        return all(_accepts_weekday(part) for part in text.split(","))
    if text == "?" or _WEEKDAY.accepts(text) or (text.endswith("L") and _accepts_weekday(text[:-1])):
        return True
    weekday, mark, which = text.partition("#")
    is_which = _ANY_NUMBER.fullmatch(which) is not None and 1 <= float(which) < 6
    return bool(mark) and is_which and _WEEKDAY.accepts(weekday)


_ACCEPTS: dict[str, Callable[[str], bool]] = {
    "minute": _MINUTE.accepts,
    "hour": _HOUR.accepts,
    "day_of_month": _accepts_day,
    "month": _MONTH.accepts,
    "day_of_week": _accepts_weekday,
}


def _day_rules(text: str) -> Days:
    return tuple(_day_rule(part) for part in text.split(","))


def _day_rule(part: str) -> Rule:
    if part == "L":
        return Rule("last")
    if "W" in part:
        return Rule("near", number=_integer(part))
    if part == "?":
        return Rule("day", frozenset(range(1, 32)))
    return _listed("day", range(1, 32), lambda number: _DAY.holds(part, number))


def _weekday_rules(text: str) -> Days:
    return tuple(_weekday_rule(part) for part in text.split(","))


def _weekday_rule(part: str) -> Rule:
    """Sunday is 7 where a 7 is written, otherwise 0."""
    part = _WEEKDAY.named(part)
    if part == "?":
        return Rule("weekday", frozenset(range(1, 8)))
    if "L" in part[1:]:
        return Rule("last_weekday", number=_integer(_WEEKDAY.named(part[: part.index("L", 1)])) % 7 or 7)
    if "#" in part:
        weekday, _, which = part.partition("#")
        number = 7 if weekday == "0" else _integer(_WEEKDAY.named(weekday))
        return Rule("nth", number=number, nth=int(float(which)))
    if "-" in part:
        first, _, last = part.partition("-")
        part = f"0-{last}" if first == "7" else f"{first}-{'7' if last == '0' else last}"
    return _listed(
        "weekday", range(1, 8), lambda number: _WEEKDAY.holds(part, number if "7" in part else number % 7)
    )


def _listed(kind: Literal["day", "weekday"], numbers: range, holds: Callable[[int], bool]) -> Rule:
    try:
        return Rule(kind, frozenset(number for number in numbers if holds(number)))
    except _Impossible:
        return Rule("impossible")

