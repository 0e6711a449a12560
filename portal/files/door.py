"""The way to a server's files for a person: their key, the full uuid, one audit line for each change."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.panel import client
from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from portal.servers import door
from portal.web.text import one_line

log = logging.getLogger("roost.files")


@contextmanager
def looking(viewer: Viewer) -> Iterator[FileCalls]:
    """The library's calls for what changes nothing. Raises KeyRefused when there is no key to ask with."""
    with door.looking(viewer) as api:
        yield api.files


@contextmanager
def searching(viewer: Viewer) -> Iterator[FileCalls]:
    """The same for many calls one after the other: they have a share of their own, so that pages are still answered."""
    credential = door.acting_key(viewer)
    with credentials.noticing(credential):
        yield client(credential.key, who=f"{viewer.account_id}-search", purpose="sync").files


@contextmanager
def acting(viewer: Viewer, action: str, server_uuid: str, detail: str = "") -> Iterator[FileCalls]:
    """The library's calls for one change, kept in the audit log (`portal/servers/door.py`)."""
    with door.acting(viewer, action, server_uuid, detail) as api:
        yield api.files


def note_read(viewer: Viewer, action: str, server_uuid: str, path: str) -> None:
    """Keep that somebody was given what is in a file, where the panel's log names the service account for it.

    It was read already: a store that is busy takes nothing away from that, and the log knows.
    """
    if not door.is_shared(viewer):
        return
    try:
        audit.record(viewer, action, server_uuid, outcome="done", detail=one_line(path, 500))
    except OperationalError as error:
        log.error("%s was not kept in the audit log: %s", action, error)


def several(directory: str, names: Sequence[str]) -> str:
    """What the audit log keeps of an act on files of one folder: the folder and the first names, in one line."""
    shown = ", ".join(one_line(name, 60) for name in names[:5])
    more = f" (+{len(names) - 5})" if len(names) > 5 else ""
    return f"{one_line(directory, 120)}: {shown}{more}"


def gave_up(error: errors.OutcomeUnknown) -> bool:
    """Whether the node itself said that it did not get through with it (500), and only not why.

    No answer at all is 504, and 502 what the panel did not understand.
    """
    return isinstance(error.cause, errors.NodeUnreachable) and error.cause.status == 500
