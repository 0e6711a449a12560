"""What a folder holds, as pages need it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from portal.pterodactyl.models import FileObject

Kind = Literal["folder", "file", "link", "special"]
ARCHIVES = re.compile(r"\.(zip|tar|tgz|tbz2|txz|gz|bz2|xz|zst|lz4|sz|br|rar|7z)$", re.IGNORECASE)
SPECIAL = frozenset("pSDc?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder. `size_bytes` of anything but a file means nothing; `changed_at` is epoch seconds.

    `kind` `special` is a pipe, socket or device, which cannot be read or copied.
    """

    name: str
    kind: Kind
    size_bytes: int
    changed_at: float
    mode_bits: str
    mimetype: str

    @property
    def is_folder(self) -> bool:
        """Whether it can be opened to see what is in it."""
        return self.kind == "folder"

    @property
    def is_archive(self) -> bool:
        """Whether Wings may be able to unpack it, by its name."""
        return self.kind in ("file", "link") and ARCHIVES.search(self.name) is not None


def entry_of(found: FileObject) -> Entry:
    """What the panel said of a file. The mode tells its kind, as Go spells it: `symlink` is false even for links."""
    letters = set(found.mode[:-9])
    kind: Kind = "file" if found.is_file else "folder"
    if found.is_symlink or "L" in letters:
        kind = "link"
    elif letters & SPECIAL:
        kind = "special"
    return Entry(
        found.name, kind, found.size, found.modified_at.timestamp(), found.mode_bits, found.mimetype
    )  # fmt: skip
