"""Every page and state of the portal, of all features."""

from __future__ import annotations

from tests.e2e import (
    activity_states,
    console_states,
    databases_states,
    files_states,
    network_states,
    schedules_states,
    server_backups_states,
    server_settings_states,
    startup_states,
    states,
    subusers_states,
)

LOOKS = (
    *states.LOOKS, *console_states.LOOKS, *files_states.LOOKS, *server_backups_states.LOOKS, *databases_states.LOOKS,
    *schedules_states.LOOKS, *network_states.LOOKS, *subusers_states.LOOKS, *startup_states.LOOKS,
    *server_settings_states.LOOKS, *activity_states.LOOKS,
)  # fmt: skip
