"""Opening a text: its bytes as the node has them, and whether they are a text that can be given back unchanged."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from portal.auth.sessions import Viewer
from portal.files import door, folders, paths
from portal.files.entries import Kind
from portal.files.text import endings
from portal.pterodactyl import errors
from portal.servers.reading import Opened

LONGEST = 4 * 1024 * 1024
"""Bytes; the panel gives no more (`PTERODACTYL_FILES_MAX_EDIT_SIZE`)."""
NO_FILE = "none"
"""Stands for the sum of a file that is not there."""
UNPRINTED = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
Encoding = Literal["utf-8", "utf-16", "latin-1"]


class NoSuchFile(Exception):
    """There is no such file: the node said so, or it is not in its folder."""


class TooLong(Exception):
    """The panel shows no file of this length."""


class NoFile(Exception):
    """Something of this name is there, but it is a folder or cannot be read; `kind` says which."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Text:
    """A text as it can be shown: lines end in "\\n", without a mark of byte order. `raw` are the file's bytes.

    Only `utf-8` can be saved, and only what is not `is_tangled` (see `endings`); `latin-1` is a guess.
    """

    raw: bytes
    shown: str
    encoding: Encoding
    is_tangled: bool = False

    @property
    def base(self) -> str:
        """What a save must find unchanged."""
        return sum_of(self.raw)

    @property
    def is_editable(self) -> bool:
        """Whether what is shown can be turned into the same bytes again."""
        return self.encoding == "utf-8" and not self.is_tangled


def sum_of(raw: bytes) -> str:
    """The sum by which two states of a file are told apart (SHA-256)."""
    return hashlib.sha256(raw).hexdigest()


def contents(viewer: Viewer, opened: Opened, path: str) -> bytes:
    """A file's bytes: one panel call, and one more where the node's answer does not tell whether there is a file.

    Raises NoSuchFile, TooLong, NoFile, and the library's errors: then nothing is known of the file.
    `GET /api/client/servers/{server}/files/contents` (panel 1.11).
    """
    try:
        with door.looking(viewer) as files:
            raw = files.contents(opened.facts.uuid, path)
    except errors.Refused as error:
        if error.code == "FileSizeTooLargeException":
            raise TooLong from error
        raise
    except (errors.NodeRefused, errors.NodeUnreachable) as error:
        _explain(viewer, opened, path, error)
        raise
    door.note_read(viewer, "file.read", opened.facts.uuid, path)
    return raw


def text_of(raw: bytes) -> Text | None:
    """The text that bytes are, or None when they are no text at all."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(raw, raw, "utf-16")
    if b"\0" in raw:
        return None
    found = _decoded(raw, raw.removeprefix(codecs.BOM_UTF8), "utf-8")
    if found is None and not UNPRINTED.search(raw):
        return _decoded(raw, raw, "latin-1")
    return found


def _decoded(raw: bytes, plain: bytes, encoding: Encoding) -> Text | None:
    try:
        text = plain.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else Text(raw, endings.plain(text), encoding, endings.is_tangled(text))


def _explain(viewer: Viewer, opened: Opened, path: str, error: errors.PanelError) -> None:
    """Raises NoSuchFile or NoFile when that is why a file could not be read; else the error stands.

    The 500 that Wings 1.11 has for a missing file is also its word for anything else: only the folder tells.
    """
    if error.status == 404:
        raise NoSuchFile from error
    if not (folders.is_missing(error) or isinstance(error, errors.NodeRefused)):
        return
    if not opened.rights.allow("file.read"):
        return
    try:
        found = folders.read(viewer, opened, paths.parent(path), is_fresh=True).find(paths.base(path))
    except folders.NoSuchFolder:
        raise NoSuchFile from error
    if found is None:
        raise NoSuchFile from error
    if found.kind in ("folder", "special"):
        raise NoFile(found.kind) from error
