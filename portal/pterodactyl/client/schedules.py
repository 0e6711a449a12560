"""Schedules of a server."""

from __future__ import annotations

from typing import Any

from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.schedules import read_schedule
from portal.pterodactyl.models import Cron, Schedule
from portal.pterodactyl.paths import number


class ScheduleCalls(Group):
    """`/api/client/servers/{server}/schedules`; a schedule is named by its number.

    All also raise ServerStateConflict and NotFound.
    """

    def list(self, server: str) -> tuple[Schedule, ...]:
        """All schedules of a server, with their tasks. Raises NotAllowed (no `schedule.read`).

        `GET /api/client/servers/{server}/schedules` (panel 1.11).
        """
        return self._caller.read(_path(server)).each(read_schedule)

    def view(self, server: str, schedule: int) -> Schedule:
        """One schedule with its tasks. Raises NotAllowed (no `schedule.read`).

        `GET /api/client/servers/{server}/schedules/{schedule}` (panel 1.11).
        """
        return read_schedule(self._caller.read(_path(server, schedule)))

    def create(self, server: str, *, name: str, cron: Cron, is_active: bool, only_when_online: bool) -> Schedule:
        """A new schedule, without tasks.

        `only_when_online`: runs are skipped while the server is off. Raises Refused (no cron line), Invalid (name of
        more than 191 characters), ValueError (a cron field is not text), NotAllowed (no `schedule.create`).
        `POST /api/client/servers/{server}/schedules` (panel 1.11).
        """
        body = _body(name, cron, is_active, only_when_online)
        return self._caller.change(_path(server), read_schedule, body)

    def replace(
        self, server: str, schedule: int, *, name: str, cron: Cron, is_active: bool, only_when_online: bool
    ) -> Schedule:
        """Write all of a schedule but its tasks; see `update_schedule` for less than all.

        Switching it on or off also ends a run that hangs. Raises as `create`, NotAllowed without `schedule.update`.
        `POST /api/client/servers/{server}/schedules/{schedule}` (panel 1.11).
        """
        body = _body(name, cron, is_active, only_when_online)
        return self._caller.change(_path(server, schedule), read_schedule, body)

    def update_schedule(
        self,
        server: str,
        schedule: int,
        *,
        name: str | None = None,
        cron: Cron | None = None,
        is_active: bool | None = None,
        only_when_online: bool | None = None,
    ) -> Schedule:
        """Read a schedule, put in what is given, and write it whole; None stays as it is.

        What somebody else changes between the two calls is lost. Errors as for `view` and `replace`.
        """
        before = self.view(server, schedule)
        return self.replace(
            server,
            schedule,
            name=before.name if name is None else name,
            cron=before.cron if cron is None else cron,
            is_active=before.is_active if is_active is None else is_active,
            only_when_online=before.only_when_online if only_when_online is None else only_when_online,
        )

    def execute(self, server: str, schedule: int) -> None:
        """Run a schedule now, also one that is switched off: its first task at once, the others in their time.

        Success does not mean that it ran: with `only_when_online` a server that is off skips it without a word. Raises
        Refused (no tasks, or what its first task meets), NotAllowed (no `schedule.update`), NodeRefused, Busy,
        OutcomeUnknown. `POST /api/client/servers/{server}/schedules/{schedule}/execute` (panel 1.11).
        """
        self._caller.accepted(server_route(server, "schedules", number(schedule), "execute"))

    def delete(self, server: str, schedule: int) -> None:
        """Delete a schedule and its tasks. Raises NotAllowed (no `schedule.delete`).

        `DELETE /api/client/servers/{server}/schedules/{schedule}` (panel 1.11).
        """
        self._caller.write(_path(server, schedule), method="DELETE")


def _path(server: str, *schedule: int) -> str:
    return server_route(server, "schedules", *(number(one) for one in schedule))


def _body(name: str, cron: Cron, is_active: bool, only_when_online: bool) -> dict[str, Any]:
    """Read nested, written flat; a field that is missing or no text makes the panel break or switch things off."""
    fields = {
        "minute": cron.minute,
        "hour": cron.hour,
        "day_of_month": cron.day_of_month,
        "month": cron.month,
        "day_of_week": cron.day_of_week,
    }
    if not all(isinstance(one, str) and one.strip() for one in fields.values()):
        raise ValueError("every field of a cron line is text and says something")
    if not isinstance(is_active, bool) or not isinstance(only_when_online, bool):
        raise ValueError("is_active and only_when_online are true or false")
    return {"name": name, "is_active": is_active, "only_when_online": only_when_online, **fields}
