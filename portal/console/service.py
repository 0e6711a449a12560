"""Sending commands to a server's console."""

from __future__ import annotations

from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.servers.door import acting
from portal.servers.reading import Opened


def send_command(viewer: Viewer, opened: Opened, command: str) -> str:
    """Send one line; returns "sent" or, when the panel did not say, "unknown". Never sends twice.

    Raises the library's errors; ServerOffline when the server does not run.
    """
    try:
        with acting(viewer, "console.command", opened.facts.uuid, command) as api:
            api.servers.send_command(opened.facts.identifier, command)
    except errors.OutcomeUnknown:
        return "unknown"
    return "sent"
