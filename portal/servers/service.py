"""One server's own page, and the power signals that are sent to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from sqlalchemy.exc import OperationalError

from portal import clock
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.pterodactyl import errors
from portal.pterodactyl.models import PowerSignal
from portal.servers import reading, records
from portal.servers.door import acting
from portal.servers.reading import Opened
from portal.servers.records import SERVICE, Known
from portal.servers.rights import Rights
from portal.servers.rows import Row, digest, live_of, make_rows, problem_now, stops_actions, with_asides
from portal.servers.state import Asked, Live
from portal.web.formatting import age

log = logging.getLogger("roost.servers")


@dataclass(frozen=True)
class ServerPage:
    """One server's own page."""

    row: Row
    rights: Rights
    sftp_username: str | None
    read_at: float
    problem: str | None

    @property
    def is_cut_off(self) -> bool:
        """Whether nothing can be done to the server just now because the panel cannot be asked."""
        return stops_actions(self.problem)

    @property
    def version(self) -> str:
        """Changes whenever the live part of the page would look different."""
        how_old = age(self.read_at) if self.problem else None
        return digest(self.row.version, self.problem, how_old, self.row.condition.usage)


def server_page(viewer: Viewer, opened: Opened) -> ServerPage:
    """The page of an opened server; says that somebody looks at it."""
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    is_service = reading.scope_of(viewer, credential) == SERVICE
    mine = [(Known(opened.facts, opened.read_at), opened.rights)]
    live = live_of(mine, is_service=is_service)
    last = records.last_reading(reading.list_name(credential) or "")
    last = replace(last, read_at=max(last.read_at or 0.0, opened.read_at))
    problem = opened.problem or problem_now(last, live.values())
    records.watch(viewer.account_id, [opened.facts.uuid])
    return ServerPage(
        row=with_asides(viewer.account_id, make_rows(mine, live, is_panel_down=stops_actions(problem)))[0],
        rights=opened.rights,
        sftp_username=sftp_username(viewer, opened),
        read_at=opened.read_at,
        problem=problem,
    )


def sftp_username(viewer: Viewer, opened: Opened) -> str | None:
    """The name to sign in with at the node's SFTP; None for who may not, or has no account of the panel."""
    if not viewer.panel_username or not opened.rights.allow("file.sftp"):
        return None
    return f"{viewer.panel_username}.{opened.facts.identifier}"


def send_power(viewer: Viewer, opened: Opened, signal: PowerSignal) -> Asked:
    """Send a power signal and remember that it was asked. Accepted means that the node took it, not that it is done.

    Raises the library's errors; OutcomeUnknown is not one of them, it comes back as outcome "unknown".
    """
    uuid = opened.facts.uuid
    before = records.live([uuid]).get(uuid, Live()).usage
    asked = Asked(signal, clock.now(), before.current_state if before else None, "unknown")
    last = records.asked([uuid]).get(uuid)
    # Kept before the call: should the store be busy afterwards, the signal shows as unknown, not as never sent.
    records.save_asked(uuid, viewer.account_id, asked)
    try:
        with acting(viewer, f"power.{signal}", uuid) as api:
            api.servers.send_power(opened.facts.identifier, signal)
    except errors.OutcomeUnknown:
        return _asked_now(viewer, uuid, replace(asked, at=clock.now()))
    except errors.PanelError:
        records.save_asked(uuid, viewer.account_id, last)
        raise
    return _asked_now(viewer, uuid, replace(asked, at=clock.now(), outcome="accepted"))


def _asked_now(viewer: Viewer, uuid: str, asked: Asked) -> Asked:
    try:
        records.save_asked(uuid, viewer.account_id, asked)
    except OperationalError as error:
        log.error("a signal that was sent stays unknown: %s", error)
        return replace(asked, outcome="unknown")
    return asked
