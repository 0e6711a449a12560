"""Reading whose the servers are, every half minute, with the portal's own key; with the service key also how they are.

Only a whole, consistent reading replaces rights: a page missing in the middle takes nobody's access away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import delete, select

from portal import clock
from portal.billing import terms
from portal.billing.terms import Known
from portal.credentials import service as credentials
from portal.panel import client
from portal.pterodactyl import errors
from portal.pterodactyl.models import AppServer
from portal.servers import directory, records
from portal.servers.facts import Facts, facts_of
from portal.servers.models import Grant, LiveState, PanelServer, PowerRequest, Snapshot
from portal.servers.reading import problem_of
from portal.store import write
from portal.suspension import observing, panel_clock

log = logging.getLogger("roost.worker")
DIRECTORY = "directory"
SERVICE_LIST = "service"
PER_CALL = 100
FORGET_S = 86_400.0
"""A server that no key of ours has seen for this long is forgotten."""
S = TypeVar("S", AppServer, Facts)


def sync() -> bool:
    """Read owners and subusers of all servers and, with the service key, their facts; False when any of it failed."""
    is_good = _kept(DIRECTORY, _read_rights)
    credential = credentials.service()
    if credential is None:
        return is_good
    try:
        return _kept(SERVICE_LIST, lambda: _read_facts(credential)) and is_good
    except errors.KeyRefused:
        return False


def _kept(name: str, read: Callable[[], None]) -> bool:
    """Read a list; a failure is remembered under its name. Raises KeyRefused only for the service key's list."""
    try:
        read()
    except errors.PanelError as error:
        log.warning("the list %s could not be read: %s", name, error)
        is_refused = isinstance(error, errors.KeyRefused)
        records.save_failure(name, "service_refused" if is_refused else problem_of(error))
        if name == SERVICE_LIST and isinstance(error, errors.KeyRefused):
            raise
        return False
    return True


def _read_rights() -> None:
    read_at = clock.now()
    with credentials.as_portal("worker") as api:
        servers = _distinct(api.servers.iterate(include=("subusers",)))
    if any(one.subusers is None for one in servers):
        raise errors.BadAnswer("the application key may not read users", path="attributes.relationships.subusers")
    observing.note(servers, read_at)
    panel_clock.keep()
    for first in range(0, len(servers), PER_CALL):
        _store_rights(servers[first : first + PER_CALL], read_at)
    with write() as session:
        session.execute(delete(Grant).where(Grant.read_at < read_at))
        gone = select(PanelServer.uuid).where(PanelServer.seen_at < read_at - FORGET_S)
        for table in (Snapshot, LiveState, PowerRequest):
            session.execute(delete(table).where(table.server_uuid.in_(gone)))
        session.execute(delete(PanelServer).where(PanelServer.seen_at < read_at - FORGET_S))
    records.save_read(DIRECTORY, len(servers), read_at)


def _distinct(servers: Iterable[S]) -> list[S]:
    """All of a list; BadAnswer when one came twice, because then another one is missing."""
    found = list(servers)
    if len({one.uuid for one in found}) != len(found):
        raise errors.BadAnswer("the list changed while it was read")
    return found


def _store_rights(servers: Sequence[AppServer], read_at: float) -> None:
    with write() as session:
        directory.store_in(session, servers, read_at)
    terms.refresh_names([Known(one.uuid, one.identifier, one.name, one.internal_id) for one in servers])


def _read_facts(credential: credentials.Credential) -> None:
    read_at = clock.now()
    api = client(credential.key, who=None, purpose="live")
    with credentials.noticing(credential):
        servers = _distinct(facts_of(one) for one in api.servers.iterate(type="admin-all"))
        if not servers and records.last_reading(DIRECTORY).total:
            raise errors.KeyRefused("an administrator's list would not be empty", cause="not_admin")
    records.save_list(records.SERVICE, SERVICE_LIST, servers, len(servers), read_at, is_whole=True)
