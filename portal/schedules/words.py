"""Cron lines in words, made of what a line means and not of how it is written; and what the panel refuses about one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.schedules.cron import BadCron, Line, Rule
from portal.web.i18n import _

REFUSED = "The cron data provided does not evaluate to a valid expression."
"""What panel 1.11 says of a line that it does not take."""
TIMES = 6
"""So many times of the day are listed one by one."""


def said(line: Line) -> str:
    """A line in one sentence: at what times, on which days, in which months."""
    when = _days(line) or ([] if _is_all_day(line) else [_("every day")])
    months = [] if len(line.months) == 12 else [_("in %(months)s", months=_runs(line.months, _month))]
    text = _(", ").join([_times(line), *when, *months])
    return _("%(sentence)s.", sentence=text[:1].upper() + text[1:])


def trouble(error: BadCron) -> str:
    """What is wrong with a field, or with the line as a whole."""
    match error.why, error.field:
        case "form", field:
            return _(_FORMS[field])
        case "marks", _field:
            return _("“?” means that the other day field counts. Only one of the two can be “?”.")
        case _, "":
            return _("No day fits this, so it would never run.")
        case _:
            return _("Nothing fits this, so it would never run.")


def _N(text: str) -> str:
    """Marks a text that is translated where it is used."""
    return text


_FORMS = {
    "minute": _N("The minute is a number from 0 to 59, or like *, */5, 0-30 or 0,30."),
    "hour": _N("The hour is a number from 0 to 23, or like *, */6, 8-20 or 4,16."),
    "day_of_month": _N("The day of the month is a number from 1 to 31, or like *, 1,15, 1-7 or L for the last day."),
    "month": _N("The month is a number from 1 to 12 or a name like JAN, or like *, */3 or JUN-AUG."),
    "day_of_week": _N(
        "The day of the week is a number from 0 (Sunday) to 6 or a name like MON, or like *, MON-FRI or 5L."
    ),
}


def _is_all_day(line: Line) -> bool:
    return len(line.hours) == 24


def _times(line: Line) -> str:
    times = [(hour, minute) for hour in line.hours for minute in line.minutes]
    is_one = len(line.minutes) == 1
    if not _is_all_day(line) and is_one and (step := _step(line.hours, 24)):
        at = _times_of([(line.hours[0], line.minutes[0])])
        return _("every %(step)d hours from %(at)s on", step=step, at=at)
    if not _is_all_day(line) and len(times) <= TIMES:
        return _("at %(times)s", times=_times_of(times))
    if _is_all_day(line):
        if is_one:
            minute = line.minutes[0]
            return _("every hour") if minute == 0 else _("every hour at minute %(minute)d", minute=minute)
        return _minutes(line.minutes)
    spans = [_("%(first)s:00 to %(last)s:59", first=f"{run[0]:02}", last=f"{run[-1]:02}") for run in _spans(line.hours)]
    return _("%(minutes)s, from %(spans)s", minutes=_minutes(line.minutes), spans=_joined(spans))


def _minutes(minutes: Sequence[int]) -> str:
    if len(minutes) == 60:
        return _("every minute")
    if step := _step(minutes, 60):
        return (
            _("every %(step)d minutes", step=step)
            if minutes[0] == 0
            else _("every %(step)d minutes from minute %(first)d on", step=step, first=minutes[0])
        )
    listed = _runs(minutes, str)
    return _("at minute %(listed)s", listed=listed) if len(minutes) == 1 else _("at minutes %(listed)s", listed=listed)


def _step(numbers: Sequence[int], size: int) -> int:
    """By how much these go on, all around the clock; 0 when they do not."""
    if len(numbers) < 3:
        return 0
    step = numbers[1] - numbers[0]
    is_even = size % step == 0 and numbers[0] < step
    return step if is_even and list(numbers) == list(range(numbers[0], size, step)) else 0


def _times_of(times: Sequence[tuple[int, int]]) -> str:
    return _joined([f"{hour:02}:{minute:02}" for hour, minute in times])


def _days(line: Line) -> list[str]:
    """On which days, as one part; none when every day is meant."""
    rules = [rule for group in line.groups for rule in group if rule.falls_ever]
    if any(rule.is_every for rule in rules):
        return []
    days = frozenset().union(*(rule.numbers for rule in rules if rule.kind == "day"))
    weekdays = frozenset().union(*(rule.numbers for rule in rules if rule.kind == "weekday"))
    if len(days) == 31 or len(weekdays) == 7:
        return []
    parts = [_day_numbers(sorted(days))] if days else []
    parts += list(dict.fromkeys(_day(rule) for rule in rules if rule.kind not in ("day", "weekday")))
    if weekdays:
        parts.append(_("on %(days)s", days=_runs(sorted(weekdays), _weekday)))
    return [_(" and also ").join(parts)] if parts else []


def _day_numbers(days: Sequence[int]) -> str:
    listed = _runs(days, str)
    if len(days) == 1:
        return _("on day %(days)s of the month", days=listed)
    return _("on days %(days)s of the month", days=listed)


def _day(rule: Rule) -> str:
    match rule.kind:
        case "last":
            return _("on the last day of the month")
        case "near":
            return _("on the weekday nearest to day %(day)d of the month", day=rule.number)
        case "nth":
            nths = (_("first"), _("second"), _("third"), _("fourth"), _("fifth"))
            return _("on the %(nth)s %(day)s of the month", nth=nths[rule.nth - 1], day=_weekday(rule.number))
        case _:
            return _("on the last %(day)s of the month", day=_weekday(rule.number))


def _spans(numbers: Sequence[int]) -> list[list[int]]:
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return spans


def _runs(numbers: Sequence[int], name: Callable[[int], str]) -> str:
    """Numbers as a list; three and more that follow each other as a span."""
    parts: list[str] = []
    for run in _spans(numbers):
        if len(run) > 2:
            parts.append(_("%(first)s to %(last)s", first=name(run[0]), last=name(run[-1])))
        else:
            parts += [name(one) for one in run]
    return _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return _("%(some)s and %(last)s", some=_(", ").join(parts[:-1]), last=parts[-1])


def _weekday(number: int) -> str:
    """1 is Monday."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[number - 1]


def weekdays() -> list[tuple[str, str]]:
    """The days of the week as cron numbers and names, for a choice."""
    return [(str(number % 7), _weekday(number)) for number in range(1, 8)]


def _month(number: int) -> str:
    names = (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"),
        _("September"), _("October"), _("November"), _("December"),
    )  # fmt: skip
    return names[number - 1]
