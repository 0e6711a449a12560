"""Asking the panel for a console's token, in threads of the relay: with one customer's own key or the service key."""

from __future__ import annotations

from flask import Flask

from portal.console.turns import Turns
from portal.credentials import service as credentials
from portal.credentials.service import Credential
from portal.panel import client
from portal.pterodactyl import errors
from portal.servers.records import SERVICE
from portal.wings import NoTicket, Ticket, Tickets

NOBODY = 0
"""No account, but one that could have a key: what it gets is the service key or nothing."""


def tickets(app: Flask, owner: int, panel_user_id: int | None, identifier: str, turns: Turns) -> Tickets:
    """What fetches tickets for a channel. `owner` is the account whose own key is used, 0 for the service key.

    It stands for all who share the channel, so with the service key nobody's account is asked for. `turns` are those of
    all channels.
    """
    linked_to = NOBODY if owner == SERVICE else panel_user_id

    def fetch() -> Ticket:
        with turns.turn(), app.app_context():
            credential = credentials.for_account(owner, linked_to)
            if not isinstance(credential, Credential) or (credential.kind == "service") != (owner == SERVICE):
                raise NoTicket("key")
            try:
                return _ask(credential, owner, identifier)
            except errors.PanelError as error:
                raise no_ticket(error) from None

    return fetch


def _ask(credential: Credential, owner: int, identifier: str) -> Ticket:
    who = None if owner == SERVICE else str(owner)
    with credentials.noticing(credential):
        found = client(credential.key, who=who, purpose="live").servers.websocket(identifier)
    return Ticket(found.socket, found.token)


def no_ticket(error: errors.PanelError) -> NoTicket:
    """Why the panel gave none, and whether that is its last word."""
    match error:
        case errors.PanelUnreachable(maintenance=True):
            return NoTicket("maintenance")
        case errors.Busy():
            return NoTicket("busy", retry_after_s=error.retry_after_s)
        case errors.KeyRefused():
            return NoTicket("key")
        case errors.NotAllowed():
            return NoTicket("refused", is_final=True)
        case errors.NotFound():
            return NoTicket("gone", is_final=True)
        case errors.ServerStateConflict():
            return NoTicket("state", is_final=True)
        case _:
            return NoTicket("panel")
