"""Who uses the store: every process shares one lock; whoever puts another store in its place holds it alone.

The lock lies on a file of its own. The system takes it away with the last process that holds it, however that one ends;
the web processes inherit it when gunicorn forks them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "in-use"


class InUse(Exception):
    """Somebody else holds the lock in a way that leaves no room for us."""


def share(instance: Path) -> Callable[[], None]:
    """Say that this process uses the store, until the returned function is called or the process ends.

    Raises InUse while a store is being put back, and OSError when the folder cannot be written to.
    """
    handle = _locked(instance, fcntl.LOCK_SH)
    held = [handle]

    def release() -> None:
        if held:
            os.close(held.pop())

    return release


def give_to_owner(instance: Path) -> None:
    """A lock that root made belongs to whom the folder belongs, or the portal itself could not take it."""
    if os.geteuid() == 0:
        owner = instance.stat()
        os.chown(instance / NAME, owner.st_uid, owner.st_gid, follow_symlinks=False)


@contextmanager
def alone(instance: Path) -> Iterator[None]:
    """Hold the store alone. Raises InUse while any other process uses it."""
    handle = _locked(instance, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def _locked(instance: Path, kind: int) -> int:
    handle = os.open(instance / NAME, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InUse from None
    return handle
