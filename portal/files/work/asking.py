"""Asking for something that takes long, and putting away what came of it: the store only, no panel call."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.sessions import Viewer
from portal.files.models import FileWork
from portal.files.work import jobs
from portal.files.work.jobs import OPEN, PERMISSION, Detail, Ended, Kind
from portal.servers.reading import Opened
from portal.servers.rights import Rights
from portal.store import write
from portal.store.types import dump
from portal.web.i18n import _

MOST_OF_A_SERVER: Final = 10
MOST_OF_AN_ACCOUNT: Final = 20
"""So many may wait or be under way."""
MOST_KEPT: Final = 50
"""So many of a server's that ended are kept when another one is asked for."""


class TooMany(Exception):
    """So much waits already that nothing is added."""


def ask(viewer: Viewer, opened: Opened, kind: Kind, directory: str, detail: Detail) -> bool:
    """Let something be done by the background process; False when exactly that waits or is being done already.

    Raises TooMany.
    """
    uuid = opened.facts.uuid
    with write() as session:
        waiting = jobs.open_in(session)
        theirs = [job for job in waiting if job.server_uuid == uuid]
        if any(job.is_same(kind, directory, detail) for job in theirs):
            return False
        mine = [job for job in waiting if job.account_id == viewer.account_id]
        if len(theirs) >= MOST_OF_A_SERVER or len(mine) >= MOST_OF_AN_ACCOUNT:
            raise TooMany
        _forget_oldest(session, uuid)
        session.add(
            FileWork(
                server_uuid=uuid, account_id=viewer.account_id, kind=kind, directory=directory, detail=dump(detail),
                state="queued", asked_at=clock.now(),
            )
        )  # fmt: skip
    return True


def may_put_away(rights: Rights, account_id: int, kind: str, asked_by: int) -> bool:
    """Who asked for it and whoever could have; not everybody who may look."""
    return account_id == asked_by or rights.allow(PERMISSION[kind])


def put_away(viewer: Viewer, opened: Opened, number: int) -> bool:
    """Show something that ended no more, or take back what did not begin; False when neither is possible."""
    with write() as session:
        row = session.get(FileWork, number)
        if row is None or row.server_uuid != opened.facts.uuid:
            return False
        if not may_put_away(opened.rights, viewer.account_id, row.kind, row.account_id):
            return False
        if row.state == "running":
            return False
        if row.state == "queued":
            jobs.write_end(row, Ended("failed", _("It was taken back before it began.")))
        row.seen_at = clock.now()
        return True


def _forget_oldest(session: Session, server_uuid: str) -> None:
    ended = (FileWork.server_uuid == server_uuid) & FileWork.state.not_in(OPEN)
    newest = select(FileWork.id).where(ended).order_by(FileWork.id.desc()).limit(MOST_KEPT)
    session.execute(delete(FileWork).where(ended, FileWork.id.not_in(newest)))
