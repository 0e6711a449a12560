"""Backups of a server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from portal.pterodactyl.models.paging import Page

BackupState = Literal["in progress", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. `checksum` (`sha1:...`) and `bytes` are None and 0 until it is done; so for ever if it failed."""

    uuid: str
    is_successful: bool  # false while it is being made, too: see `state`
    is_locked: bool
    name: str
    ignored_files: tuple[str, ...]
    checksum: str | None
    bytes: int
    created_at: datetime
    completed_at: datetime | None

    @property
    def state(self) -> BackupState:
        """Whether it is still being made, and if not, whether there is something to restore."""
        if self.completed_at is None:
            return "in progress"
        return "done" if self.is_successful else "failed"


@dataclass(frozen=True, slots=True)
class BackupPage(Page[Backup]):
    """One page of backups; `backup_count` counts those of all pages that did not fail, as the limit does."""

    backup_count: int
