"""The rows of invitations. What they say to an inviter is the same whether or not an address was known here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account
from portal.auth.sessions import Viewer
from portal.mail.models import Mail
from portal.servers import records
from portal.servers.reading import Opened
from portal.servers.rights import Rights
from portal.store import read, write
from portal.subusers.models import ServerInvitation
from portal.web.text import one_line


@dataclass(frozen=True)
class Invitation:
    """When somebody was invited and last written to, and whether they signed in here since."""

    invited_at: float
    mailed_at: float
    has_signed_in: bool


def of_server(server_uuid: str) -> dict[str, Invitation]:
    """The invitations to a server by the uuid of the panel user."""
    with read() as session:
        rows = session.execute(
            select(ServerInvitation, Account.last_login_at)
            .outerjoin(Account, Account.id == ServerInvitation.account_id)
            .where(ServerInvitation.server_uuid == server_uuid)
        ).all()
    return {
        row.panel_user_uuid: Invitation(row.invited_at, row.mailed_at, (seen_at or 0.0) > row.invited_at)
        for row, seen_at in rows
    }


def one(server_uuid: str, panel_user_uuid: str) -> Invitation | None:
    """One of them."""
    return of_server(server_uuid).get(panel_user_uuid)


def made(viewer: Viewer, opened: Opened, panel_user_uuid: str, permissions: Sequence[str]) -> None:
    """Note an invitation. The background process does the rest, the same for everybody."""
    now = clock.now()
    row = ServerInvitation(
        server_uuid=opened.facts.uuid, panel_user_uuid=panel_user_uuid, account_id=None,
        server_name=one_line(opened.facts.name, 80), permissions=json.dumps(list(permissions)), permissions_at=now,
        invited_by=viewer.account_id, invited_at=now, mailed_at=now, next_at=now, tries=0, problem=None,
    )  # fmt: skip
    with write() as session:
        session.merge(row)


def again_in(
    session: Session, viewer: Viewer, opened: Opened, panel_user_uuid: str, permissions: Sequence[str]
) -> None:
    """Let somebody be written to again, inside somebody's write(); they stay invited since when they were."""
    row = session.get_one(ServerInvitation, (opened.facts.uuid, panel_user_uuid))
    row.mailed_at = row.next_at = row.permissions_at = clock.now()
    row.permissions = json.dumps(list(permissions))
    row.tries, row.invited_by, row.server_name = 0, viewer.account_id, one_line(opened.facts.name, 80)


def changed(
    server_uuid: str, panel_user_uuid: str, panel_user_id: int | None, permissions: Sequence[str] | None
) -> None:
    """Let rights follow what the panel just did, at once: None took all of them. An owner's are left alone.

    What an invitation still has to do ends with the access.
    """
    now = clock.now()
    with write() as session:
        row = session.get(ServerInvitation, (server_uuid, panel_user_uuid))
        if panel_user_id is None and row is not None and row.account_id is not None:
            panel_user_id = session.get_one(Account, row.account_id).panel_user_id
        if row is not None and permissions is None:
            _call_back(session, row)
            session.delete(row)
        elif row is not None:
            row.permissions, row.permissions_at = json.dumps(list(permissions or ())), now
    if panel_user_id is None:
        return
    before = records.rights(server_uuid, panel_user_id)
    if before is None or not before.is_owner:
        rights = None if permissions is None else Rights(False, tuple(permissions), now)
        records.save_rights(server_uuid, panel_user_id, rights, now)


def _call_back(session: Session, row: ServerInvitation) -> None:
    """A message that still waits is about an access that is no more."""
    waiting = select(Mail).where(
        Mail.kind == "server_invite", Mail.state == "waiting", Mail.account_id == row.account_id,
        Mail.account_id.is_not(None),
    )  # fmt: skip
    for mail in session.scalars(waiting):
        if json.loads(mail.detail).get("server_uuid") == row.server_uuid:
            mail.state, mail.ended_at, mail.error = "dropped", clock.now(), "the access was taken away again"
