"""What a folder's page says of work that takes long: what waits, what is under way, and how the last ones ended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import or_, select

from portal import clock
from portal.auth.models import Account
from portal.auth.sessions import Viewer
from portal.files import paths
from portal.files.models import FileWork
from portal.files.work import jobs
from portal.files.work.asking import may_put_away
from portal.files.work.jobs import OPEN, Job
from portal.servers.rights import Rights
from portal.store import read

DONE_S: Final = 86_400.0
ENDED_S: Final = 7 * 86_400.0
"""So long what ended is shown, unless somebody puts it away; what went wrong longer than what went well."""
MOST_ENDED: Final = 10


@dataclass(frozen=True)
class Shown:
    """One work as somebody sees it. `who` is the name of whoever asked, "" when that is nothing for the viewer."""

    job: Job
    is_mine: bool
    who: str
    may_put_away: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits or is under way."""
        return self.job.state in OPEN

    @property
    def since(self) -> float:
        """Since when it is as it is."""
        job = self.job
        return next(at for at in (job.ended_at, job.begun_at, job.asked_at) if at is not None)

    @property
    def address(self) -> str:
        """Where a file is fetched from, without what may be a password to it."""
        return jobs.without_query(self.job.detail.url)

    @property
    def made(self) -> str:
        """The path of the archive that was made; "" for everything else."""
        job = self.job
        return paths.joined(job.directory, job.result) if job.kind == "archive" and job.state == "done" else ""


@dataclass(frozen=True)
class Band:
    """Everything that a page says of a server's work."""

    works: tuple[Shown, ...]

    @property
    def open_numbers(self) -> str:
        """Which ones are not over, as a poll carries them."""
        return "-".join(str(one.job.number) for one in self.works if one.is_open)

    @property
    def version(self) -> str:
        """Changes when the band would look different."""
        parts = [f"{one.job.number} {one.job.state} {one.job.progress} {one.job.result}" for one in self.works]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def has_ended(self, open_before: str) -> bool:
        """Whether something is over that was not when the page was drawn."""
        return bool(set(open_before.split("-")) - set(self.open_numbers.split("-")) - {""})


def band(viewer: Viewer, server_uuid: str, rights: Rights) -> Band:
    """The work on a server, newest first; the store only."""
    now = clock.now()
    is_recent = or_(
        (FileWork.state == "done") & (FileWork.ended_at > now - DONE_S),
        FileWork.state.in_(("failed", "unknown")) & (FileWork.ended_at > now - ENDED_S),
    )
    query = (
        select(FileWork, Account.panel_username)
        .outerjoin(Account, Account.id == FileWork.account_id)
        .where(FileWork.server_uuid == server_uuid, FileWork.seen_at.is_(None))
        .order_by(FileWork.id.desc())
    )
    with read() as session:
        rows = [
            *session.execute(query.where(FileWork.state.in_(OPEN))),
            *session.execute(query.where(is_recent).limit(MOST_ENDED)),
        ]
        found = [(jobs.job_of(row), name) for row, name in rows]
    is_told = rights.is_owner or rights.allow("user.read")
    shown = [
        Shown(
            job, job.account_id == viewer.account_id, (name or "") if is_told else "",
            may_put_away(rights, viewer.account_id, job.kind, job.account_id),
        )
        for job, name in sorted(found, key=lambda one: one[0].number, reverse=True)
    ]  # fmt: skip
    return Band(tuple(shown))
