"""How this panel is configured: what an operator sets in the panel's own settings and environment."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

BackupDisk = Literal["wings", "s3"]


@dataclass
class PanelConfig:
    """Names and defaults of the panel's `config/` files; seconds, bytes.  The port range None: not set.

    `hosts` are the names that the panel's machine finds an IPv4 address for; nobody's name server is asked.
    `queue_runs_at_once` is the queue named `sync`: a task waits for no offset, and who began the run hears its errors.
    """

    app_name: str = "Pterodactyl"
    client_databases: bool = True
    random_database_host: bool = True
    client_allocations: bool = True
    allocation_range: tuple[int, int] | None = (25600, 25620)
    backup_disk: BackupDisk = "wings"
    backup_throttle_limit: int = 2
    backup_throttle_period: int = 600
    max_edit_size: int = 4 * 1024 * 1024
    tasks_per_schedule: int = 10
    hide_admin_activity: bool = False
    queue_runs_at_once: bool = False
    hosts: dict[str, str] = field(default_factory=lambda: {"localhost": "127.0.0.1"})


def config_of(fixture: dict[str, Any]) -> PanelConfig:
    """From the `panel` part of a fixture; what it leaves out stays at its default.

    But for the queue: the panel of the recordings ran its jobs at once, so that is what a fixture means by silence.
    """
    panel = fixture.get("panel", {})
    config = PanelConfig()
    databases, allocations = panel.get("client_databases", {}), panel.get("client_allocations", {})
    config.client_databases = databases.get("enabled", config.client_databases)
    config.random_database_host = databases.get("allow_random_host", config.random_database_host)
    config.client_allocations = allocations.get("enabled", config.client_allocations)
    config.queue_runs_at_once = panel.get("queue", "sync") == "sync"
    config.hosts |= panel.get("hosts", {})
    if "range_start" in allocations:
        config.allocation_range = (allocations["range_start"], allocations["range_end"])
    return config
