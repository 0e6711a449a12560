"""A node as whoever calls it meets it: what is wrong with it first, then its HTTP surface or a websocket."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from portal.demo.link import ITS_OWN_PAGE, Fault, Link
from portal.demo.wings.daemon import Daemon
from portal.demo.wings.handshake import server_in
from portal.demo.wings.socket import serve_socket
from portal.demo.wire import Cut, Taken, Wire, wire_of

_SLICE_SECONDS = 0.1


@dataclass(frozen=True)
class NodeFront:
    """`link` says what is wrong with the node; without a socket it has seen to that itself."""

    daemon: Daemon
    link: Link

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        wire = wire_of(environ)
        if wire is None:
            return self.daemon(environ, start_response)
        fault = self.link.fault_of(self.daemon.node.row)
        if fault is Fault.NEVER_ANSWERS:
            self._hang(wire)
        if fault is Fault.ANSWERS_HTML:
            return Response(ITS_OWN_PAGE, content_type="text/html")(environ, start_response)
        if environ["REQUEST_METHOD"] == "GET" and server_in(environ):
            connection, received = wire.take()
            serve_socket(self.daemon.node, environ, connection, received)
            raise Taken
        return self.daemon(environ, start_response)

    def _hang(self, wire: Wire) -> None:
        """Until that is over or the caller gives up."""
        clock, row = self.link.clock, self.daemon.node.row
        while self.link.fault_of(row) is Fault.NEVER_ANSWERS and not (wire.is_gone() or clock.is_closed):
            clock.idle(_SLICE_SECONDS)
        raise Cut("fin")
