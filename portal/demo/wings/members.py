"""What is in an archive that somebody brought: every format's members in one shape, and none that is dangerous."""
from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Literal, cast

from portal.demo.wings.file_errors import BadArchive

_LINK_BYTES = 4096
_LATEST = 2**33
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, gzip.BadGzipFile, EOFError, RuntimeError,
           NotImplementedError, UnicodeError, ValueError)
_SINGLE: tuple[tuple[bytes, str, Callable[[Any], Any]], ...] = (
    (b"\x1f\x8b", ".gz", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", ".bz2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", ".xz", lzma.LZMAFile),
)

Kind = Literal["file", "folder", "link"]


@dataclass(frozen=True)
class Member:
    """`size` None: not known before it is read; `modified` None: the archive does not say; `target` of a link.

    `open` works until the next member is asked for.
    """

    name: str
    kind: Kind
    open: Callable[[], IO[bytes]]
    size: int | None = None
    mode: int = 0o644
    modified: float | None = None
    target: str = ""

    def __post_init__(self) -> None:
        path = PurePosixPath(self.name)
        if (self.size or 0) < 0:
            raise BadArchive(self.name)
        if path.is_absolute() or ".." in path.parts or "\0" in self.name or PurePosixPath(self.target).is_absolute():
            raise BadArchive(self.name)


def members_of(place: Path) -> Iterator[Member]:
    """One after the other, by what the file's first bytes say it is; raises BadArchive."""
    with reading(), place.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        if head.startswith(b"PK"):
            yield from _zip(file)
        elif _is_tar(place):
            yield from _tar(file)
        else:
            yield _single(place.name, head, file)


@contextmanager
def reading() -> Iterator[None]:
    """What the formats' libraries stumble over becomes BadArchive."""
    try:
        yield
    except _BROKEN as error:
        raise BadArchive(str(error)) from error


def _is_tar(place: Path) -> bool:
    try:
        with tarfile.open(place, "r:*") as tar:
            return tar.next() is not None
    except (*_BROKEN, OSError):
        return False


def _tar(file: BinaryIO) -> Iterator[Member]:
    with tarfile.open(fileobj=file, mode="r|*") as tar:
        for info in tar:
            if not (info.isreg() or info.isdir() or info.issym()):
                raise BadArchive(info.name)
            kind: Kind = "file" if info.isreg() else "folder" if info.isdir() else "link"
            yield Member(info.name, kind, lambda info=info: _opened(tar, info),  # type: ignore[misc]
                         info.size, info.mode, _moment(info.mtime), info.linkname if kind == "link" else "")


def _opened(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    if file is None:
        raise BadArchive(info.name)
    return file


def _zip(file: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            kind: Kind = "folder" if info.is_dir() else "link" if stat.S_ISLNK(mode) else "file"
            if kind == "file" and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise BadArchive(info.filename)
            target = archive.open(info).read(_LINK_BYTES).decode() if kind == "link" else ""
            yield Member(info.filename, kind, lambda info=info: archive.open(info),  # type: ignore[misc]
                         info.file_size, stat.S_IMODE(mode) or 0o644, _zip_moment(info), target)


def _moment(told: float) -> float | None:
    """Unix seconds that a file may have; None for others."""
    return float(told) if 0 <= told <= _LATEST else None


def _zip_moment(info: zipfile.ZipInfo) -> float | None:
    """Many archives name a day that never was."""
    try:
        return datetime(*info.date_time, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _single(name: str, head: bytes, file: BinaryIO) -> Member:
    """One compressed file: the archive's name without its ending."""
    found = next(((ending, opened) for magic, ending, opened in _SINGLE if head.startswith(magic)), None)
    if found is None:
        raise BadArchive(name)
    ending, opened = found
    return Member(name.removesuffix(ending), "file", lambda: cast(IO[bytes], opened(file)))
