"""Backups."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Backup, BackupPage


def read_backup(item: Reader) -> Backup:
    """A `backup`."""
    attributes = item.attributes("backup")
    return Backup(
        uuid=attributes.field("uuid").text(),
        is_successful=attributes.field("is_successful").flag(),
        is_locked=attributes.field("is_locked").flag(),
        name=attributes.field("name").text(),
        ignored_files=attributes.field("ignored_files").words(),
        checksum=attributes.field("checksum").text_or_none(),
        bytes=attributes.field("bytes").integer(),
        created_at=attributes.field("created_at").moment(),
        completed_at=attributes.field("completed_at").moment_or_none(),
    )


def read_backup_page(answer: Reader) -> BackupPage:
    """A page of backups, with their count."""
    page = answer.page(read_backup)
    return BackupPage(
        items=page.items,
        total=page.total,
        count=page.count,
        per_page=page.per_page,
        current_page=page.current_page,
        total_pages=page.total_pages,
        backup_count=answer.field("meta").field("backup_count").integer(),
    )
