"""Making archives of a server's files (`server/filesystem/archive.go`): always a compressed tar."""
from __future__ import annotations

import gzip
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.patterns import patterns_of

IGNORE_FILE = ".pteroignore"
IGNORE_FILE_BYTES = 32 * 1024

_FASTEST = 1

Chooser = Callable[[str], bool]
"""Whether a path below the archive's base belongs in; folders end with a slash."""


def pack(files: Filesystem, base: str, target: BinaryIO, is_wanted: Chooser, now: float) -> None:
    """Files, folders and links below `base` that are wanted, with the rights that their owner gave them."""
    top = files.place(base)
    if not top.is_dir():
        raise NotADirectoryError(base)
    with _compressed_tar(target, now) as tar:
        for place, status in files.walk(top):
            name = place.relative_to(top).as_posix()
            is_folder = stat.S_ISDIR(status.st_mode)
            if is_wanted(f"{name}/" if is_folder else name):
                _add(tar, name, place, files.marks.mode_of(status))


def chosen(names: list[str]) -> Chooser:
    """Exactly these, and what is below them; a name that fits nothing is no error."""
    wanted = {name.strip("/") for name in names}
    return lambda path: any(path.rstrip("/") == name or path.startswith(f"{name}/") for name in wanted)


def not_ignored(patterns: str) -> Chooser:
    """All but what these lines name, as in a `.gitignore`."""
    spec = patterns_of(patterns.split("\n"))
    return lambda path: not spec.match_file(path)


def ignore_file_of(files: Filesystem) -> str:
    """The server's own list; "" where there is none, for a link, and for one that is unreasonably large."""
    place = files.place(IGNORE_FILE, follows=False)
    if place.is_symlink() or not place.is_file() or place.lstat().st_size > IGNORE_FILE_BYTES:
        return ""
    return place.read_text("utf-8", "replace")


@contextmanager
def _compressed_tar(target: BinaryIO, now: float) -> Iterator[tarfile.TarFile]:
    with (gzip.GzipFile("", "wb", _FASTEST, target, mtime=now) as compressed,
          tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar):
        yield tar


def _add(tar: tarfile.TarFile, name: str, place: Path, mode: int) -> None:
    try:
        member = tar.gettarinfo(place, name)
    except FileNotFoundError:
        return
    if member is None:
        return
    member.mode = stat.S_IMODE(mode)
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    if not member.isreg():
        tar.addfile(member)
        return
    with place.open("rb") as file:
        tar.addfile(member, file)
