"""The panel's way to its nodes, with Guzzle's rules for what comes back."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from portal.demo.clock import Clock
from portal.demo.errors import PanelError, daemon_error
from portal.demo.turn import Turn
from portal.demo.wire import PATIENCE, Cut
from portal.demo.world import Node, Server

TIMEOUT_SECONDS = 15.0
ARCHIVE_TIMEOUT_SECONDS = 900.0

_LOOPBACK = {"localhost", "127.0.0.1"}

ITS_OWN_PAGE = "<html><body>It works!</body></html>"

NodeApplication = Callable[..., Any]


class Fault(Enum):
    """What can be wrong between panel and node."""

    NOTHING_LISTENS = auto()
    TOKEN_IS_REFUSED = auto()
    ANSWERS_HTML = auto()
    NEVER_ANSWERS = auto()


class NodeError(Exception):
    """A failed exchange; `response` is None when the node gave no answer."""

    def __init__(self, response: Response | None) -> None:
        super().__init__("no answer" if response is None else response.status)
        self.response = response

    def as_panel_error(self, *, keeps_status: bool = True) -> PanelError:
        """`DaemonConnectionException`; `/resources` does not keep the node's status."""
        if self.response is None:
            return daemon_error(
                504, "Could not establish a connection to the machine running this server. Please try again.")
        node_status = self.response.status_code
        status = node_status if keeps_status else 504
        request_id = self.response.headers.get("X-Request-Id", "")
        detail = ("There was an error while communicating with the machine running this server. This error has been "
                  f"logged, please try again. (code: {node_status}) (request_id: {request_id})")
        if status < 500:
            document = _decode(self.response.get_data())
            told = document.get("error", detail) if isinstance(document, dict) else detail
            detail = f"An error occurred on the remote host: {told}. (request id: {request_id})"
        return daemon_error(status, detail)


@dataclass
class Link:
    """Calls a node's WSGI application; `faults` names nodes by uuid, `fault_everywhere` overrides them."""

    clock: Clock
    nodes: Mapping[str, NodeApplication]
    faults: dict[str, Fault]
    turn: Turn
    fault_everywhere: Fault | None = None

    def fault_of(self, node: Node) -> Fault | None:
        """What is wrong with that node now."""
        return self.fault_everywhere or self.faults.get(node.uuid)

    def ask(self, server: Server, method: str, path: str = "", document: Any = None, **more: Any) -> Any:
        """As `call`; a failure as the panel tells it (`DaemonConnectionException`)."""
        try:
            return self.call(server, method, path, document, **more)
        except NodeError as error:
            raise error.as_panel_error() from error

    def call(self, server: Server, method: str, path: str = "", document: Any = None, **more: Any) -> Any:
        """The decoded answer to a call about a server, None when it is not JSON; raises NodeError."""
        return _decode(self.fetch(server, method, path, document, **more).get_data())

    def fetch(self, server: Server, method: str, path: str = "", document: Any = None, *,
              query: Mapping[str, str] | None = None, body: bytes | None = None,
              timeout: float = TIMEOUT_SECONDS) -> Response:
        """The answer as it came; `document` is sent as JSON, `body` as it is. Raises NodeError.

        `path` is what comes after the server's own, `/power` or nothing.
        """
        content = {"json": document, "query_string": query, "data": body}
        return self._exchange(server.node, method, f"/api/servers/{server.uuid}{path}", content, timeout)

    def call_node(self, node: Node, method: str, path: str, document: Any = None) -> Any:
        """As `call`, of the node itself: `path` is the whole one.  Raises NodeError."""
        return _decode(self._exchange(node, method, path, {"json": document}, TIMEOUT_SECONDS).get_data())

    def _exchange(self, node: Node, method: str, path: str, content: dict[str, Any], timeout: float) -> Response:
        response = self._send(node, method, path, content, timeout)
        if response.status_code >= 400:
            raise NodeError(response)
        return response

    def _send(self, node: Node, method: str, path: str, content: dict[str, Any], timeout: float) -> Response:
        fault = self.fault_of(node)
        if fault is Fault.NOTHING_LISTENS or not self._is_there(node):
            raise NodeError(None)
        if fault is Fault.NEVER_ANSWERS:
            with self.turn.given_away():
                self.clock.sleep(timeout)
            raise NodeError(None)
        if fault is Fault.ANSWERS_HTML:
            return Response(ITS_OWN_PAGE, content_type="text/html")
        token = "no longer valid" if fault is Fault.TOKEN_IS_REFUSED else node.daemon_token
        builder = EnvironBuilder(path, method=method, headers=[("Authorization", f"Bearer {token}")], **content)
        try:
            return Response.from_app(self.nodes[node.uuid], {**builder.get_environ(), PATIENCE: timeout}, buffered=True)
        except Cut:
            raise NodeError(None) from None
        finally:
            builder.close()

    def _is_there(self, node: Node) -> bool:
        """A row may have no machine, or say another place than where it listens."""
        scheme, host, port = node.address
        own_scheme, own_host, own_port = node.listens_at or node.address
        hosts = {host.lower(), own_host.lower()}
        return node.uuid in self.nodes and (scheme, port) == (own_scheme, own_port) and (
            len(hosts) == 1 or hosts <= _LOOPBACK)


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
