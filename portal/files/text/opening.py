"""What the editor shows of a file: its text, or why there is none and what can be done instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.auth.sessions import Viewer
from portal.files import paths
from portal.files.text import reading, versions
from portal.files.text.reading import NO_FILE, Encoding
from portal.pterodactyl import errors
from portal.servers.reading import Opened

State = Literal["text", "binary", "too_long", "missing", "folder", "special", "failed"]


@dataclass(frozen=True)
class Sheet:
    """A file in the editor. `shown` and `base` mean something for a `text` only; `base` is what a save must find.

    `may_save` is whether this person has the permissions that a save needs; `failed` is explained by `error`.
    """

    path: str
    state: State
    may_save: bool
    shown: str = ""
    base: str = NO_FILE
    encoding: Encoding = "utf-8"
    size_bytes: int = 0
    is_tangled: bool = False
    is_kept: bool = True
    error: errors.PanelError | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return paths.base(self.path)

    @property
    def folder(self) -> str:
        """The folder that it is in."""
        return paths.parent(self.path)

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self.base == NO_FILE

    @property
    def is_editable(self) -> bool:
        """Whether the text can be changed here."""
        return self.state == "text" and self.may_save and self.encoding == "utf-8" and not self.is_tangled


def may_save(opened: Opened) -> bool:
    """Whether the permissions are enough: the panel asks for `file.create`, and each save reads the file first."""
    return opened.rights.allow("file.create") and opened.rights.allow("file.read-content")


def open_file(viewer: Viewer, opened: Opened, path: str, *, is_new: bool = False) -> Sheet:
    """A file as the editor shows it; `is_new` opens an empty text where there is no file. Never raises an error of the
    panel or node: it is part of what is shown."""
    savable = may_save(opened)
    try:
        raw = reading.contents(viewer, opened, path)
    except reading.NoSuchFile:
        return Sheet(path, "text" if is_new and savable else "missing", savable)
    except reading.TooLong:
        return Sheet(path, "too_long", savable)
    except reading.NoFile as found:
        return Sheet(path, "folder" if found.kind == "folder" else "special", savable)
    except errors.PanelError as error:
        return Sheet(path, "failed", savable, error=error)
    text = reading.text_of(raw)
    if text is None:
        return Sheet(path, "binary", savable, size_bytes=len(raw))
    is_kept = versions.is_kept(max(1, len(raw)))
    return Sheet(
        path, "text", savable, text.shown, text.base, text.encoding, len(raw), text.is_tangled, is_kept
    )  # fmt: skip


def typed_again(opened: Opened, path: str, typed: str, base: str) -> Sheet:
    """The editor with what somebody typed, for an answer to their save that is a page of its own."""
    return Sheet(path, "text", may_save(opened), typed, base, size_bytes=len(typed.encode()))
