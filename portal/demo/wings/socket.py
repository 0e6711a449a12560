"""The websocket of a server's console (`GET /api/servers/{uuid}/ws`) on a raw socket."""
from __future__ import annotations

import socket
import threading
from typing import Any

from portal.demo.wings.frames import encode
from portal.demo.wings.handshake import acceptance, refusal, server_in
from portal.demo.wings.node import WingsNode
from portal.demo.wings.outbox import Close
from portal.demo.wings.process import Process
from portal.demo.wings.session import Session
from portal.demo.wings.stream import FrameStream


def serve_socket(node: WingsNode, environ: dict[str, Any], connection: socket.socket, received: bytes) -> None:
    """Handles one connection in the calling thread until it ends, and closes it.

    `environ` is the request's, as WSGI names it; `received` are bytes that came after its head.
    """
    refused = refusal(node, environ)
    found = node.find(server_in(environ))
    if refused is not None or found is None:
        with connection:
            connection.sendall(refused or b"")
        return
    server, process = found
    Connection(node, server.uuid, process, environ.get("REMOTE_ADDR", ""), connection).run(
        acceptance(environ), received)


class Connection:
    """One peer, as the node's other parts see it; every method but `run` may be called from any thread."""

    def __init__(self, node: WingsNode, server_uuid: str, process: Process, ip: str,
                 connection: socket.socket) -> None:
        self.server_uuid = server_uuid
        self.process = process
        self._node = node
        self._stream = FrameStream(connection, self._receive, lambda: node.socket_faults.fragment,
                                   loses=node.config.loses_events)
        self._session = Session(node, server_uuid, process, ip, self._stream.outbox)
        self._stuck_until: float | None = None

    def run(self, acceptance: bytes, received: bytes) -> None:
        self._node.sockets.add(self)
        try:
            self._stream.run(acceptance, received)
        finally:
            self._node.sockets.remove(self)
            self._session.end()

    def send(self, event: str, *args: str) -> None:
        """Whatever it is, and whatever the peer may see."""
        self._stream.outbox.send(encode(event, *args))

    def close(self, code: int, reason: str) -> None:
        self._stream.outbox.send(Close(code, reason))

    def drop(self) -> None:
        self._stream.drop()

    def stall(self, until: float | None) -> None:
        """`until` in unix seconds; None: until it is resumed."""
        self._stuck_until = until
        self._stream.set_stuck(True)

    def resume(self) -> None:
        self._stuck_until = None
        self._stream.set_stuck(False)

    def tick(self) -> None:
        if self._stuck_until is not None and self._node.clock.now() >= self._stuck_until:
            self.resume()
        self._session.tick()

    def _receive(self, data: bytes) -> None:
        """In its own routine where what is told may be lost: a thread that waits for room must not be the writer."""
        if self._node.config.loses_events:
            threading.Thread(target=self._session.receive, args=(data,), daemon=True).start()
        else:
            self._session.receive(data)
