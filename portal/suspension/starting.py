"""Starting a server once after its suspension was lifted because somebody paid: as that person, if they may."""

from __future__ import annotations

import logging

from sqlalchemy import CursorResult, select, update

from portal import clock
from portal.audit import service as audit
from portal.auth.models import Account
from portal.auth.sessions import without_session
from portal.credentials import service as credentials
from portal.credentials.service import Credential
from portal.panel import client
from portal.pterodactyl import errors
from portal.servers import records
from portal.servers.models import PanelServer
from portal.servers.state import Asked
from portal.store import read, write
from portal.suspension import intents
from portal.suspension.models import Intent

log = logging.getLogger("roost.worker")
AT_ONCE = 20
OWED_S = 900
"""Later nobody waits for it any more, and might not want it."""
OFF = frozenset({"offline", "stopped"})
"""What was off before it was suspended stays off."""


def start_owed() -> int:
    """Start what was lifted and is not started yet; returns how many were tried.

    That it is owed stands in the store with the lifting itself, and is taken out before the signal goes: a server is
    started once or, when this process dies in between, not at all, but never twice.
    """
    now = int(clock.now())
    owed = (Intent.state == "confirmed") & Intent.start_as.is_not(None)
    query = select(Intent.id, Intent.server_uuid, Intent.start_as, Intent.ended_at).where(owed, ~Intent.wants_suspended)
    with read() as session:
        found = session.execute(query.limit(AT_ONCE)).all()
    tried = 0
    for row in found:
        with write() as session:
            taken = session.execute(update(Intent).where(Intent.id == row.id, owed).values(start_as=None))
            is_mine = isinstance(taken, CursorResult) and taken.rowcount == 1
            is_wanted = intents.is_wanted_suspended(session, row.server_uuid)
            server = session.get(PanelServer, row.server_uuid)
        if is_mine and not is_wanted and server is not None and (row.ended_at or 0) > now - OWED_S:
            _start(server, row.start_as)
            tried += 1
    return tried


def _start(server: PanelServer, account_id: int) -> None:
    """Send the signal, once and at best: whether it worked, the server's page shows. Nothing is raised."""
    with read() as session:
        account = session.get(Account, account_id)
    before = records.live([server.uuid]).get(server.uuid)
    usage = before.usage if before else None
    if account is None or account.is_disabled or account.panel_user_id is None:
        return
    if usage is not None and usage.current_state in OFF:
        return
    credential = credentials.for_account(account.id, account.panel_user_id)
    rights = records.rights(server.uuid, account.panel_user_id)
    if not isinstance(credential, Credential) or rights is None or not rights.allow("control.start"):
        return
    viewer = without_session(account)
    asked = Asked("start", clock.now(), usage.current_state if usage else None, "unknown")
    records.save_asked(server.uuid, account.id, asked)
    try:
        with audit.acting(viewer, "power.start", server.uuid, "paid"), credentials.noticing(credential):
            client(credential.key, who=str(account.id)).servers.send_power(server.identifier, "start")
    except errors.PanelError as error:
        log.warning("a server that is no longer suspended could not be started: %s", error)
