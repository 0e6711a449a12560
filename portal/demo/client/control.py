"""`/resources`, `/power`, `/command` and `/websocket` of a server."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.client.node import ask_node
from portal.demo.context import Context
from portal.demo.errors import crashed, forbidden, http_error
from portal.demo.http import json_response, no_content
from portal.demo.link import NodeError
from portal.demo.permissions import can, permissions_of, shown_permissions
from portal.demo.routing import Route
from portal.demo.tokens import WEBSOCKET_SECONDS
from portal.demo.transformers.client import stats_object
from portal.demo.validation import validate

CACHE_SECONDS = 20
_PERMISSION_OF_SIGNAL = {"start": "control.start", "stop": "control.stop", "kill": "control.stop",
                         "restart": "control.restart"}


def view_resources(context: Context) -> Response:
    details = context.services.cache.remember(
        f"resources:{context.server.uuid}", CACHE_SECONDS, lambda: _details(context))
    if not isinstance(details, dict):
        raise crashed("TypeError")
    return json_response(stats_object(details))


def _details(context: Context) -> Any:
    try:
        return context.services.link.call(context.server, "GET", "")
    except NodeError as error:
        raise error.as_panel_error(keeps_status=False) from error


def power_permission(context: Context) -> str:
    """A signal that does not exist has a permission that nobody can hold; `true` equals the first word asked for."""
    signal = context.request.input.get("signal")
    if signal is True:
        return _PERMISSION_OF_SIGNAL["start"]
    return _PERMISSION_OF_SIGNAL.get(str(signal), "__invalid")


def send_power(context: Context) -> Response:
    validate(context.request.input, {"signal": "required|string|in:start,stop,restart,kill"})
    signal = context.request.input["signal"]
    ask_node(context, "POST", "/power", {"action": signal})
    context.log(f"server:power.{signal}", context.server)
    return no_content()


def send_command(context: Context) -> Response:
    validate(context.request.input, {"command": "required|string|min:1"})
    command = context.request.input["command"]
    try:
        context.services.link.call(context.server, "POST", "/commands", {"commands": [command]})
    except NodeError as error:
        if error.response is not None and error.response.status_code == 502:
            raise http_error(502, "Server must be online in order to send commands.") from error
        raise error.as_panel_error() from error
    context.log("server:console.command", context.server, command=command)
    return no_content()


def view_websocket(context: Context) -> Response:
    server, user = context.server, context.user
    if not can(user, "websocket.connect", server):
        raise forbidden("You do not have permission to connect to this server's websocket.")
    if server.is_transferring and "admin.websocket.transfer" not in permissions_of(user, server):
        raise forbidden("You do not have permission to view server transfer logs.")
    token = context.node_token({"server_uuid": server.uuid, "permissions": shown_permissions(user, server)},
                               WEBSOCKET_SECONDS)
    address = server.node.connection_address.replace("http", "ws", 1)
    return json_response({"data": {"token": token, "socket": f"{address}/api/servers/{server.uuid}/ws"}})


ROUTES = (
    Route("GET", "/api/client/servers/{server}/resources", view_resources),
    Route("POST", "/api/client/servers/{server}/power", send_power, requires=power_permission),
    Route("POST", "/api/client/servers/{server}/command", send_command, requires="control.console"),
    Route("GET", "/api/client/servers/{server}/websocket", view_websocket, in_conflict="root_admin"),
)
