"""Storing files that come in, and saying of each one what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from portal.auth.sessions import Viewer
from portal.files import door, folders
from portal.files.folders import Folder, NoSuchFolder
from portal.files.transfers import limits
from portal.pterodactyl import errors
from portal.pterodactyl.multipart import FilePart, Readable
from portal.servers import reading
from portal.servers.reading import NoSuchServer, Opened
from portal.web.errors import sentence
from portal.web.i18n import _

State = Literal["done", "failed", "unknown"]


class Upload(Readable, Protocol):
    """The bytes of all files."""

    @property
    def is_begun(self) -> bool:
        """Whether the node may have got some of them."""


@dataclass(frozen=True)
class Stored:
    """What became of one file; `why` is a sentence, empty when it is done."""

    name: str
    state: State
    why: str = ""


class TooLarge(Exception):
    """Files that the node would refuse, by name; `limit_bytes` for each file."""

    def __init__(self, names: tuple[str, ...], limit_bytes: int) -> None:
        super().__init__()
        self.names = names
        self.limit_bytes = limit_bytes


class Present(Exception):
    """Names that are taken: by `files`, which may be replaced, and by `folders`, which may not."""

    def __init__(self, files: tuple[str, ...], folders: tuple[str, ...]) -> None:
        super().__init__()
        self.files = files
        self.folders = folders


class Blind(Exception):
    """Nobody can see for this person what would be replaced, so they have to say that it may be."""


class AccessEnded(Exception):
    """The person lost the permission while the files were sent; nothing of them is stored."""


def target(viewer: Viewer, opened: Opened, directory: str) -> Folder | None:
    """What is in the folder now; None when there is no such folder, or the person may not see what is in it.

    Raises the library's errors.
    """
    if is_blind(opened):
        return None
    try:
        return folders.read(viewer, opened, directory, is_fresh=True)
    except NoSuchFolder:
        return None


def is_blind(opened: Opened) -> bool:
    """Whether this person may not see what is in a folder."""
    return not opened.rights.allow("file.read")


def taken(names: Sequence[str], before: Folder | None) -> Present:
    """Which of these names are taken in a folder."""
    known = {entry.name: entry for entry in before.entries} if before else {}
    found = [known[name] for name in names if name in known]
    return Present(
        tuple(one.name for one in found if not one.is_folder), tuple(one.name for one in found if one.is_folder)
    )


def demand(opened: Opened, parts: Sequence[FilePart], before: Folder | None, *, is_replacing: bool) -> None:
    """Let nothing be sent in vain. Raises TooLarge, and unless files shall be replaced Present and Blind."""
    limit = limits.limit_bytes(opened.facts.node)
    if limit is not None and (large := tuple(part.name for part in parts if part.size_bytes > limit)):
        raise TooLarge(large, limit)
    if is_blind(opened) and not is_replacing:
        raise Blind
    there = taken([part.name for part in parts], before)
    if there.folders or (there.files and not is_replacing):
        raise there


def store(
    viewer: Viewer, opened: Opened, directory: str, parts: Sequence[FilePart], source: Upload, before: Folder | None
) -> tuple[Stored, ...]:
    """Store files in a folder, which is made if need be; files of those names are replaced. `before` from `target`.

    Raises AccessEnded, and the library's errors while nothing was sent yet; after that each file has its own answer.
    """
    uuid = opened.facts.uuid
    detail = door.several(directory, [part.name for part in parts])
    try:
        with door.acting(viewer, "file.upload", uuid, detail) as files:
            files.upload_all(uuid, directory, parts, source, before_end=lambda: _demand_access(viewer, opened))
    except errors.PanelError as error:
        folders.forget(uuid)
        if isinstance(error, errors.NodeRefused):
            limits.learn(opened.facts.node, error.sentence)
        if not source.is_begun:
            raise
        if isinstance(error, errors.OutcomeUnknown) and isinstance(error.cause, errors.SourceBroken):
            if isinstance(error.__cause__, AccessEnded | NoSuchServer):
                raise AccessEnded from error
            why = _unconfirmed(error.__cause__) or sentence(error.cause)[1]
            return tuple(Stored(part.name, "failed", why) for part in parts)
        return _read_back(viewer, opened, directory, parts, before, error)
    folders.forget(uuid)
    return tuple(Stored(part.name, "done") for part in parts)


def _demand_access(viewer: Viewer, opened: Opened) -> None:
    """Ask once more, unless that was just done: sending may have taken hours. Raises AccessEnded, NoSuchServer, and
    the library's errors."""
    if not reading.fresh_rights(viewer, opened).allow("file.create"):
        raise AccessEnded


def _unconfirmed(cause: BaseException | None) -> str:
    """Why it could not be found out whether the person may still do this; "" when that was not the matter."""
    if not isinstance(cause, errors.PanelError):
        return ""
    return _("Whether you may still do this could not be asked, so nothing was stored. %(why)s", why=sentence(cause)[1])


def _read_back(
    viewer: Viewer,
    opened: Opened,
    directory: str,
    parts: Sequence[FilePart],
    before: Folder | None,
    error: errors.PanelError,
) -> tuple[Stored, ...]:
    """What is there now of files whose upload did not end well: the node keeps those that it stored before."""
    why = sentence(error)[1]
    try:
        now = target(viewer, opened, directory)
        was_read = now is not None or opened.rights.allow("file.read")
    except errors.PanelError:
        now, was_read = None, False
    is_refused = isinstance(error, errors.NodeRefused)
    without: State = "failed" if is_refused and (was_read or len(parts) == 1) else "unknown"
    return tuple(
        Stored(part.name, "done") if _is_new(part, before, now) else Stored(part.name, without, why) for part in parts
    )


def _is_new(part: FilePart, before: Folder | None, now: Folder | None) -> bool:
    """Whether a file is there as it was sent, and was not before. One replaced within a second looks as it was."""
    entry = now.find(part.name) if now else None
    if entry is None or entry.kind != "file" or entry.size_bytes != part.size_bytes:
        return False
    earlier = before.find(part.name) if before else None
    return earlier is None or (earlier.size_bytes, earlier.changed_at) != (entry.size_bytes, entry.changed_at)
