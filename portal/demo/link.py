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
from portal.demo.world import Node

TIMEOUT_SECONDS = 15

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
    fault_everywhere: Fault | None = None

    def call(self, node: Node, method: str, path: str, document: Any = None) -> Any:
        """The decoded answer, None when it is not JSON; raises NodeError."""
        response = self._send(node, method, path, document)
        if response.status_code >= 400:
            raise NodeError(response)
        return _decode(response.get_data())

    def _send(self, node: Node, method: str, path: str, document: Any) -> Response:
        fault = self.fault_everywhere or self.faults.get(node.uuid)
        if fault is Fault.NOTHING_LISTENS:
            raise NodeError(None)
        if fault is Fault.NEVER_ANSWERS:
            self.clock.sleep(TIMEOUT_SECONDS)
            raise NodeError(None)
        if fault is Fault.ANSWERS_HTML:
            return Response("<html><body>It works!</body></html>", content_type="text/html")
        token = "no longer valid" if fault is Fault.TOKEN_IS_REFUSED else node.daemon_token
        builder = EnvironBuilder(path, method=method, json=document, headers=[("Authorization", f"Bearer {token}")])
        try:
            return Response.from_app(self.nodes[node.uuid], builder.get_environ(), buffered=True)
        finally:
            builder.close()


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
