"""What a server may do with its files: its disk limit, and the names that its egg forbids to touch."""
from __future__ import annotations

from dataclasses import dataclass

from portal.demo.wings.file_errors import Denied, DiskFull
from portal.demo.wings.patterns import patterns_of
from portal.demo.wings.process import Process
from portal.demo.wings.usage import MIB
from portal.demo.world import Server


@dataclass(frozen=True)
class Rules:
    server: Server
    process: Process

    def is_denied(self, name: str) -> bool:
        """By the egg's list, with the patterns of `.gitignore`."""
        patterns = self.server.egg.file_denylist
        return bool(patterns) and patterns_of(patterns).match_file(name.lstrip("/"))

    def require_names(self, *names: str) -> None:
        """Raises Denied."""
        for name in names:
            if self.is_denied(name):
                raise Denied(name)

    def require_space(self, size: int) -> None:
        """For that many bytes more; raises DiskFull."""
        left = self.space_left
        if left is not None and size > left:
            raise DiskFull

    @property
    def space_left(self) -> int | None:
        """Bytes, possibly fewer than none; None is unlimited."""
        limit = self.server.limits.disk * MIB
        return limit - self.process.disk_bytes if limit > 0 else None
