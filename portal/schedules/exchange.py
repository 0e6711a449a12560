"""Schedules as a file: a JSON of Roost's own (docs/schedules.md), written for a download and read with distrust."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from portal.pterodactyl.models import Cron, Schedule
from portal.schedules.cron import FIELDS
from portal.schedules.models import ACTIONS, LONGEST_OFFSET_S, SIGNALS, Plan, TaskPlan
from portal.web.i18n import _
from portal.web.text import has_surrogates, one_line

FORMAT = "roost-schedules"
VERSION = 1
MOST_BYTES = 40_000
MOST_SCHEDULES = 20
MOST_TASKS = 60
"""In one file; each is a call to the panel."""
LONGEST = 191
LONGEST_PAYLOAD = 8000
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_TOP = ("format", "version", "schedules")
_SCHEDULE = ("name", "cron", "is_active", "only_when_online", "tasks")
_TASK = ("action", "payload", "time_offset_s", "continue_on_failure")


class BadFile(ValueError):
    """Not such a file; the message is a sentence that says where and why."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds. `unknown` are the places of fields that mean nothing here and are left out."""

    plans: tuple[Plan, ...]
    unknown: tuple[str, ...] = field(default=())


def written(schedules: Iterable[Schedule]) -> str:
    """Schedules as the text of a file."""
    content = {"format": FORMAT, "version": VERSION, "schedules": [_written(one) for one in schedules]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _written(schedule: Schedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "cron": {name: getattr(schedule.cron, name) for name in FIELDS},
        "is_active": schedule.is_active,
        "only_when_online": schedule.only_when_online,
        "tasks": [{name: getattr(task, name) for name in _TASK} for task in schedule.tasks],
    }


def read(content: bytes) -> Sheet:
    """The schedules in a file. Raises BadFile."""
    if len(content) > MOST_BYTES:
        raise BadFile(_("The file is too large. It may have %(most)s bytes.", most=MOST_BYTES))
    try:
        top = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except BadFile:
        raise
    except (ValueError, RecursionError):
        raise BadFile(_("This is no file of schedules: it is not JSON in UTF-8.")) from None
    reader = _Reader()
    fields = reader.fields(top, "", _TOP, needed=_TOP)
    if fields["format"] != FORMAT:
        raise BadFile(_("This is no file of schedules that Roost has written."))
    if isinstance(fields["version"], bool) or fields["version"] != VERSION:
        raise BadFile(_("This file is of another version. This Roost reads version %(version)d.", version=VERSION))
    schedules = reader.items(fields["schedules"], "schedules")
    if not schedules:
        raise BadFile(_("There is no schedule in this file."))
    if len(schedules) > MOST_SCHEDULES:
        raise BadFile(_("One file may have at most %(most)d schedules.", most=MOST_SCHEDULES))
    plans = tuple(reader.plan(one, f"schedules[{number}]") for number, one in enumerate(schedules))
    if sum(len(one.tasks) for one in plans) > MOST_TASKS:
        raise BadFile(_("One file may have at most %(most)d tasks.", most=MOST_TASKS))
    return Sheet(plans, tuple(reader.unknown))


def on_one_line(content: bytes) -> str:
    """What `read` took, for a field of a form: browsers write two letters for each end of a line, and in JSON all of
    these stand between the texts."""
    return content.decode("utf-8-sig").replace("\r", " ").replace("\n", " ")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadFile(_("A field stands twice in the same place of this file."))
    return found


def _no_number(_text: str) -> NoReturn:
    raise ValueError


class _Reader:
    """Reads what JSON gave, and remembers the places of unknown fields."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def plan(self, value: Any, place: str) -> Plan:
        fields = self.fields(value, place, _SCHEDULE, needed=("name", "cron"))
        cron = self.fields(fields["cron"], f"{place}.cron", FIELDS, needed=FIELDS)
        tasks = self.items(fields.get("tasks", []), f"{place}.tasks")
        return Plan(
            name=self.text(fields["name"], f"{place}.name", LONGEST),
            cron=Cron(**{name: self.text(cron[name], f"{place}.cron.{name}", LONGEST) for name in FIELDS}),
            is_active=self.flag(fields.get("is_active", False), f"{place}.is_active"),
            only_when_online=self.flag(fields.get("only_when_online", False), f"{place}.only_when_online"),
            tasks=tuple(self.task(one, f"{place}.tasks[{number}]") for number, one in enumerate(tasks)),
        )

    def task(self, value: Any, place: str) -> TaskPlan:
        fields = self.fields(value, place, _TASK, needed=("action",))
        action = next((one for one in ACTIONS if one == fields["action"]), None)
        if action is None:
            self.wrong(f"{place}.action", _("one of %(words)s", words=", ".join(ACTIONS)))
        payload = fields.get("payload", "")
        if action == "power" and payload not in SIGNALS:
            self.wrong(f"{place}.payload", _("one of %(words)s", words=", ".join(SIGNALS)))
        is_optional = action == "backup"
        text = self.text(payload, f"{place}.payload", LONGEST_PAYLOAD, is_optional=is_optional, is_lines=is_optional)
        offset_s = fields.get("time_offset_s", 0)
        if isinstance(offset_s, bool) or not isinstance(offset_s, int) or not 0 <= offset_s <= LONGEST_OFFSET_S:
            self.wrong(f"{place}.time_offset_s", _("a whole number of seconds from 0 to 900"))
        goes_on = self.flag(fields.get("continue_on_failure", False), f"{place}.continue_on_failure")
        return TaskPlan(action, text, offset_s, goes_on)

    def fields(
        self, value: Any, place: str, known: tuple[str, ...], needed: tuple[str, ...]
    ) -> dict[str, Any]:
        """An object; which fields it has that mean nothing is remembered."""
        if not isinstance(value, dict):
            self.wrong(place or _("the file"), _("an object"))
        for name in needed:
            if name not in value:
                raise BadFile(_("In this file “%(place)s” is missing.", place=_at(place, name)))
        self.unknown += [one_line(_at(place, name), 80) for name in value if name not in known]
        return {name: found for name, found in value.items() if name in known}

    def items(self, value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            self.wrong(place, _("a list"))
        return list(value)

    def flag(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, _("true or false"))
        return bool(value)

    def text(self, value: Any, place: str, most: int, *, is_optional: bool = False, is_lines: bool = False) -> str:
        if not isinstance(value, str) or has_surrogates(value) or "\0" in value:
            self.wrong(place, _("text"))
        text = str(value).strip()
        if len(text) > most or not (text or is_optional):
            self.wrong(place, _("text of 1 to %(most)d letters", most=most))
        if not is_lines and any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text):
            self.wrong(place, _("text on one line"))
        if any(letter in _TURNS for letter in text):
            self.wrong(place, _("text without marks that turn its direction, which hide what it says"))
        return text

    def wrong(self, place: str, expected: str) -> NoReturn:
        raise BadFile(_("In this file “%(place)s” must be %(expected)s.", place=place, expected=expected))


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
