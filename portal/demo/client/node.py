"""Controllers' calls to the node of the server that they are about."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.link import NodeError


def ask_node(context: Context, method: str, path: str, document: Any = None, **more: Any) -> Any:
    """The decoded answer, None when it is not JSON; a failure as the panel tells it (`DaemonConnectionException`)."""
    return context.services.link.ask(context.server, method, path, document, **more)


def fetch_from_node(context: Context, method: str, path: str, **more: Any) -> Response:
    """The answer as it came; failures as for `ask_node`."""
    try:
        return context.services.link.fetch(context.server, method, path, **more)
    except NodeError as error:
        raise error.as_panel_error() from error
