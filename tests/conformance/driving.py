"""By which function of Roost each request of the recordings is made, and who makes it.

A driver does a recorded step as the page behind it would; `DRIVERS` leads from method and path to it. What no page
asks so is asked by the library through the same door (`plain`), so that its answer is read all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import UnionType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portal.activity import service as activity
from portal.activity.service import Query
from portal.auth.sessions import Viewer
from portal.databases import service as databases
from portal.databases.connecting import Access
from portal.databases.models import Databases, Named
from portal.network import service as network
from portal.network.models import Allocations
from portal.pterodactyl import models
from portal.schedules import service as schedules
from portal.schedules import tasks
from portal.schedules.models import Listed, Made, Plan, Shown, TaskPlan, mark, task_mark
from portal.server_backups import service as backups
from portal.server_settings import service as settings
from portal.servers.door import looking
from portal.servers.reading import Opened
from portal.startup import service as startup
from portal.subusers import permissions
from portal.subusers import service as subusers
from tests.support.recorded_panel import RecordedPanel
from tests.support.replay import Step

PATH = re.compile(r"/api/client/(permissions|servers/(\w+)/"
                  r"(backups|databases|schedules|network|users|startup|settings|activity)(/.*)?)")  # fmt: skip
"""What belongs to the eight pages."""


@dataclass(frozen=True)
class Case:
    """One step and the person who does it. `tail` are the parts of the path behind the kind of thing."""

    step: Step
    viewer: Viewer
    opened: Opened
    panel: RecordedPanel

    @property
    def sent(self) -> dict[str, Any]:
        return self.step.request if isinstance(self.step.request, dict) else {}

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.step.path).query))

    @property
    def tail(self) -> list[str]:
        found = PATH.fullmatch(urlsplit(self.step.path).path)
        return (found[4] or "").strip("/").split("/") if found else []

    @property
    def uuid(self) -> str:
        return self.tail[0]

    @property
    def number(self) -> int:
        return int(self.tail[0])


def _database(case: Case) -> Any:
    named = Named(case.uuid, "the name that was asked about")
    if case.step.method == "DELETE":
        return databases.delete(case.viewer, case.opened, named, typed=named.name)
    return databases.rotate(case.viewer, case.opened, named)


def _databases(case: Case) -> Any:
    if case.query.get("include"):
        return databases.reveal(case.viewer, case.opened, "xalA4BoZ")
    return databases.listed(case.viewer, case.opened)


def _make_database(case: Case) -> Any:
    return databases.create(case.viewer, case.opened, name=case.sent["database"], remote=case.sent["remote"])


def _make_backup(case: Case) -> Any:
    sent = case.sent
    return backups.create(
        case.viewer, case.opened, sent.get("name", ""), sent.get("ignored", ""), is_locked=sent.get("is_locked", False)
    )


def _lock(case: Case) -> Any:
    wanted = bool(case.step.json["attributes"]["is_locked"])
    return backups.set_locked(case.viewer, case.opened, case.uuid, locked=wanted)


def _download(case: Case) -> Any:
    backups.read_one(case.viewer, case.opened, case.uuid, "download")
    with looking(case.viewer) as api:
        return api.backups.download_url(case.opened.facts.uuid, case.uuid)


def _restore(case: Case) -> Any:
    return backups.restore(case.viewer, case.opened, case.uuid, truncate=case.sent["truncate"])


def _view_backup(case: Case) -> Any:
    with looking(case.viewer) as api:
        return api.backups.view(case.opened.facts.uuid, case.uuid)


def _plan(case: Case) -> Plan:
    sent = case.sent
    fields = ("minute", "hour", "day_of_month", "month", "day_of_week")
    cron = models.Cron(**{name: sent.get(name, "*") for name in fields})
    return Plan(sent.get("name", "x"), cron, sent.get("is_active", True), sent.get("only_when_online", False))


def _write_schedule(case: Case) -> Any:
    seen = schedules.view(case.viewer, case.opened, case.number)
    return schedules.update(case.viewer, case.opened, case.number, _plan(case), mark(seen.schedule))


def _task(case: Case) -> TaskPlan:
    sent = case.sent
    return TaskPlan(sent["action"], sent["payload"], sent["time_offset"], sent.get("continue_on_failure", False))


def _write_task(case: Case) -> Any:
    schedule, task = case.number, int(case.tail[2])
    seen = tasks.find(schedules.view(case.viewer, case.opened, schedule).schedule, task)
    return tasks.update_task(case.viewer, case.opened, schedule, task, _task(case), task_mark(seen))


def _notes(case: Case) -> Any:
    return network.write_notes(case.viewer, case.opened, int(case.tail[1]), case.sent["notes"])


def _update_subuser(case: Case) -> Any:
    seen = subusers.view(case.viewer, case.opened, case.uuid)
    return subusers.update(case.viewer, case.opened, case.uuid, case.sent["permissions"], seen.permissions)


def _variable(case: Case) -> Any:
    """As the page does it: for who may read the variables, with what is known of them."""
    known = startup.view(case.viewer, case.opened) if case.opened.rights.allow("startup.read") else None
    return startup.update_variable(case.viewer, case.opened, case.sent["key"], case.sent["value"], known)


def _rename(case: Case) -> Any:
    description = case.sent.get("description", "")
    return settings.rename(case.viewer, case.opened, case.sent["name"], description)


def _activity(case: Case) -> Any:
    shown = activity.read(case.viewer, case.opened, Query(group="power" if case.query.get("filter[event]") else ""))
    return shown.trouble or shown


Result = type | UnionType | None
"""What a driver succeeds with: of which type, or nothing."""
DRIVERS: tuple[tuple[str, str, Result, Callable[[Case], Any]], ...] = (
    ("GET", "permissions", permissions.Catalogue, lambda case: permissions.catalogue(case.viewer)),
    ("GET", "backups", backups.Listing, lambda case: backups.page(case.viewer, case.opened)),
    ("POST", "backups", models.Backup, _make_backup),
    ("GET", "backups/*", models.Backup, _view_backup),
    ("DELETE", "backups/*", models.Backup, lambda case: backups.delete(case.viewer, case.opened, case.uuid)),
    ("POST", "backups/*/lock", models.Backup, _lock),
    ("GET", "backups/*/download", models.SignedUrl, _download),
    ("POST", "backups/*/restore", models.Backup, _restore),
    ("GET", "databases", Databases | Access, _databases),
    ("POST", "databases", models.Database, _make_database),
    ("POST", "databases/*/rotate-password", models.Database, _database),
    ("DELETE", "databases/*", None, _database),
    ("GET", "schedules", Listed, lambda case: schedules.listed(case.viewer, case.opened)),
    ("POST", "schedules", Made, lambda case: schedules.create(case.viewer, case.opened, _plan(case))),
    ("GET", "schedules/*", Shown, lambda case: schedules.view(case.viewer, case.opened, case.number)),
    ("POST", "schedules/*", Shown, _write_schedule),
    ("POST", "schedules/*/execute", models.Schedule,
     lambda case: schedules.execute(case.viewer, case.opened, case.number)),
    ("DELETE", "schedules/*", models.Schedule, lambda case: schedules.delete(case.viewer, case.opened, case.number)),
    ("POST", "schedules/*/tasks", None,
     lambda case: tasks.create_task(case.viewer, case.opened, case.number, _task(case))),
    ("POST", "schedules/*/tasks/*", None, _write_task),
    ("DELETE", "schedules/*/tasks/*", None,
     lambda case: tasks.delete_task(case.viewer, case.opened, case.number, int(case.tail[2]))),
    ("GET", "network/allocations", Allocations, lambda case: network.listed(case.viewer, case.opened)),
    ("POST", "network/allocations", models.Allocation, lambda case: network.create(case.viewer, case.opened)),
    ("POST", "network/allocations/*", models.Allocation, _notes),
    ("POST", "network/allocations/*/primary", models.Allocation,
     lambda case: network.make_primary(case.viewer, case.opened, int(case.tail[1]))),
    ("DELETE", "network/allocations/*", None,
     lambda case: network.delete(case.viewer, case.opened, int(case.tail[1]))),
    ("GET", "users", tuple, lambda case: subusers.listed(case.viewer, case.opened)),
    ("POST", "users", None,
     lambda case: subusers.invite(case.viewer, case.opened, case.sent["email"], case.sent.get("permissions", []))),
    ("GET", "users/*", subusers.Person, lambda case: subusers.view(case.viewer, case.opened, case.uuid)),
    ("POST", "users/*", subusers.Saved, _update_subuser),
    ("DELETE", "users/*", str, lambda case: subusers.remove(case.viewer, case.opened, case.uuid)),
    ("GET", "startup", startup.Startup, lambda case: startup.view(case.viewer, case.opened)),
    ("PUT", "startup/variable", startup.Saved, _variable),
    ("POST", "settings/rename", None, _rename),
    ("PUT", "settings/docker-image", None,
     lambda case: startup.choose_image(case.viewer, case.opened, case.sent["docker_image"])),
    ("POST", "settings/reinstall", None,
     lambda case: settings.reinstall(case.viewer, case.opened, case.opened.facts.name)),
    ("GET", "activity", activity.Shown, _activity),
)  # fmt: skip


def belongs(step: Step) -> bool:
    """Whether a recorded step is one of the requests behind the eight pages."""
    return PATH.fullmatch(urlsplit(step.path).path) is not None


def driver_of(step: Step) -> tuple[Result, Callable[[Case], Any]] | None:
    """What a step succeeds with, and who does it; None when the panel has no such route."""
    found = PATH.fullmatch(urlsplit(step.path).path)
    rest = (found[1] if not found[3] else f"{found[3]}{found[4] or ''}") if found else ""
    for method, pattern, result, driver in DRIVERS:
        if step.method == method and re.fullmatch(pattern.replace("*", r"[\w-]+"), rest):
            return result, driver
    return None
