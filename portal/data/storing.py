"""Keeping what the panel was just seen to say. Only ever called for whole lists: what is not in them is not removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, select

from portal.auth.models import Account
from portal.auth.service import PanelUser
from portal.data.comparing import limits_of
from portal.pterodactyl.models import AppServer, AppUser
from portal.servers import directory
from portal.servers.facts import Facts
from portal.servers.models import Grant, Snapshot
from portal.store import write
from portal.store.types import dump, load
from portal.suspension import observing

AT_ONCE = 100


class Doubtful(Exception):
    """The list of servers looks as if it came from the wrong panel; the message is a sentence. Nothing was stored."""


def store(servers: Sequence[AppServer], read_at: float) -> None:
    """Keep owners, subusers, suspension and limits of all servers of the panel. Raises Doubtful."""
    observing.note(servers, read_at)
    if (doubt := observing.doubt()) is not None:
        raise Doubtful(doubt.why)
    for first in range(0, len(servers), AT_ONCE):
        _store_some(servers[first : first + AT_ONCE], read_at)


def rename(users: Sequence[AppUser]) -> None:
    """Keep the names that panel users have now."""
    names = {one.id: PanelUser(one.id, one.username, one.email).username for one in users}
    with write() as session:
        for account in session.scalars(select(Account).where(Account.panel_user_id.is_not(None))):
            name = names.get(account.panel_user_id or 0)
            if name is not None and name != account.panel_username:
                account.panel_username = name


def _store_some(servers: Sequence[AppServer], read_at: float) -> None:
    """Each of these was read whole, so that rights in it which were not read are over."""
    by_uuid = {one.uuid: one for one in servers}
    with write() as session:
        directory.store_in(session, servers, read_at)
        session.execute(delete(Grant).where(Grant.server_uuid.in_(by_uuid), Grant.read_at < read_at))
        older = select(Snapshot).where(Snapshot.server_uuid.in_(by_uuid), Snapshot.read_at <= read_at)
        for row in session.scalars(older):
            was, server = load(Facts, row.facts), by_uuid[row.server_uuid]
            status = "suspended" if server.is_suspended else server.status
            now = replace(was, status=status, **limits_of(server))
            if now != was:
                row.facts = dump(now)
