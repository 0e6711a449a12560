"""Backups of the client API (`BackupTransformer`)."""
from __future__ import annotations

from portal.demo.clock import iso
from portal.demo.envelopes import JSON, item
from portal.demo.world import Backup


def backup_object(backup: Backup) -> JSON:
    return item("backup", {
        "uuid": backup.uuid,
        "is_successful": backup.is_successful,
        "is_locked": backup.is_locked,
        "name": backup.name,
        "ignored_files": list(backup.ignored_files),
        "checksum": backup.checksum,
        "bytes": backup.bytes,
        "created_at": iso(backup.created_at),
        "completed_at": None if backup.completed_at is None else iso(backup.completed_at),
    })
