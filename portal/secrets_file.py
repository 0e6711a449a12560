"""Random keys that Roost makes for itself, each in a file of mode 0600 in the instance folder."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from portal.config import BadSetting, unreadable

LENGTH = 32


def load_or_make(path: Path) -> bytes:
    """The 32 bytes that a file holds; makes it when there is none. Raises BadSetting when others can read it."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _load(path)
    except OSError as wrong:
        raise BadSetting(f"The instance folder cannot hold {path.name}: {wrong.strerror}.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(LENGTH)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return _load(path)


def _load(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise BadSetting(f"The file {path.name} can be read by others (mode {mode:o}): run chmod 600 on it.")
        key = base64.urlsafe_b64decode(path.read_bytes().strip())
    except binascii.Error:
        key = b""
    except OSError as wrong:
        raise unreadable(path, wrong) from None
    if len(key) != LENGTH:
        raise BadSetting(f"The file {path.name} does not hold a key that Roost made.")
    return key
