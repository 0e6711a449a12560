"""The threads of the relay and its sockets to nodes: counted, and never left behind."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_log = logging.getLogger(__name__)


class Crew:
    """One for a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.threads = 0
        self.sockets = 0

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Let a thread do it. Raises RuntimeError when the system has none left."""
        self._count(threads=1)
        try:
            threading.Thread(target=self._do, args=(work,), name=name, daemon=True).start()
        except RuntimeError:
            self._count(threads=-1)
            raise

    def opened(self) -> None:
        """A socket to a node is there."""
        self._count(sockets=1)

    def closed(self) -> None:
        """One is gone."""
        self._count(sockets=-1)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            _log.exception("A thread of the relay failed.")
        finally:
            self._count(threads=-1)

    def _count(self, *, threads: int = 0, sockets: int = 0) -> None:
        with self._lock:
            self.threads += threads
            self.sockets += sockets


class Sockets:
    """Those of one channel; when it stops, all end, also one that is only being opened."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.is_stopped = False

    def add(self, one: socket.socket) -> None:
        """Raises ConnectionAbortedError, and closes it, when all is over."""
        with self._lock:
            if not self.is_stopped:
                self._open.add(one)
                self._crew.opened()
                return
        one.close()
        raise ConnectionAbortedError

    def replace(self, one: socket.socket, other: socket.socket) -> None:
        """TLS makes another object of the same socket."""
        with self._lock:
            self._open.remove(one)
            self._open.add(other)
            if self.is_stopped:
                shut(other)

    def close(self, one: socket.socket) -> None:
        """Closes it, once."""
        with self._lock:
            if one not in self._open:
                return
            self._open.remove(one)
        self._crew.closed()
        one.close()

    def stop(self) -> None:
        """Whoever reads or writes one of them is woken by its end, and closes it."""
        with self._lock:
            self.is_stopped = True
            for one in self._open:
                shut(one)


def shut(one: socket.socket) -> None:
    """End both directions; a thread that waits in it is woken. An SSLSocket's own way would pull its state away."""
    with suppress(OSError):
        socket.socket.shutdown(one, socket.SHUT_RDWR)
