"""What takes long, as it is kept: one row for each wish, from the moment somebody asked until nobody looks any more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.files.models import FileWork
from portal.store import read, write
from portal.store.types import dump, load

Kind = Literal["archive", "unarchive", "pull"]
KEPT_NAMES: Final = 5
LONGEST_RESULT: Final = 1000
"""So much stays of what has ended: names of files, letters of what was said."""
OPEN: Final = ("queued", "running")
PERMISSION: Final[dict[str, str]] = {"archive": "file.archive", "unarchive": "file.create", "pull": "file.create"}
"""The panel's word for each kind."""


@dataclass(frozen=True)
class Detail:
    """What is needed to do it. `names`: what to pack, the archive to unpack, the name under which a file arrives.

    `archives` are the archives that were in the folder before, `missing` the names that were not there to be packed;
    both are known from when it begins. Of what has ended only the first names stay; `more` and `more_missing` count
    the others.
    """

    names: tuple[str, ...]
    is_for_download: bool = False
    url: str = ""
    replaces: bool = False
    archives: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    more: int = 0
    more_missing: int = 0

    @property
    def count(self) -> int:
        """How many names there were."""
        return len(self.names) + self.more

    def shortened(self) -> Detail:
        """What stays of it when it has ended. An address is kept without its query from then on."""
        return replace(
            self,
            names=self.names[:KEPT_NAMES],
            more=self.more + len(self.names[KEPT_NAMES:]),
            missing=self.missing[:KEPT_NAMES],
            more_missing=self.more_missing + len(self.missing[KEPT_NAMES:]),
            archives=(),
            url=without_query(self.url),
        )


@dataclass(frozen=True)
class Job:
    """One row, read. Times in epoch seconds, `progress` in bytes."""

    number: int
    server_uuid: str
    account_id: int
    kind: Kind
    directory: str
    detail: Detail
    state: str
    asked_at: float
    begun_at: float | None
    ended_at: float | None
    owner: str | None
    progress: int | None
    result: str

    def is_same(self, kind: Kind, directory: str, detail: Detail) -> bool:
        """Whether this is what somebody else asks for."""
        mine = replace(self.detail, archives=(), missing=())
        return (self.kind, self.directory, mine) == (kind, directory, detail)


@dataclass(frozen=True)
class Ended:
    """How something ended: done, failed (the node or the panel said so) or unknown; `result` a name or a sentence."""

    state: Literal["done", "failed", "unknown"]
    result: str = ""


def open_in(session: Session) -> list[Job]:
    """Everything that waits or is being done, oldest first, inside somebody's transaction."""
    rows = session.scalars(select(FileWork).where(FileWork.state.in_(OPEN)).order_by(FileWork.id))
    return [job_of(row) for row in rows]


def all_open() -> list[Job]:
    """The same in a transaction of its own."""
    with read() as session:
        return open_in(session)


def take(number: int, owner: str) -> bool:
    """Take something that waits; False when somebody else has, or it was taken back. Written before any call."""
    values = {"state": "running", "owner": owner, "begun_at": clock.now()}
    return _change((FileWork.id == number) & (FileWork.state == "queued"), values)


def note(job: Job, detail: Detail) -> None:
    """Keep what was found as it began, for whoever has to look what became of it."""
    _change(FileWork.id == job.number, {"detail": dump(detail)})


def note_progress(number: int, size_bytes: int) -> None:
    """Keep how much has arrived."""
    _change((FileWork.id == number) & (FileWork.state == "running"), {"progress": size_bytes})


def end(job: Job, owner: str, ended: Ended) -> bool:
    """Keep how it ended. Who did it knows better than whoever took them for dead: unknown is replaced, too."""
    mine = (FileWork.id == job.number) & (FileWork.owner == owner) & FileWork.state.in_(("running", "unknown"))
    return _end(mine, ended)


def drop(job: Job, why: str) -> None:
    """Something that waited and will not be done."""
    _end((FileWork.id == job.number) & (FileWork.state == "queued"), Ended("failed", why))


def lose(job: Job, why: str) -> bool:
    """Whoever did it is gone: what became of it is not known."""
    mine = (FileWork.id == job.number) & (FileWork.state == "running") & (FileWork.owner == job.owner)
    return _end(mine, Ended("unknown", why))


def write_end(row: FileWork, ended: Ended) -> None:
    """Write into a row how it ended, inside somebody's transaction; what is not needed any more goes."""
    row.state, row.ended_at = ended.state, clock.now()
    row.result = ended.result[:LONGEST_RESULT]
    row.detail = dump(load(Detail, row.detail).shortened())


def without_query(address: str) -> str:
    """A web address without what comes after "?", which may be a password to the file."""
    return urlsplit(address)._replace(query="").geturl()


def explain(job: Job, why: str) -> None:
    """More about something of which it is not known what became of it."""
    _change((FileWork.id == job.number) & (FileWork.state == "unknown"), {"result": why[:LONGEST_RESULT]})


def job_of(row: FileWork) -> Job:
    """A row as the rest of this package has it."""
    return Job(
        number=row.id, server_uuid=row.server_uuid, account_id=row.account_id, kind=cast(Kind, row.kind),
        directory=row.directory, detail=load(Detail, row.detail), state=row.state, asked_at=row.asked_at,
        begun_at=row.begun_at, ended_at=row.ended_at, owner=row.owner, progress=row.progress, result=row.result,
    )  # fmt: skip


def _end(where: ColumnElement[bool], ended: Ended) -> bool:
    with write() as session:
        row = session.scalar(select(FileWork).where(where))
        if row is None:
            return False
        write_end(row, ended)
        return True


def _change(where: ColumnElement[bool], values: dict[str, object]) -> bool:
    with write() as session:
        done = session.execute(update(FileWork).where(where).values(values))
        return isinstance(done, CursorResult) and done.rowcount == 1
