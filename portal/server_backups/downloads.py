"""Fetching a backup: hashed on its way, held back at its end until that is right, and how it went said on the page.

The last piece leaves only when everything before and in it has the panel's checksum. Otherwise the connection is closed
before the length that was said is reached, so no browser takes what came for the archive.
"""

from __future__ import annotations

import errno
import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from flask import Flask, current_app
from sqlalchemy import delete, select, update

from portal import clock
from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.pterodactyl.downloads import Download
from portal.pterodactyl.models import Backup
from portal.server_backups.models import BackupDownload
from portal.server_backups.service import read_one
from portal.servers.door import acting, demand
from portal.servers.reading import Opened
from portal.store import read, write
from portal.web.text import one_line

log = logging.getLogger("roost.backups")
ALGORITHMS: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512, "md5": hashlib.md5}
BEAT_S: Final = 5.0
SILENT_S: Final = 60.0
"""What was not heard of for so long may be over: its process may have been stopped."""
SHOWN_S: Final = 3600.0
KEPT_S: Final = 7 * 86_400.0
MOST_SHOWN: Final = 5
State = Literal["coming", "silent", "agrees", "differs", "unchecked", "cut"]


@dataclass(frozen=True)
class Shown:
    """A download as its person sees it on the page. `size_bytes` is None where the node did not say it."""

    number: int
    name: str
    state: State
    read_bytes: int
    size_bytes: int | None
    at: float


@dataclass(frozen=True)
class Sending:
    """A backup on its way: its pieces, once, and how to let go of it."""

    name: str
    size_bytes: int | None
    pieces: Iterator[bytes]
    close: Callable[[], None]


def download(viewer: Viewer, opened: Opened, backup_uuid: str) -> Sending:
    """Begin to fetch a backup that is done. Raises Unfit, and the library's errors."""
    demand(opened, "backup.download")
    backup = read_one(viewer, opened, backup_uuid, "download")
    with acting(viewer, "backup.download", opened.facts.uuid, backup.name) as api:
        found = api.backups.open_download(opened.facts.uuid, backup_uuid)
    try:
        number = _begin(viewer, opened.facts.uuid, backup.name, found.size_bytes or backup.bytes or None)
    except BaseException:
        found.close()
        raise
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    note = _Note(app, number, viewer, opened.facts.uuid, backup.name)

    def let_go() -> None:
        found.close()
        note.end("cut")  # pieces that nobody ever asked for say nothing of their end

    return Sending(f"{backup_uuid}.tar.gz", found.size_bytes, _checked(found, backup, note), let_go)


def _checked(found: Download, backup: Backup, note: _Note) -> Iterator[bytes]:
    """The archive, piece by piece, always one piece behind. Raises ConnectionResetError instead of the last one when it
    is not what the panel has a checksum of, or when the node breaks off; gunicorn then closes the connection."""
    kind, _colon, wanted = (backup.checksum or "").partition(":")
    made = ALGORITHMS.get(kind.lower())
    digest = made(usedforsecurity=False) if made and wanted else None
    held = b""
    outcome: State = "cut"
    try:
        with found:
            for piece in found:
                if digest:
                    digest.update(piece)
                note.beat(len(piece))
                if held:
                    yield held
                held = piece
        if digest and digest.hexdigest() != wanted.lower():
            outcome = "differs"
            raise ConnectionResetError(errno.ECONNRESET, "the archive is not what the panel has a checksum of")
        if held:
            yield held
        outcome = "agrees" if digest else "unchecked"
    except errors.PanelError as error:
        log.warning("the download of a backup was cut off: %s", error)
        raise ConnectionResetError(errno.ECONNRESET, "the node cut the archive off") from None
    finally:
        note.end(outcome)


class _Note:
    """What the store knows of one download, written from wherever its pieces are taken; a busy store stops no bytes."""

    def __init__(self, app: Flask, number: int, viewer: Viewer, server_uuid: str, name: str) -> None:
        self._app = app
        self._number = number
        self._viewer = viewer
        self._about = server_uuid, name
        self._read = 0
        self._beat_at = clock.monotonic()
        self._is_over = False

    def beat(self, more: int) -> None:
        """So many bytes came; kept every few seconds."""
        self._read += more
        if clock.monotonic() - self._beat_at >= BEAT_S:
            self._beat_at = clock.monotonic()
            self._keep("")

    def end(self, outcome: State) -> None:
        """It is over; only the first word on that counts."""
        if self._is_over:
            return
        self._is_over = True
        self._keep(outcome)
        if outcome == "differs":
            server_uuid, name = self._about
            log.error("backup %r of server %s does not have its checksum", name, server_uuid)
            with self._app.app_context():
                detail = f"{one_line(name, 400)}: the checksum does not agree"
                audit.record(self._viewer, "backup.download", server_uuid, outcome="failed", detail=detail)

    def _keep(self, outcome: str) -> None:
        values = {"read_bytes": self._read, "seen_at": clock.now(), "outcome": outcome}
        try:
            with self._app.app_context(), write() as session:
                session.execute(update(BackupDownload).where(BackupDownload.id == self._number).values(**values))
        except Exception:
            log.exception("how a download goes could not be kept")


def recent(viewer: Viewer, server_uuid: str) -> tuple[Shown, ...]:
    """Somebody's downloads of a server's backups in the last hour, newest first; the store only."""
    now = clock.now()
    query = (
        select(BackupDownload)
        .where(
            BackupDownload.account_id == viewer.account_id,
            BackupDownload.server_uuid == server_uuid,
            BackupDownload.seen_at > now - SHOWN_S,
        )
        .order_by(BackupDownload.id.desc())
        .limit(MOST_SHOWN)
    )
    with read() as session:
        return tuple(_shown(row, now) for row in session.scalars(query))


def is_coming(shown: tuple[Shown, ...]) -> bool:
    """Whether one of them is still on its way, so that it is worth to look again."""
    return any(one.state == "coming" for one in shown)


def _shown(row: BackupDownload, now: float) -> Shown:
    state: State = row.outcome or ("coming" if abs(now - row.seen_at) <= SILENT_S else "silent")  # type: ignore[assignment]
    return Shown(row.id, row.name, state, row.read_bytes, row.size_bytes, row.seen_at)


def _begin(viewer: Viewer, server_uuid: str, name: str, size_bytes: int | None) -> int:
    now = clock.now()
    with write() as session:
        session.execute(delete(BackupDownload).where(BackupDownload.seen_at < now - KEPT_S))
        row = BackupDownload(
            account_id=viewer.account_id, server_uuid=server_uuid, name=name, size_bytes=size_bytes, began_at=now,
            seen_at=now, read_bytes=0, outcome="",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id
