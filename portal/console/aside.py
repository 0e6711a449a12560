"""A few threads beside the keeper, for what may take long: nothing of it holds the keeper up, or the process's end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable

from flask import Flask

log = logging.getLogger("roost.console")


class Aside:
    """Runs jobs with the app's context, at most `most` at once and one of a name at a time."""

    def __init__(self, app: Flask, most: int) -> None:
        self._app = app
        self._most = most
        self._lock = threading.Lock()
        self._running: set[Hashable] = set()

    def run(self, name: Hashable, job: Callable[[], object]) -> bool:
        """Start a job; False when it runs already or there are enough of them."""
        with self._lock:
            if name in self._running or len(self._running) >= self._most:
                return False
            self._running.add(name)
        try:
            threading.Thread(target=self._run, args=(name, job), name="console-aside", daemon=True).start()
        except RuntimeError:  # the system has no thread to spare: again in the next round
            with self._lock:
                self._running.discard(name)
            return False
        return True

    def _run(self, name: Hashable, job: Callable[[], object]) -> None:
        try:
            with self._app.app_context():
                job()
        except Exception as error:
            log.warning("%s beside the consoles failed: %s", name, type(error).__name__, exc_info=True)
        finally:
            with self._lock:
                self._running.discard(name)
