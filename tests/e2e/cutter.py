"""A way over TCP that can be cut, stalled and closed: put between two ends, it plays the bad network."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from tests.support.waiting import held_port, port_of

LOOPBACK = "127.0.0.1"
CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)

Ending = Literal["rst", "fin"]


class Cutter:
    """Listens on `port` for good and leads to `target` of loopback; every method may be called from any thread."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.accepted = 0
        self._ways: set[_Way] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._kept = held_port()
        self.port = port_of(self._kept)
        self._listener: socket.socket | None = None
        self.listen()

    @property
    def standing(self) -> int:
        """How many connections there are."""
        with self._lock:
            return len(self._ways)

    def cut(self, ending: Ending = "rst") -> int:
        """End all connections at once, wherever they are in a frame; returns how many there were."""
        with self._lock:
            ways = list(self._ways)
        for way in ways:
            way.end(ending)
        return len(ways)

    def cut_within_a_message(self, let_through: int = 3) -> int:
        """Each connection ends, after that many bytes of what comes next from the target and with a FIN."""
        with self._lock:
            ways = list(self._ways)
        for way in ways:
            way.left = let_through
        return len(ways)

    def stall(self) -> None:
        """Nothing moves any more, nobody is told: half-open. New connections are accepted and stay as silent."""
        self._flows.clear()

    def resume(self) -> None:
        """End of a stall: what waited arrives."""
        self._flows.set()

    def refuse(self) -> None:
        """Listen no more; what stands goes on."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def listen(self) -> None:
        """Listen again, at the same address."""
        with self._lock:
            if self._listener is not None:
                return
            listener = self._listener = socket.create_server((LOOPBACK, self.port), backlog=256)
        self._accept_in_a_thread(listener)

    @contextmanager
    def away(self) -> Iterator[None]:
        """No network: what stands is cut, nothing new is accepted."""
        self.refuse()
        self.cut()
        try:
            yield
        finally:
            self.listen()

    def close(self) -> None:
        """End everything."""
        self.refuse()
        self.resume()
        self.cut()
        self._kept.close()

    def _accept_in_a_thread(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((LOOPBACK, self.target), timeout=5)
            except OSError:
                _close(near, "rst")
                continue
            far.settimeout(None)
            with self._lock:
                self.accepted += 1
                way = _Way(near, far, self._flows, self._forget)
                self._ways.add(way)
                is_late = self._listener is not listener
            way.start()
            if is_late:  # it was accepted before the port was closed, and came too late for a cut
                way.end("rst")

    def _forget(self, way: _Way) -> None:
        with self._lock:
            self._ways.discard(way)


class _Way:
    """One connection: a thread for each direction. `left` are the bytes that still come from the far end, None: all."""

    def __init__(
        self, near: socket.socket, far: socket.socket, flows: threading.Event, forget: Callable[[_Way], None]
    ) -> None:
        self.left: int | None = None
        self._near, self._far, self._flows = near, far, flows
        self._forget = forget
        self._over = threading.Lock()
        for one in (near, far):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        """Let it flow, until one of the ends ends it."""
        threading.Thread(target=self._pump, args=(self._near, self._far), daemon=True).start()
        threading.Thread(target=self._pump, args=(self._far, self._near), daemon=True).start()

    def end(self, ending: Ending) -> None:
        """Both connections end."""
        if self._over.acquire(blocking=False):
            self._forget(self)
            for one in (self._near, self._far):
                _close(one, ending)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        ending: Ending = "fin"
        try:
            while data := source.recv(CHUNK):
                self._flows.wait()
                if source is self._far and self.left is not None:
                    sink.sendall(data[: self.left])
                    break
                sink.sendall(data)
        except OSError:
            ending = "rst"
        self.end(ending)


def _close(one: socket.socket, ending: Ending) -> None:
    """With what was sent (fin), or at once (rst); a thread that reads from it wakes up."""
    with suppress(OSError):
        if ending == "rst":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        one.shutdown(socket.SHUT_RD if ending == "rst" else socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()
