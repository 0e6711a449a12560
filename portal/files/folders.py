"""Reading folders: what was read is kept for some seconds, so that sorting, filtering and drawing in parts ask once.

What is kept is one key's view in one process; whoever changes something forgets it (`forget`).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from flask import current_app

from portal import clock
from portal.auth.sessions import Viewer
from portal.files import door, paths
from portal.files.entries import Entry, entry_of
from portal.pterodactyl import errors
from portal.servers.reading import Opened

KEPT_S = 15.0
MOST_KEPT = 32
"""Folders; one of 5,000 files takes some 2 MiB."""
MOST_ABOVE = 16
PROOF_S = 10.0
"""So many folders above, for so long, are read to find out whether one is missing: a page has 25 s in all."""


@dataclass(frozen=True)
class Folder:
    """What was in a folder at `read_at` (epoch seconds), in no order to rely on. `version` changes when that does."""

    directory: str
    entries: tuple[Entry, ...]
    read_at: float
    version: str

    def find(self, name: str) -> Entry | None:
        """What has that name, if anything has."""
        return next((one for one in self.entries if one.name == name), None)


class NoSuchFolder(Exception):
    """The node says 404 or 500 of it, and a folder above that could be read does not hold it: it is not there."""


class _Kept:
    """Folders of one process, the oldest thrown away first."""

    def __init__(self) -> None:
        self._folders: OrderedDict[tuple[int, str, str], Folder] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[int, str, str]) -> Folder | None:
        with self._lock:
            found = self._folders.get(key)
        return found if found and abs(clock.now() - found.read_at) < KEPT_S else None

    def put(self, key: tuple[int, str, str], folder: Folder) -> None:
        with self._lock:
            self._folders[key] = folder
            self._folders.move_to_end(key)
            while len(self._folders) > MOST_KEPT:
                self._folders.popitem(last=False)

    def drop(self, server_uuid: str) -> None:
        with self._lock:
            for key in [one for one in self._folders if one[1] == server_uuid]:
                del self._folders[key]


def read(viewer: Viewer, opened: Opened, directory: str, *, is_fresh: bool = False) -> Folder:
    """A folder's entries: one panel call, or none when it was read a moment ago and `is_fresh` is not asked for.

    Raises NoSuchFolder, and the library's errors: 500 is Wings' word for a missing folder and for everything else that
    goes wrong, so the folders above are asked (more calls) before one is said to be missing.
    `GET /api/client/servers/{server}/files/list` (panel 1.11).
    """
    key = (viewer.account_id, opened.facts.uuid, directory)
    if not is_fresh and (known := _kept().get(key)) is not None:
        return known
    try:
        return _listed(viewer, opened, directory)
    except (errors.NodeRefused, errors.NodeUnreachable) as error:
        is_there = _is_there(viewer, opened, directory) if is_missing(error) else None
        if is_there is None:
            raise
        if not is_there:
            raise NoSuchFolder from error
    return _listed(viewer, opened, directory)  # it was made a moment ago, by an upload beside this one


def forget(server_uuid: str) -> None:
    """Something in a server's files was changed: what was read before is not shown any more."""
    _kept().drop(server_uuid)


def is_missing(error: errors.PanelError) -> bool:
    """Whether an answer to a read of a file or folder may mean that there is none: 404, or Wings' own 500.

    A node that does not answer at all is something else (panel 1.11: 504 and 502 for those).
    """
    return isinstance(error, (errors.NodeRefused, errors.NodeUnreachable)) and error.status in (404, 500)


def version_of(entries: tuple[Entry, ...]) -> str:
    """A short text that differs when entries do."""
    digest = hashlib.sha256()
    for one in sorted(entries, key=lambda entry: entry.name):
        digest.update(f"{one.name}\0{one.kind}\0{one.size_bytes}\0{one.changed_at}\0{one.mode_bits}\1".encode())
    return digest.hexdigest()[:16]


def _listed(viewer: Viewer, opened: Opened, directory: str) -> Folder:
    read_at = clock.now()
    with door.looking(viewer) as files:
        found = files.list(opened.facts.uuid, directory)
    entries = tuple(entry_of(one) for one in found)
    folder = Folder(directory, entries, read_at, version_of(entries))
    _kept().put((viewer.account_id, opened.facts.uuid, directory), folder)
    return folder


def _is_there(viewer: Viewer, opened: Opened, directory: str) -> bool | None:
    """Whether the folders above prove that a folder is there, or is not; None when those that can be read do not say.

    The one right above it is asked first, then all from "/" on: a node of which nothing can be read costs two calls.
    """
    began = clock.monotonic()
    if directory == "/":
        return None
    is_held = _is_held(viewer, opened, directory)
    if is_held is not None:
        return is_held
    above = paths.crumbs(paths.parent(directory))[: MOST_ABOVE - 1]
    for _name, path in above:
        if clock.monotonic() - began > PROOF_S:
            return None
        is_held = _is_held(viewer, opened, path)
        if not is_held:
            return is_held
    return _is_held(viewer, opened, directory) if above else None


def _is_held(viewer: Viewer, opened: Opened, path: str) -> bool | None:
    """Whether the folder above holds a folder of that name; None when it cannot be read."""
    try:
        found = _listed(viewer, opened, paths.parent(path)).find(paths.base(path))
    except (errors.NodeRefused, errors.NodeUnreachable):
        return None
    return found is not None and found.is_folder


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions.setdefault("roost_folders", _Kept())
    return kept
