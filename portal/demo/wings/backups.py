"""Making, keeping and restoring backups of a server's files (`server/backup.go`, `server/backup`)."""
from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from portal.demo.remote import Unknown
from portal.demo.wings.archives import ignore_file_of, not_ignored, pack
from portal.demo.wings.extracting import extract, pieces_of
from portal.demo.wings.file_errors import FileRefusal
from portal.demo.wings.http import NodeCall
from portal.demo.wings.node import WingsNode
from portal.demo.wings.process import Process
from portal.demo.world import Server

ADAPTERS = ("wings", "s3")
STOP_SECONDS = 120.0

_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Subject:
    """The server that something is done to."""

    node: WingsNode
    server: Server
    process: Process

    @classmethod
    def of(cls, call: NodeCall) -> Subject:
        return cls(call.node, call.server, call.process)


def archive_place(node: WingsNode, uuid: str) -> Path:
    """Where a local backup lies or would lie; FileNotFoundError for what can be no backup's uuid."""
    if not _NAME.fullmatch(uuid):
        raise FileNotFoundError(uuid)
    return node.storage.folder("backups", node.row.uuid) / f"{uuid}.tar.gz"


def located(node: WingsNode, uuid: str) -> Path:
    """An archive that is there; FileNotFoundError."""
    place = archive_place(node, uuid)
    if not place.is_file():
        raise FileNotFoundError(uuid)
    return place


def back_up(subject: Subject, uuid: str, ignore: str, adapter: str) -> None:
    """Make the archive, tell the panel, then everybody who listens.

    A panel that does not know the backup (any more) makes the archive go away again, and nobody hears of it.
    """
    node, place = subject.node, archive_place(subject.node, uuid)
    try:
        checksum, size = _make_archive(subject, place, ignore or ignore_file_of(subject.process.files))
        if adapter == "s3":
            node.objects.put(subject.server.uuid, uuid, place)
            place.unlink()
    except (OSError, FileRefusal):
        place.unlink(missing_ok=True)
        with suppress(Unknown):
            node.remote.backup_finished(uuid, is_successful=False, checksum="", size=0)
        _tell_completed(subject, uuid, is_successful=False, checksum="", size=0)
        return
    try:
        node.remote.backup_finished(uuid, is_successful=True, checksum=checksum, size=size)
    except Unknown:
        place.unlink(missing_ok=True)
        if adapter == "s3":
            node.objects.delete(subject.server.uuid, uuid)
        return
    _tell_completed(subject, uuid, is_successful=True, checksum=checksum, size=size)


def _make_archive(subject: Subject, place: Path, ignore: str) -> tuple[str, int]:
    """Its SHA-1 in hexadecimal, and its size in bytes."""
    with place.open("wb") as target:
        pack(subject.process.files, "/", target, not_ignored(ignore), subject.node.clock.now())
    digest = hashlib.sha1(usedforsecurity=False)
    with place.open("rb") as archive:
        for piece in pieces_of(archive):
            digest.update(piece)
    return digest.hexdigest(), place.stat().st_size


def _tell_completed(subject: Subject, uuid: str, *, is_successful: bool, checksum: str, size: int) -> None:
    document = {"checksum": checksum, "checksum_type": "sha1", "file_size": size, "is_successful": is_successful,
                "uuid": uuid}
    suffix = f":{uuid}" if subject.node.config.backup_event_has_suffix else ""
    subject.process.bus.publish(f"backup completed{suffix}", json.dumps(document, separators=(",", ":")))


@dataclass
class Restore:
    """One restore: waits until the process has stopped, unpacks, reports, and lets the server go again.

    `clean_up` is called when `archive` is needed no more; `origin` is the word for where it came from.  A process that
    does not stop in time is not killed: the restore fails.
    """

    subject: Subject
    uuid: str
    archive: Path
    origin: str
    clean_up: Callable[[], None]
    stop_before: float = 0.0

    def begin(self) -> None:
        """Stop the process and do the rest in the background."""
        process = self.subject.process
        process.halt_within(math.inf)
        process.is_busy, process.busy_with = True, "restoring"
        process.is_suspended = True
        self.stop_before = self.subject.node.clock.now() + STOP_SECONDS
        self.subject.node.later(self._work)

    def _work(self) -> None:
        node, process = self.subject.node, self.subject.process
        has_stopped = process.state == "offline"
        if not has_stopped and node.clock.now() < self.stop_before:
            node.later(self._work, _LOOK_AGAIN_SECONDS)
            return
        is_successful = has_stopped and self._unpack()
        self.clean_up()
        process.is_suspended = False
        with suppress(Unknown):
            node.remote.restore_finished(self.uuid, is_successful=is_successful)
        process.bus.publish("daemon message", f"Completed server restoration from {self.origin} backup.")
        process.bus.publish("backup restore completed", "")
        process.is_busy = False

    def _unpack(self) -> bool:
        process = self.subject.process
        try:
            extract(self.archive, process.files, "/",
                    lambda path: process.bus.publish("daemon message", f"(restoring): {path}"))
        except (OSError, FileRefusal):
            return False
        return True
