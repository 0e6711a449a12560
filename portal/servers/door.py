"""The way to a server for a person: their key, and one audit line for each change.

One rule for all services: what only looks is asked within `looking`, each change within an `acting` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.service import Credential, NoCredential
from portal.panel import client
from portal.pterodactyl import ClientApi, errors
from portal.servers.reading import Opened
from portal.web.access import Forbidden
from portal.web.text import one_line


def acting_key(viewer: Viewer) -> Credential:
    """The key to ask with and to change something with. Raises KeyRefused when there is none."""
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    if isinstance(credential, NoCredential):
        raise errors.KeyRefused("There is no key to act with for this account.")
    return credential


def is_shared(viewer: Viewer) -> bool:
    """Whether this person is asked for with the service key, to which the panel shows and allows everything."""
    return acting_key(viewer).kind == "service"


def demand(opened: Opened, permission: str) -> None:
    """Raises Forbidden without a permission, before anything is asked of the panel."""
    if not opened.rights.allow(permission):
        raise Forbidden(permission)


@contextmanager
def looking(viewer: Viewer) -> Iterator[ClientApi]:
    """The library's calls for what changes nothing. Raises KeyRefused when there is no key to ask with."""
    credential = acting_key(viewer)
    with credentials.noticing(credential):
        yield client(credential.key, who=str(viewer.account_id))


@contextmanager
def acting(viewer: Viewer, action: str, server_uuid: str, detail: str = "") -> Iterator[ClientApi]:
    """The library's calls for one change, which is kept in the audit log: as unknown before it begins, then as it
    ended. `action` is a word like `backup.delete`. Raises KeyRefused when there is no key to act with."""
    credential = acting_key(viewer)
    with audit.acting(viewer, action, server_uuid, one_line(detail, 500)), credentials.noticing(credential):
        yield client(credential.key, who=str(viewer.account_id))
