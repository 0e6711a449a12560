"""Sending commands to a server's console."""

from __future__ import annotations

from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.panel import client
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.service import acting_key


def send_command(viewer: Viewer, opened: Opened, command: str) -> str:
    """Send one line; returns "sent" or, when the panel did not say, "unknown". Never sends twice.

    Raises the library's errors; ServerOffline when the server does not run.
    """
    credential = acting_key(viewer)
    api = client(credential.key, who=str(viewer.account_id))
    try:
        with audit.acting(viewer, "console.command", opened.facts.uuid, command), credentials.noticing(credential):
            api.servers.send_command(opened.facts.identifier, command)
    except errors.OutcomeUnknown:
        return "unknown"
    return "sent"
