"""Files of a server, and what can be asked to be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileObject:
    """A file or folder. `size` is in bytes; that of a folder says nothing about what it holds.

    `mode` is spelt `-rw-r--r--`, `mode_bits` in octal digits (`644`). `created_at` is when the inode changed last.
    """

    name: str
    mode: str
    mode_bits: str
    size: int
    is_file: bool
    is_symlink: bool
    mimetype: str
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class FileMove:
    """A file's old and new name, both seen from the folder that the call names; the new one may lead elsewhere."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class FileMode:
    """A file and the permissions that it shall have, in octal digits ("644", "0755")."""

    file: str
    mode: str
