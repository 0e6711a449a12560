"""The group `flask data` with all of its commands."""

from __future__ import annotations

from portal.admin.commands import data
from portal.data.migrate_command import migrate_servers
from portal.data.sync_command import sync_command

data.add_command(migrate_servers)
data.add_command(sync_command)

__all__ = ["data"]
