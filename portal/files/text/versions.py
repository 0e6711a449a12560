"""Earlier versions of texts that were saved through Roost: what a save replaced, and what it wrote.

Bounded by `file_versions`, `file_version_days` and `file_versions_mib`; each state of a file is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Account
from portal.credentials.service import master_key
from portal.files.models import FileVersion
from portal.files.text.reading import sum_of
from portal.files.text.sealing import seal, unseal
from portal.panel import settings
from portal.store import read, write
from portal.web.formatting import MIB

LONGEST = 1024 * 1024
"""Bytes; of longer texts no versions are kept."""
FORMER = "-"
"""Stands before the path of versions of another file that had this path before; paths begin with a slash."""
DAY_S = 86_400


@dataclass(frozen=True)
class Version:
    """One state of a text. `who` is the panel's name of whoever saved it, or that replaced it (`is_before`).

    `is_former`: it is of another file that had this path before the one that was moved there.
    """

    number: int
    path: str
    saved_at: float
    who: str | None
    is_before: bool
    size_bytes: int
    sha256: str
    is_former: bool


class NoSuchVersion(Exception):
    """It is not kept, or not any more."""


def is_kept(size_bytes: int) -> bool:
    """Whether versions are kept of a text of that length; of nothing there is nothing to keep."""
    return 0 < size_bytes <= LONGEST and settings().file_versions > 0


def keep(account_id: int, server_uuid: str, path: str, raw: bytes, *, is_before: bool) -> bool:
    """Remember a state of a file as its newest; says whether it is kept. What is kept of the same state goes.

    What the newest save replaced stays, however small the bounds are.
    """
    if not is_kept(len(raw)):
        return False
    sha256 = sum_of(raw)
    version = FileVersion(
        server_uuid=server_uuid, path=path, saved_at=clock.now(), account_id=account_id, is_before=is_before,
        size_bytes=len(raw), sha256=sha256, sealed=seal(master_key(), server_uuid, sha256, raw),
    )  # fmt: skip
    with write() as session:
        newest = session.scalars(_of(server_uuid, path).limit(1)).first()
        is_known = newest is not None and newest.sha256 == sha256 and newest.saved_at > clock.now() - DAY_S
        same = FileVersion.server_uuid == server_uuid, FileVersion.path == path, FileVersion.sha256 == sha256
        if not is_known:  # what was current for long is new among the earlier ones
            session.execute(delete(FileVersion).where(*same))
            session.add(version)
            session.flush()
            newest_two = session.scalars(_of(server_uuid, path).limit(2).with_only_columns(FileVersion.id)).all()
            spared = newest_two[0] if is_before else newest_two[-1]
            _bound(session, server_uuid, path, spared=spared)
        return session.scalar(select(func.count()).where(*same)) == 1


def of(server_uuid: str, path: str) -> tuple[Version, ...]:
    """The versions of a file, the newest first; after them those of another that had its path before."""
    paths = FileVersion.path.in_((path, FORMER + path))
    with read() as session:
        found = session.execute(_listed().where(FileVersion.server_uuid == server_uuid, paths))
        return tuple(sorted((_version(row) for row in found), key=lambda one: one.is_former))


def get(server_uuid: str, number: int) -> tuple[Version, bytes]:
    """One version of a server and its bytes. Raises NoSuchVersion, Unreadable."""
    with read() as session:
        where = FileVersion.server_uuid == server_uuid, FileVersion.id == number
        row = session.execute(_listed().where(*where)).first()
        sealed = session.scalar(select(FileVersion.sealed).where(*where))
    if row is None or sealed is None:
        raise NoSuchVersion
    version = _version(row)
    return version, unseal(master_key(), server_uuid, version.sha256, sealed)


def moved(server_uuid: str, old: str, new: str) -> None:
    """A file or folder has another path now: its versions go with it. What is kept there is of another one."""
    column = FileVersion.path
    change = update(FileVersion).where(FileVersion.server_uuid == server_uuid)
    with write() as session:
        session.execute(change.where(_at(new)).values(path=FORMER + column))
        session.execute(change.where(_at(old)).values(path=new + func.substr(column, len(old) + 1)))


def _at(path: str) -> ColumnElement[bool]:
    """At a path or below it."""
    return or_(FileVersion.path == path, func.substr(FileVersion.path, 1, len(path) + 1) == f"{path}/")


def prune() -> None:
    """Forget the versions of every server that are too old."""
    with write() as session:
        session.execute(delete(FileVersion).where(_is_old()))


def _bound(session: Session, server_uuid: str, path: str, *, spared: int) -> None:
    """Forget what is too old, too much of one file (whose newest version is no earlier one), or of one server; but not
    what is `spared`, whose room is counted first. What is newer is told by numbers, because clocks are set back."""
    mine = FileVersion.server_uuid == server_uuid, FileVersion.id != spared
    session.execute(delete(FileVersion).where(*mine, _is_old()))
    too_many = _of(server_uuid, path).offset(settings().file_versions + 1).with_only_columns(FileVersion.id)
    session.execute(delete(FileVersion).where(*mine, FileVersion.id.in_(session.scalars(too_many).all())))
    length = func.length(FileVersion.sealed)
    left = settings().file_versions_mib * MIB
    left -= session.scalar(select(length).where(FileVersion.id == spared)) or 0
    too_much = []
    for number, size in session.execute(select(FileVersion.id, length).where(*mine).order_by(FileVersion.id.desc())):
        left -= size
        if left < 0:
            too_much.append(number)
    session.execute(delete(FileVersion).where(FileVersion.id.in_(too_much)))


def _of(server_uuid: str, path: str) -> Select[FileVersion]:
    """A file's rows, the newest first."""
    where = FileVersion.server_uuid == server_uuid, FileVersion.path == path
    return select(FileVersion).where(*where).order_by(FileVersion.id.desc())


def _listed() -> Select[int, str, float, str | None, bool, int, str]:
    """What is listed of rows, without their bytes; the newest first."""
    columns = (
        FileVersion.id, FileVersion.path, FileVersion.saved_at, Account.panel_username, FileVersion.is_before,
        FileVersion.size_bytes, FileVersion.sha256,
    )  # fmt: skip
    joined = select(*columns).outerjoin(Account, Account.id == FileVersion.account_id)
    return joined.order_by(FileVersion.id.desc())


def _version(row: Any) -> Version:
    """What `_listed` selects."""
    number, path, saved_at, who, is_before, size_bytes, sha256 = row
    is_former = path.startswith(FORMER)
    return Version(number, path.removeprefix(FORMER), saved_at, who, is_before, size_bytes, sha256, is_former)


def _is_old() -> ColumnElement[bool]:
    return FileVersion.saved_at < clock.now() - settings().file_version_days * DAY_S


def newest_below(server_uuid: str, directory: str) -> tuple[Version, ...]:
    """The newest version of each text in a folder and below it, also of those that are not there; by path."""
    start = directory.rstrip("/") + "/"
    column = FileVersion.path
    below = or_(*(func.substr(column, 1, len(one)) == one for one in (start, FORMER + start)))
    found: dict[str, Version] = {}
    with read() as session:
        for row in session.execute(_listed().where(FileVersion.server_uuid == server_uuid, below)):
            version = _version(row)
            found.setdefault(version.path, version)
    return tuple(found[path] for path in sorted(found))
