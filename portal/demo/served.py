"""A demo on real sockets: panel, nodes that can be dialled and object store, with a pulse that keeps time."""
from __future__ import annotations

import sys
import threading
import time
import traceback
from contextlib import suppress
from types import TracebackType

from portal.demo.demo import Demo
from portal.demo.link import Fault
from portal.demo.rows.places import Node
from portal.demo.serving import LOOPBACK, Application, Server

PULSE_SECONDS = 0.25
_REOPENED_WITHIN_SECONDS = 5.0


class CannotListen(Exception):
    """A port is taken, or is none of ours to take."""

    def __init__(self, port: int, error: OSError) -> None:
        super().__init__(f"port {port}: {error.strerror}")
        self.port = port
        self.strerror = error.strerror


class Place:
    """An address that may be closed and opened again: listening, or refusing connections, on one port for good."""

    def __init__(self, application: Application, port: int = 0) -> None:
        self._application = application
        self._server: Server | None = _open(port, application)
        self.address = self._server.address
        self.port = int(self._server.server_address[1])
        self._server.start()
        self._lock = threading.Lock()

    def listen(self, *, wanted: bool) -> None:
        with self._lock:
            if not wanted and self._server is not None:
                self._server.stop()
                self._server = None
            elif wanted and self._server is None:
                self._server = self._opened()
                self._server.start()

    def cut_connections(self) -> None:
        """End every connection that stands; new ones are welcome."""
        with self._lock:
            if self._server is not None:
                self._server.cut_connections()

    def _opened(self) -> Server:
        """The port may be somebody's other end for a moment."""
        deadline = time.monotonic() + _REOPENED_WITHIN_SECONDS
        while True:
            try:
                return Server(self.port, self._application)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


class Served:
    """Starts when it is made, ends with `close`; raises CannotListen when a port is taken.

    `node_port` is the first node's; the next ones follow, 0 picks free ones.  A node's row says where it is then.
    """

    def __init__(self, demo: Demo, port: int = 0, *, node_port: int = 0) -> None:
        self.demo = demo
        self._closed = threading.Event()
        self.panel = Place(demo.wsgi, port)
        demo.base = self.panel.address
        self.nodes: dict[str, Place] = {}
        self.store: Place | None = None
        try:
            self._open_nodes(node_port)
            if demo.config.backup_disk == "s3":
                self.store = Place(demo.store)
                demo.objects.base = self.store.address
        except CannotListen:
            self.close()
            raise
        demo.addresses = {demo.nodes[uuid].row.name: place.address for uuid, place in self.nodes.items()}
        demo.go_away = self._go_away
        demo.on_change.append(self.follow)
        self.follow()
        threading.Thread(target=self._pulse, name="pulse", daemon=True).start()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def follow(self) -> None:
        """Listen where the demo says that something listens now."""
        for uuid, place in self.nodes.items():
            row = self.demo.nodes[uuid].row
            is_down = self.demo.link.fault_of(row) is Fault.NOTHING_LISTENS
            place.listen(wanted=not (is_down or self.demo.knobs.refuses("node", row.name)))
        if self.store is not None:
            self.store.listen(wanted=not self.demo.knobs.refuses("store"))

    def close(self) -> None:
        """Every address is free, every waiting request given up."""
        self._closed.set()
        self.demo.clock.close()
        with suppress(ValueError):
            self.demo.on_change.remove(self.follow)
        for place in (self.panel, self.store, *self.nodes.values()):
            if place is not None:
                place.listen(wanted=False)

    def wait(self) -> None:
        """Until somebody closes it."""
        self._closed.wait()

    def _go_away(self, seconds: float) -> None:
        def outage() -> None:
            self.panel.listen(wanted=False)
            if not self._closed.wait(seconds):
                self.panel.listen(wanted=True)

        threading.Thread(target=outage, name="outage", daemon=True).start()

    def _open_nodes(self, first_port: int) -> None:
        for uuid, front in self.demo.fronts.items():
            if self.demo.link.faults.get(uuid) is Fault.NOTHING_LISTENS:
                continue
            place = self.nodes[uuid] = Place(front, first_port and first_port + len(self.nodes))
            _say_where(self.demo.nodes[uuid].row, place.port)

    def _pulse(self) -> None:
        while not self._closed.wait(PULSE_SECONDS):
            try:
                self.demo.pulse()
            except Exception:
                sys.stderr.write(traceback.format_exc())


def _open(port: int, application: Application) -> Server:
    """Raises CannotListen."""
    try:
        return Server(port, application)
    except OSError as error:
        raise CannotListen(port, error) from error


def _say_where(row: Node, port: int) -> None:
    """A world that says itself that the node is here keeps the port that it says; it is only dialled elsewhere."""
    if row.fqdn == LOOPBACK:
        row.dialled_port = port
    else:
        row.fqdn, row.scheme, row.daemon_listen = LOOPBACK, "http", port
