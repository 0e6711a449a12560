"""Schedules of a server and their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TaskAction = Literal["command", "power", "backup"]


@dataclass(frozen=True, slots=True)
class Cron:
    """When a schedule runs, in the panel's time zone. Each field is text, as cron spells it: "*", "*/5", "1-5"."""

    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str


@dataclass(frozen=True, slots=True)
class Task:
    """One step of a schedule.

    `payload` is the command, the power signal, or what a backup ignores (lines).
    """

    id: int
    sequence_id: int  # its place, from 1
    action: str
    payload: str
    time_offset_s: int  # after the task before it
    is_queued: bool
    continue_on_failure: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule with its tasks in their order. `last_run_at` None: it never ran."""

    id: int
    name: str
    cron: Cron
    is_active: bool
    is_processing: bool
    only_when_online: bool
    last_run_at: datetime | None
    next_run_at: datetime | None  # reckoned even while it is switched off
    created_at: datetime
    updated_at: datetime
    tasks: tuple[Task, ...]
