"""The panel's activity log: writing entries, and the part of an entry that depends on who reads it."""
from __future__ import annotations

import threading
from typing import Any

from portal.demo import php
from portal.demo.clock import Clock
from portal.demo.world import ActivityLog, User, World

KEPT_SECONDS = 90 * 86400
NEVER_LISTED = ("server:file.upload",)
# The properties that an event's display text names (`resources/lang/en/activity.php`).  Events with one text for one
# and another for many have none under their own name, and so tell nothing.
_TOLD = {
    "auth:ip-blocked": {"identifier"},
    "server.backup.restore-failed": {"name"},
    "server:allocation.create": {"allocation"},
    "server:allocation.delete": {"allocation"},
    "server:allocation.notes": {"allocation", "old", "new"},
    "server:allocation.primary": {"allocation"},
    "server:backup.complete": {"name"},
    "server:backup.delete": {"name"},
    "server:backup.download": {"name"},
    "server:backup.fail": {"name"},
    "server:backup.lock": {"name"},
    "server:backup.restore": {"name", "truncate"},
    "server:backup.restore-complete": {"name"},
    "server:backup.restore-failed": {"name"},
    "server:backup.start": {"name"},
    "server:backup.unlock": {"name"},
    "server:console.command": {"command"},
    "server:database.create": {"name"},
    "server:database.delete": {"name"},
    "server:database.rotate-password": {"name"},
    "server:file.copy": {"file"},
    "server:file.create-directory": {"directory", "name"},
    "server:file.decompress": {"files", "directory"},
    "server:file.download": {"file"},
    "server:file.pull": {"url", "directory"},
    "server:file.read": {"file"},
    "server:file.uploaded": {"directory", "file"},
    "server:file.write": {"file"},
    "server:schedule.create": {"name"},
    "server:schedule.delete": {"name"},
    "server:schedule.execute": {"name"},
    "server:schedule.update": {"name"},
    "server:settings.description": {"old", "new"},
    "server:settings.rename": {"old", "new"},
    "server:startup.edit": {"variable", "old", "new"},
    "server:startup.image": {"old", "new"},
    "server:subuser.create": {"email"},
    "server:subuser.delete": {"email"},
    "server:subuser.update": {"email"},
    "server:task.create": {"action", "name"},
    "server:task.delete": {"name"},
    "server:task.update": {"action", "name"},
    "user:account.email-changed": {"old", "new"},
    "user:api-key.create": {"identifier"},
    "user:api-key.delete": {"identifier"},
    "user:ssh-key.create": {"fingerprint"},
    "user:ssh-key.delete": {"fingerprint"},
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
        elif key == "directory" and not isinstance(value, (list, dict)):
            value = f"/{php.to_string(value).strip('/')}/".replace("//", "/")
        shown[key] = value
        if isinstance(value, (list, dict)):
            shown[f"{key}_count"] = len(value)
    counts = [key for key in shown if key.endswith("_count")]
    if len(counts) == 1:
        shown["count"] = shown.pop(counts[0])
    return shown
