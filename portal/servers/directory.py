"""Whose the servers are, as the portal's own key reads it: rows of servers, owners and subusers."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.pterodactyl.models import AppServer
from portal.servers import records
from portal.servers.models import Grant
from portal.servers.rights import Rights
from portal.store.upsert import upsert


def store_in(session: Session, servers: Sequence[AppServer], read_at: float) -> None:
    """Remember servers that were read with their subusers, and who may do what with them. Takes nobody's rights away.

    Raises BadAnswer when two of them share an identifier.
    """
    known = [
        {
            "uuid": one.uuid, "identifier": one.identifier, "internal_id": one.internal_id, "seen_at": read_at,
            "startup_command": one.startup_command, "environment_names": json.dumps(one.environment_names),
        }
        for one in servers
    ]  # fmt: skip
    grants = [
        records.grant_row(one.uuid, user, Rights(owns, held, read_at))
        for one in servers
        for user, owns, held in people(one)
    ]
    records.save_servers_in(session, known)
    upsert(session, Grant, grants)


def people(server: AppServer) -> list[tuple[int, bool, tuple[str, ...]]]:
    """Everybody who owns or shares a server: number of the panel user, whether they own it, their permissions."""
    subusers = [(one.user_id, False, one.permissions) for one in server.subusers or () if one.user_id != server.user]
    return [(server.user, True, ()), *subusers]
