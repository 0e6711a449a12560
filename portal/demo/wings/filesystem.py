"""A server's files: a folder on disk, made from what the world says when somebody first looks into it."""
from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from portal.demo.clock import Clock
from portal.demo.storage import Storage
from portal.demo.wings import mime
from portal.demo.wings.file_errors import BadPath
from portal.demo.wings.listing import Entry, in_order
from portal.demo.wings.marks import Marks
from portal.demo.wings.paths import parts_of, plain, resolved

FILE_MODE = 0o644
FOLDER_MODE = 0o755

_FOLDER_BYTES = 4096


@dataclass(frozen=True)
class First:
    """A file that is there from the start, last written so long ago; with `link` a symbolic link to there instead."""

    content: bytes = b""
    age_seconds: float = 0.0
    mode: int = FILE_MODE
    link: str = ""


Firsts = dict[str, bytes | First | None]


class Filesystem:
    """`first` maps paths to contents (None: a directory).

    Every `name` comes from outside and is looked up below the root; what leads elsewhere raises BadPath, what the
    system refuses is an OSError.
    """

    def __init__(self, storage: Storage, name: str, first: Mapping[str, bytes | First | None],
                 clock: Clock | None = None) -> None:
        self._storage = storage
        self._name = name
        self._first: Mapping[str, First | None] = {
            path: First(content) if isinstance(content, bytes) else content for path, content in first.items()}
        self._root: Path | None = None
        self._used: int | None = None
        self.marks = Marks(clock or Clock())
        self.lock = threading.RLock()

    @property
    def root(self) -> Path:
        with self.lock:
            if self._root is None:
                self._root = self._storage.folder("volumes", self._name).resolve()
                for name, one in self._first.items():
                    self._make_first(name, one)
            return self._root

    def _make_first(self, name: str, one: First | None) -> None:
        self.make_folder(name if one is None else name.rpartition("/")[0])
        if one is not None and one.link:
            self.link(name, one.link)
        elif one is not None:
            self.marks.aged(self.write(name, (one.content,), one.mode), one.age_seconds)

    def used_bytes(self) -> int:
        """Counted anew only after a change that was made here, as Wings does; a file counts when it is whole."""
        if self._root is None:
            return sum(len(one.content) for one in self._first.values() if one is not None)
        with self.lock:
            if self._used is None:
                self._used = sum(status.st_size for _, status in self.walk() if not stat.S_ISDIR(status.st_mode))
            return self._used

    def place(self, name: str, *, follows: bool = True) -> Path:
        """Where that is on disk; it need not exist."""
        return resolved(self.root, name, follows=follows)

    def name_of(self, place: Path) -> str:
        """The other way round: the path below the root, without a slash before it."""
        return place.relative_to(self.root).as_posix()

    def walk(self, folder: Path | None = None) -> Iterator[tuple[Path, os.stat_result]]:
        """Everything below, by name; a folder comes before what is in it, links are not followed."""
        for place in sorted(_children(folder or self.root)):
            try:
                status = place.lstat()
            except FileNotFoundError:
                continue
            yield place, status
            if stat.S_ISDIR(status.st_mode):
                yield from self.walk(place)

    def entry(self, place: Path, kind: str | None = None) -> Entry:
        """`kind` None: told from the contents."""
        status = place.lstat()
        is_folder = stat.S_ISDIR(status.st_mode)
        return Entry(
            name="/" if place == self.root else place.name, mode=self.marks.mode_of(status),
            size=_FOLDER_BYTES if is_folder else status.st_size,
            created=self.marks.changed_at(status), modified=status.st_mtime, mime=kind or _kind(place, status),
        )

    def listed(self, name: str) -> list[Entry]:
        """What is in a folder, in Wings' order."""
        return in_order(self._entries(self.place(name).iterdir()))

    def _entries(self, places: Iterable[Path]) -> Iterator[Entry]:
        for place in places:
            try:
                yield self.entry(place)
            except FileNotFoundError:
                continue

    def write(self, name: str, pieces: Iterable[bytes], mode: int = FILE_MODE) -> Path:
        """Make the file, or replace its contents; folders on the way to it are made."""
        with self.lock:
            place = self.place(name)
            self._make_folders(place.parent)
            is_new = not place.exists()
            file = place.open("wb")
        try:
            with file:
                for piece in pieces:
                    file.write(piece)
        finally:
            self._used = None
        with self.lock:
            if is_new:
                self.marks.made(place, mode)
            else:
                self.marks.written(place)
        return place

    def open(self, name: str) -> tuple[BinaryIO, Entry]:
        """A file to read; IsADirectoryError for a folder."""
        with self.lock:
            place = self.place(name)
            entry = self.entry(place)
            if entry.is_directory:
                raise IsADirectoryError(name)
            if not stat.S_ISREG(entry.mode):
                raise BadPath(name)
            return place.open("rb"), entry

    def make_folder(self, name: str) -> None:
        """It may exist, but not as a file."""
        with self.lock:
            self._make_folders(self.place(name))

    def rename(self, old: str, new: str) -> None:
        """Folders of the new name are made.  FileExistsError, FileNotFoundError, BadPath for the root itself."""
        with self.lock:
            source, target = self._below_root(old), self._below_root(new)
            if source == target:
                return
            source.parent.lstat()
            self._make_folders(target.parent)
            if os.path.lexists(target):
                raise FileExistsError(new)
            source.rename(target)
            self.marks.renamed(target, source.parent)

    def delete(self, name: str) -> None:
        """A folder with all that is in it; what is not there is gone already."""
        with self.lock:
            place = self._below_root(name)
            if not os.path.lexists(place):
                return
            self._used = None
            _remove(place)
            self.marks.touched(place.parent)

    def truncate(self) -> None:
        """Delete everything, keep the root."""
        with self.lock:
            self._used = None
            for place in _children(self.root):
                _remove(place)
            self.marks.touched(self.root)

    def set_mode(self, name: str, mode: int) -> None:
        with self.lock:
            self.marks.set_mode(self.place(name), mode)

    def link(self, name: str, target: str) -> None:
        """A symbolic link; BadPath unless it leads, from where it is, to a place below the root."""
        with self.lock:
            place, aim = self._below_root(name), Path(plain(target))
            if aim.is_absolute() or not Path(os.path.realpath(place.parent / aim)).is_relative_to(self.root):
                raise BadPath(name)
            self._make_folders(place.parent)
            if place.is_symlink() or place.is_file():
                place.unlink()
            place.symlink_to(aim)
            self._used = None
            self.marks.made(place, 0o777)

    def _below_root(self, name: str) -> Path:
        if not parts_of(name):
            raise BadPath(name)
        return self.place(name, follows=False)

    def _make_folders(self, place: Path) -> None:
        """`place` lies below the root already, links and all."""
        if place.is_dir():
            return
        self._make_folders(place.parent)
        place.mkdir()
        self.marks.made(place, FOLDER_MODE)


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()


def _kind(place: Path, status: os.stat_result) -> str:
    if stat.S_ISDIR(status.st_mode):
        return mime.DIRECTORY
    if not stat.S_ISREG(status.st_mode):
        return mime.BINARY
    with place.open("rb") as file:
        return mime.kind_of(file.read(mime.HEAD_BYTES))
