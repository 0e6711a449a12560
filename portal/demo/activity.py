"""The panel's activity log: writing entries, and the part of an entry that depends on who reads it."""
from __future__ import annotations

import re
import threading
from typing import Any

from portal.demo.clock import Clock
from portal.demo.world import ActivityLog, User, World

# The properties that an event's display text names (`resources/lang/en/activity.php`).
_TOLD = {
    "auth:ip-blocked": {"identifier"},
    "server:console.command": {"command"},
    "server:subuser.create": {"email"},
    "user:api-key.create": {"identifier"},
    "user:api-key.delete": {"identifier"},
}
_NEVER_ADDITIONAL = {"ip", "user_agent", "using_sftp"}


class ActivityWriter:
    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._lock = threading.Lock()

    def log(self, event: str, actor: User | None, subjects: tuple[object, ...], *, ip: str,
            properties: dict[str, Any] | None = None, is_api: bool = True) -> None:
        with self._lock:
            self._world.activity_logs.append(ActivityLog(
                id=self._world.next_id("activity_logs"), event=event, actor=actor, ip=ip, is_api=is_api,
                subjects=subjects, properties=properties or {}, timestamp=int(self._clock.now()),
            ))


def has_additional_metadata(entry: ActivityLog) -> bool:
    return bool(entry.properties.keys() - _TOLD.get(entry.event, set()) - _NEVER_ADDITIONAL)


def shown_properties(entry: ActivityLog, viewer: User) -> dict[str, Any]:
    """Lists gain a count, directories are normalised, another user's address is hidden."""
    shown: dict[str, Any] = {}
    for key, value in entry.properties.items():
        if key == "ip" and entry.actor is not viewer:
            value = "[hidden]"
        elif key == "directory" and isinstance(value, str):
            value = re.sub("/+", "/", f"/{value.strip('/')}/")
        shown[key] = value
        if isinstance(value, (list, dict)):
            shown[f"{key}_count"] = len(value)
    counts = [key for key in shown if key.endswith("_count")]
    if len(counts) == 1:
        shown["count"] = shown.pop(counts[0])
    return shown
