"""Tasks of a schedule."""

from __future__ import annotations

from typing import Any

from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.schedules import read_schedule, read_task
from portal.pterodactyl.errors import NotFound
from portal.pterodactyl.models import Task, TaskAction
from portal.pterodactyl.paths import number


class TaskCalls(Group):
    """`/api/client/servers/{server}/schedules/{schedule}/tasks`; they are read with their schedule.

    `payload` is the command, the power signal, or the patterns that a backup ignores, one to a line. `time_offset_s` is
    how long after the task before it, 0 to 900 s. All need `schedule.update` and raise NotAllowed without;
    also ServerStateConflict and NotFound.
    """

    def create(
        self,
        server: str,
        schedule: int,
        *,
        action: TaskAction,
        time_offset_s: int,
        payload: str = "",
        sequence_id: int | None = None,
        continue_on_failure: bool = False,
    ) -> Task:
        """A new task, at the end or at the place `sequence_id` (from 1), where it moves the others on.

        Raises Refused (10 tasks exist), NotAllowed (also: a backup where the server may have none), Invalid (no
        payload, more than 900 s).
        `POST /api/client/servers/{server}/schedules/{schedule}/tasks` (panel 1.11).
        """
        body = _body(action, payload, time_offset_s, sequence_id, continue_on_failure)
        return self._caller.change(server_route(server, "schedules", number(schedule), "tasks"), read_task, body)

    def replace(
        self,
        server: str,
        schedule: int,
        task: int,
        *,
        action: TaskAction,
        payload: str,
        time_offset_s: int,
        continue_on_failure: bool,
        sequence_id: int | None = None,
    ) -> Task:
        """Write all of a task; `sequence_id` None keeps its place. See `update_task` for less than all.

        Errors as for `create`. `POST /api/client/servers/{server}/schedules/{schedule}/tasks/{task}` (panel 1.11).
        """
        body = _body(action, payload, time_offset_s, sequence_id, continue_on_failure)
        return self._caller.change(_path(server, schedule, task), read_task, body)

    def update_task(
        self,
        server: str,
        schedule: int,
        task: int,
        *,
        action: TaskAction | None = None,
        payload: str | None = None,
        time_offset_s: int | None = None,
        sequence_id: int | None = None,
        continue_on_failure: bool | None = None,
    ) -> Task:
        """Read a task with its schedule, put in what is given, and write it whole; None stays as it is.

        What somebody else changes between the two calls is lost. Raises NotFound (the schedule has no such task); else
        as `schedules.view` and `replace`.
        """
        path = _path(server, schedule, task)
        found = read_schedule(self._caller.read(server_route(server, "schedules", number(schedule)))).tasks
        before = next((one for one in found if one.id == task), None)
        if before is None:
            raise NotFound("the schedule has no such task", request=f"POST {path}")
        offset_s = before.time_offset_s if time_offset_s is None else time_offset_s
        goes_on = before.continue_on_failure if continue_on_failure is None else continue_on_failure
        body = _body(
            action or before.action, before.payload if payload is None else payload, offset_s, sequence_id, goes_on
        )
        return self._caller.change(path, read_task, body)

    def delete(self, server: str, schedule: int, task: int) -> None:
        """Delete a task; those after it move up.

        `DELETE /api/client/servers/{server}/schedules/{schedule}/tasks/{task}` (panel 1.11).
        """
        self._caller.write(_path(server, schedule, task), method="DELETE")


def _path(server: str, schedule: int, task: int) -> str:
    return server_route(server, "schedules", number(schedule), "tasks", number(task))


def _body(
    action: str, payload: str, time_offset_s: int, sequence_id: int | None, continue_on_failure: bool
) -> dict[str, Any]:
    if not isinstance(continue_on_failure, bool):
        raise ValueError("continue_on_failure is true or false")
    body: dict[str, Any] = {
        "action": action,
        "payload": payload,
        "time_offset": time_offset_s,
        "continue_on_failure": continue_on_failure,
    }
    return body if sequence_id is None else body | {"sequence_id": number(sequence_id)}
