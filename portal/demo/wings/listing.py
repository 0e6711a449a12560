"""How Wings tells about one file or folder, and in which order about many (`server/filesystem/stat.go`)."""
from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_TYPES = ((stat.S_ISDIR, "d"), (stat.S_ISLNK, "L"), (stat.S_ISFIFO, "p"), (stat.S_ISSOCK, "S"))
_PERMISSIONS = "rwxrwxrwx"


@dataclass(frozen=True)
class Entry:
    """`mode` as the system gives it, type bits included; times in unix seconds; `size` in bytes."""

    name: str
    mode: int
    size: int
    created: float
    modified: float
    mime: str

    @property
    def is_directory(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_pipe(self) -> bool:
        return stat.S_ISFIFO(self.mode)

    def document(self) -> dict[str, Any]:
        """`created` is when its name or rights changed last; `symlink` is false even for links."""
        return {
            "name": self.name, "created": _rfc3339(self.created), "modified": _rfc3339(self.modified),
            "mode": mode_text(self.mode), "mode_bits": f"{self.mode & 0o777:o}", "size": self.size,
            "directory": self.is_directory, "file": not self.is_directory, "symlink": False, "mime": self.mime,
        }


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Files from Z to A, then folders from A to Z: what its sorting with an inverted comparison comes to."""
    by_name = sorted(entries, key=lambda entry: entry.name.encode("utf-8", "surrogateescape"))
    files = [entry for entry in reversed(by_name) if not entry.is_directory]
    return files + [entry for entry in by_name if entry.is_directory]


def mode_text(mode: int) -> str:
    """As Go writes a file mode."""
    kind = next((letter for is_kind, letter in _TYPES if is_kind(mode)), "-")
    bits = (letter if mode & 1 << 8 - place else "-" for place, letter in enumerate(_PERMISSIONS))
    return kind + "".join(bits)


def _rfc3339(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
