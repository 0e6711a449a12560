"""A server's files: a folder on disk, made from what the world says when somebody first looks into it."""
from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from portal.demo.storage import Storage


class Filesystem:
    """`first` maps paths to contents (None: a directory)."""

    def __init__(self, storage: Storage, name: str, first: Mapping[str, bytes | None]) -> None:
        self._storage = storage
        self._name = name
        self._first: Mapping[str, bytes | None] = dict(first)
        self._root: Path | None = None
        self._lock = threading.Lock()

    @property
    def root(self) -> Path:
        with self._lock:
            if self._root is None:
                self._root = self._made()
            return self._root

    def _made(self) -> Path:
        root = self._storage.folder("volumes", self._name)
        for name, content in self._first.items():
            place = root / name.strip("/")
            if content is None:
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        return root

    def used_bytes(self) -> int:
        if self._root is None:
            return sum(len(content) for content in self._first.values() if content is not None)
        return sum(path.lstat().st_size for path in self._root.rglob("*") if not path.is_dir())
