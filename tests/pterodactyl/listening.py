"""A listener on loopback with a thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import threading

PATIENCE_S = 60.0
"""How long one side waits for the other that has something to do: a busy machine may take its time."""


class Listener:
    """Accepts from the moment it is made until it is closed; a subclass talks."""

    def __init__(self) -> None:
        self.accepted = 0
        self.stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def talk(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _accept(self) -> None:
        while not self.stop.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.accepted += 1
                self._threads.append(threading.Thread(target=self.talk, args=(connection,)))
                self._threads[-1].start()

    def close(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self._listener.close()
