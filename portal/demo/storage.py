"""The demo's disk: a temporary folder, made when somebody first needs it and gone when the demo is."""
from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from pathlib import Path


class Storage:
    def __init__(self) -> None:
        self._root: Path | None = None
        self._lock = threading.Lock()

    def folder(self, *names: str) -> Path:
        """A folder of that name below the root, made if it is missing."""
        with self._lock:
            if self._root is None:
                self._root = Path(tempfile.mkdtemp(prefix="demo-panel-"))
                weakref.finalize(self, shutil.rmtree, self._root, ignore_errors=True)
        place = self._root.joinpath(*names)
        place.mkdir(parents=True, exist_ok=True)
        return place
