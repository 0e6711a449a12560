"""Files that are there in whole or not at all, and for their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


class BackupError(Exception):
    """A backup cannot be made, read or put back; the message is one sentence."""


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_new(path: Path) -> Path:
    """An empty file of mode 0600. Raises FileExistsError."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def write_whole(path: Path, content: bytes) -> None:
    """Replace what a small file holds; a crash leaves the old or the new content, and it is on the disk on return."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)
