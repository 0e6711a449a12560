"""What the panel does when a node reports (`/api/remote`, `app/Http/Controllers/Api/Remote`).

The two live in one program, so a report is a call and not a request; what it changes is the same.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.demo.activity import ActivityWriter
from portal.demo.clock import Clock
from portal.demo.world import Backup, Server, Status, World

_PANEL_ADDRESS = "127.0.0.1"


class Unknown(Exception):
    """The panel has no such row (any more), and answered 404."""


class Remote:
    def __init__(self, world: World, clock: Clock, activity: ActivityWriter) -> None:
        self._world = world
        self._clock = clock
        self._activity = activity

    def installation_finished(self, server_uuid: str, *, is_successful: bool, is_reinstall: bool) -> None:
        """A server that was suspended meanwhile stays so; otherwise whatever its status was is forgotten."""
        server = self._server(server_uuid)
        failed: Status = "reinstall_failed" if is_reinstall else "install_failed"
        if not server.is_suspended:
            self._set_status(server, None if is_successful else failed)

    def backup_finished(self, uuid: str, *, is_successful: bool, checksum: str, size: int) -> None:
        """`checksum` is the SHA-1 in hexadecimal, `size` in bytes.  A failed backup loses its lock."""
        backup = self._backup(uuid)
        if backup.is_successful:
            raise Unknown("a backup that is already marked as completed")
        backup.is_successful = is_successful
        backup.is_locked = backup.is_locked and is_successful
        backup.checksum = f"sha1:{checksum}" if is_successful else None
        backup.bytes = size if is_successful else 0
        backup.completed_at = self._clock.now()
        self._log("server:backup.complete" if is_successful else "server:backup.fail", backup)

    def restore_finished(self, uuid: str, *, is_successful: bool) -> None:
        """Ends any status of the server, a suspension that came during the restore included (recorded)."""
        backup = self._backup(uuid)
        self._set_status(backup.server, None)
        self._log("server:backup.restore-complete" if is_successful else "server.backup.restore-failed", backup)

    def report_activity(self, server_uuid: str, user_uuid: str, event: str, properties: Mapping[str, Any],
                        ip: str) -> None:
        """Something that somebody did on the node itself."""
        actor = next((user for user in self._world.users if user.uuid == user_uuid), None)
        self._activity.log(event, actor, (self._server(server_uuid),), ip=ip, properties=dict(properties), is_api=False)

    def _log(self, event: str, backup: Backup) -> None:
        self._activity.log(event, None, (backup, backup.server), ip=_PANEL_ADDRESS, is_api=False,
                           properties={"name": backup.name})

    def _set_status(self, server: Server, status: Status | None) -> None:
        server.status = status
        server.updated_at = self._clock.now()

    def _server(self, uuid: str) -> Server:
        for server in self._world.servers:
            if server.uuid == uuid:
                return server
        raise Unknown("a server")

    def _backup(self, uuid: str) -> Backup:
        for backup in self._world.backups:
            if backup.uuid == uuid and backup.deleted_at is None:
                return backup
        raise Unknown("a backup")
