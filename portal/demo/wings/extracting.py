"""Unpacking archives into a server's files: first everything is looked at, then it is written."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from portal.demo.wings.file_errors import BadPath, DiskFull
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.members import Member, members_of, reading
from portal.demo.wings.paths import joined

PIECE_BYTES = 64 * 1024


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def pieces_of(file: Readable, most: int | None = None) -> Iterator[bytes]:
    """What is in a file, in pieces that fit into memory; no more than `most` bytes of it."""
    left = most
    while piece := file.read(PIECE_BYTES if left is None else min(PIECE_BYTES, left)):
        left = None if left is None else left - len(piece)
        yield piece


def require_harmless(archive: Path, space_left: int | None) -> None:
    """Every member may be written, and all together fit into so many bytes.  Raises BadArchive, DiskFull."""
    total = 0
    for member in members_of(archive):
        if member.kind == "file":
            for size in (len(piece) for piece in _contents(member)) if member.size is None else (member.size,):
                total += size
                if space_left is not None and total > space_left:
                    raise DiskFull


def extract(archive: Path, files: Filesystem, folder: str, tell: Callable[[str], None],
            is_skipped: Callable[[str], bool] = lambda _: False) -> None:
    """`tell` hears of every file's path before it is written.  Raises BadArchive, FileRefusal, OSError."""
    folders: list[tuple[Path, Member]] = []
    for member in members_of(archive):
        name = joined("/", folder, member.name)
        if is_skipped(name):
            continue
        if member.kind == "folder":
            files.make_folder(name)
            folders.append((files.place(name), member))
            continue
        tell(member.name)
        if member.kind == "link":
            files.link(name, member.target)
        else:
            _write(files, name, member)
    for place, member in reversed(folders):
        if place != files.root:
            files.marks.made(place, member.mode, member.modified)


def _write(files: Filesystem, name: str, member: Member) -> None:
    place = files.place(name, follows=False)
    if place.is_symlink():
        files.delete(name)
    elif place.exists() and not (place.is_file() or place.is_dir()):
        raise BadPath(name)
    place = files.write(name, _contents(member))
    files.marks.made(place, member.mode, member.modified)


def _contents(member: Member) -> Iterator[bytes]:
    with reading(), member.open() as file:
        yield from pieces_of(file)
