"""What a list of patterns would leave out of a backup made now: some folders of the server, looked through."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

from portal import clock
from portal.auth.sessions import Viewer
from portal.files.entries import entry_of
from portal.pterodactyl import ClientApi
from portal.pterodactyl.models import FileObject
from portal.server_backups.leaving_out import brings_back, is_pattern, is_quick, judge, lines_of
from portal.servers.door import demand, looking
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen

OWN_LIST: Final = ".pteroignore"
OWN_LIST_BYTES: Final = 32 * 1024
"""A longer one is not taken by the node."""
MOST_FOLDERS: Final = 12
"""Each is a call to the node; somebody waits meanwhile."""
JUDGING_S: Final = 3.0
"""Of reckoning: so many lines over so many files could hold up everybody else."""
Source = Literal["typed", "own", "none", "unread"]


@dataclass(frozen=True)
class Judged:
    """A file or folder below the server's root (a folder's path ends with a slash), and whether it is left out."""

    path: str
    size_bytes: int
    is_left_out: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.endswith("/")


@dataclass(frozen=True)
class Preview:
    """What was looked at. `source` says whose patterns count: those typed, the server's own list, none, or the own list
    that could not be read. `folders` were looked through, `unseen` were not; `whole` are left out with all in them.
    Of the lines, `wrong` are no patterns, and what `hard` leave out takes too long to say."""

    source: Source
    patterns: tuple[str, ...]
    judged: tuple[Judged, ...]
    folders: tuple[str, ...]
    unseen: tuple[str, ...]
    whole: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    hard: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[Judged, ...]:
        """What would not be in the backup."""
        return tuple(one for one in self.judged if one.is_left_out)

    @property
    def left_out_bytes(self) -> int:
        """How much that is, of the files that were looked at."""
        return sum(one.size_bytes for one in self.left_out if not one.is_folder)


def preview(viewer: Viewer, opened: Opened, ignored: str) -> Preview | Trouble:
    """Look through the server's root and the folders next to it; at most 12 calls, and one for the server's own list.

    Raises Forbidden without `file.read`.
    """
    demand(opened, "file.read")
    return seen(opened, lambda: _look(viewer, opened, ignored))


def top(viewer: Viewer, opened: Opened) -> tuple[str, ...] | None:
    """What lies in the server's root, folders first and with a slash; None when it could not be read."""
    demand(opened, "file.read")

    def names() -> tuple[str, ...]:
        with looking(viewer) as api:
            entries = [entry_of(one) for one in api.files.list(opened.facts.uuid, "/")]
        entries.sort(key=lambda one: (not one.is_folder, one.name))
        return tuple(f"{one.name}/" if one.is_folder else one.name for one in entries)

    found = seen(opened, names)
    return None if isinstance(found, Trouble) else found


def _look(viewer: Viewer, opened: Opened, ignored: str) -> Preview:
    with looking(viewer) as api:
        uuid = opened.facts.uuid
        root = api.files.list(uuid, "/")
        typed = lines_of(ignored)
        source: Source = "typed"
        patterns = typed
        if not typed:
            source, patterns = _own_list(api, opened, root)
        is_out = judge(patterns)
        may_return = brings_back(patterns)
        judged: list[Judged] = []
        folders: list[str] = []
        whole: list[str] = []
        waiting: deque[str] = deque([""])
        judging_s = 0.0
        while waiting and len(folders) < MOST_FOLDERS and judging_s < JUDGING_S:
            here = waiting.popleft()
            found = api.files.list(uuid, f"/{here}") if here else root
            began = clock.monotonic()
            for one in sorted(map(entry_of, found), key=lambda entry: entry.name):
                if judging_s + clock.monotonic() - began >= JUDGING_S:
                    waiting.appendleft(here)
                    break
                path = f"{here}{one.name}/" if one.is_folder else f"{here}{one.name}"
                is_left_out = is_out(path)
                judged.append(Judged(path, 0 if one.is_folder else one.size_bytes, is_left_out))
                if one.is_folder and is_left_out and not may_return:
                    whole.append(path)
                elif one.is_folder:
                    waiting.append(path)
            else:
                folders.append(here)
            judging_s += clock.monotonic() - began
    wrong = tuple(line for line in patterns if not is_pattern(line))
    hard = tuple(line for line in patterns if line not in wrong and not is_quick(line))
    return Preview(source, tuple(patterns), tuple(judged), tuple(folders), tuple(waiting), tuple(whole), wrong, hard)


def _own_list(api: ClientApi, opened: Opened, root: tuple[FileObject, ...]) -> tuple[Source, list[str]]:
    """The server's own list, which counts where nothing is typed."""
    entries = [entry_of(one) for one in root]
    own = next((one for one in entries if one.name == OWN_LIST and one.kind == "file"), None)
    if own is None or own.size_bytes > OWN_LIST_BYTES:
        return "none", []
    if not opened.rights.allow("file.read-content"):
        return "unread", []
    text = api.files.contents(opened.facts.uuid, f"/{OWN_LIST}").decode("utf-8", "replace")
    return "own", text.split("\n")
