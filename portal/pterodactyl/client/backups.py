"""Backups of a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from portal.pterodactyl.api import every_item
from portal.pterodactyl.client.group import Group, distinct, server_route
from portal.pterodactyl.client.reading.backups import read_backup, read_backup_page
from portal.pterodactyl.client.reading.links import read_signed_url
from portal.pterodactyl.downloads import Download
from portal.pterodactyl.models import Backup, BackupPage, SignedUrl


class BackupCalls(Group):
    """`/api/client/servers/{server}/backups`; a backup is named by its UUID.

    All also raise ServerStateConflict and NotFound.
    """

    def list(self, server: str, *, page: int = 1, per_page: int = 50) -> BackupPage:
        """One page of backups, oldest first; the panel caps `per_page` at 50. Raises NotAllowed (no `backup.read`).

        `GET /api/client/servers/{server}/backups` (panel 1.11).
        """
        query = {"page": page, "per_page": per_page}
        return read_backup_page(self._caller.read(server_route(server, "backups"), query))

    def iterate(self, server: str) -> Iterator[Backup]:
        """All backups, 50 to a call; errors as for `list`, and BadAnswer for a list without end."""
        return every_item(server_route(server, "backups"), lambda number: self.list(server, page=number))

    def create(
        self,
        server: str,
        *,
        name: str | None = None,
        ignored: Sequence[str] | None = None,
        is_locked: bool | None = None,
    ) -> Backup:
        """Begin a backup: the answer shows it in progress, `view` shows how it goes on.

        `name` None: the panel names it by the time. `ignored` are patterns of files to leave out; None: the server's
        own list. `is_locked` needs `backup.delete` and is silently false without. Raises Busy (so many in so much
        time), Refused (limit reached), Invalid, NotAllowed (no `backup.create`), NodeRefused, OutcomeUnknown.
        `POST /api/client/servers/{server}/backups` (panel 1.11).
        """
        body: dict[str, Any] = {"name": name, "ignored": _lines(ignored), "is_locked": is_locked}
        body = {field: value for field, value in body.items() if value is not None}
        return self._caller.change(server_route(server, "backups"), read_backup, body)

    def view(self, server: str, backup: str) -> Backup:
        """One backup. Raises NotAllowed (no `backup.read`).

        `GET /api/client/servers/{server}/backups/{backup}` (panel 1.11).
        """
        return read_backup(self._caller.read(server_route(server, "backups", backup)))

    def download_url(self, server: str, backup: str) -> SignedUrl:
        """Where to fetch the archive: at the node (once, 15 minutes) or at an object store (5 minutes).

        The panel does not look whether the backup is done: look at `Backup.state` first. Raises NotAllowed (no
        `backup.download`). `GET /api/client/servers/{server}/backups/{backup}/download` (panel 1.11).
        """
        return read_signed_url(self._caller.read(server_route(server, "backups", backup, "download")))

    def open_download(self, server: str, backup: str, *, deadline_s: float | None = None) -> Download:
        """The archive itself, wherever it lies; use it in a `with`.

        Errors as for `download_url` and `Streaming.download`.
        """
        url = self.download_url(server, backup)
        return self._caller.transport.streaming.download(url, deadline_s=deadline_s)

    def toggle_lock(self, server: str, backup: str) -> Backup:
        """Lock what is not locked, unlock what is: asked twice it changes nothing, so see `set_locked`.

        Raises NotAllowed (no `backup.delete`), OutcomeUnknown.
        `POST /api/client/servers/{server}/backups/{backup}/lock` (panel 1.11).
        """
        return self._caller.change(server_route(server, "backups", backup, "lock"), read_backup)

    def set_locked(self, server: str, backup: str, *, locked: bool) -> Backup:
        """Read the backup and toggle its lock only if that is not as wanted.

        The answer is the truth: if somebody else toggled between the two calls, `is_locked` is not what was wanted.
        Errors as for `view` and `toggle_lock`.
        """
        if not isinstance(locked, bool):
            raise ValueError("locked is true or false")
        before = self.view(server, backup)
        return before if before.is_locked == locked else self.toggle_lock(server, backup)

    def restore(self, server: str, backup: str, *, truncate: bool) -> None:
        """Begin to put a backup back; until it is done the server answers ServerStateConflict to nearly everything.

        `truncate` deletes all files first, before it is known whether the archive is there: only for a backup whose
        `state` is "done". Raises Refused (not finished, or the server's state), NotAllowed (no `backup.restore`),
        NodeRefused, OutcomeUnknown. `POST /api/client/servers/{server}/backups/{backup}/restore` (panel 1.11).
        """
        if not isinstance(truncate, bool):
            raise ValueError("truncate is true or false")
        self._caller.write(server_route(server, "backups", backup, "restore"), {"truncate": truncate})

    def delete(self, server: str, backup: str) -> None:
        """Delete a backup, also one in progress. Raises Refused (locked), NotAllowed (no `backup.delete`).

        `DELETE /api/client/servers/{server}/backups/{backup}` (panel 1.11).
        """
        self._caller.write(server_route(server, "backups", backup), method="DELETE")


def _lines(patterns: Sequence[str] | None) -> str | None:
    """Patterns as the panel takes them, one to a line. Raises ValueError for a line end inside of one."""
    if patterns is None:
        return None
    lines = distinct(patterns)
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a pattern is one line")
    return "\n".join(lines)
