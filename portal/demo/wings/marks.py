"""What a server's file has beside its bytes: rights and times.

On disk everything stays readable for the stand-in, which need not be root as Wings is; and its times are the demo's.
"""
from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from portal.demo.clock import Clock


@dataclass
class _Mark:
    changed_at: float
    mode: int


class Marks:
    """By inode, so that a file keeps its mark under another name; whoever makes a file marks it anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made_at = clock.now()
        self._by_inode: dict[int, _Mark] = {}

    def made(self, place: Path, mode: int, modified: float | None = None) -> None:
        """A file or folder that is new, or that has new contents and this `mode`."""
        status = place.lstat()
        self._by_inode[status.st_ino] = _Mark(self._clock.now(), mode & 0o777)
        if not stat.S_ISLNK(status.st_mode):
            place.chmod((mode & 0o777) | (0o700 if place.is_dir() else 0o600))
        self._set_modified(place, self._clock.now() if modified is None else modified)
        self.touched(place.parent)

    def written(self, place: Path) -> None:
        """New contents, the rights stay."""
        self.made(place, self.mode_of(place.lstat()))

    def aged(self, place: Path, seconds: float) -> None:
        """As if it had last been written so long ago."""
        self._set_modified(place, self._clock.now() - seconds)

    def renamed(self, place: Path, old_parent: Path) -> None:
        self._mark(place.lstat()).changed_at = self._clock.now()
        self.touched(place.parent)
        self.touched(old_parent)

    def set_mode(self, place: Path, mode: int) -> None:
        mark = self._mark(place.lstat())
        mark.changed_at, mark.mode = self._clock.now(), mode & 0o777
        place.chmod((mode & 0o777) | (0o700 if place.is_dir() else 0o600))

    def touched(self, folder: Path) -> None:
        """Something in it came, went or got another name."""
        self._mark(folder.lstat()).changed_at = self._clock.now()
        self._set_modified(folder, self._clock.now())

    def mode_of(self, status: os.stat_result) -> int:
        """Type and rights, as the customer set them."""
        mark = self._by_inode.get(status.st_ino)
        rights = stat.S_IMODE(status.st_mode) if mark is None else mark.mode
        return stat.S_IFMT(status.st_mode) | (0o777 if stat.S_ISLNK(status.st_mode) else rights)

    def changed_at(self, status: os.stat_result) -> float:
        mark = self._by_inode.get(status.st_ino)
        return self._made_at if mark is None else mark.changed_at

    def _mark(self, status: os.stat_result) -> _Mark:
        return self._by_inode.setdefault(status.st_ino, _Mark(self._made_at, stat.S_IMODE(status.st_mode)))

    def _set_modified(self, place: Path, moment: float) -> None:
        os.utime(place, (moment, moment), follow_symlinks=False)
