"""Details, power, commands and synchronisation of a server (`router/router_server.go`)."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, json_answer, nothing
from portal.demo.wings.process import SIGNALS
from portal.demo.wings.usage import memory_limit_bytes


def view_details(call: NodeCall) -> Response:
    return json_answer(_details(call))


def _details(call: NodeCall) -> dict[str, Any]:
    server, process = call.server, call.process
    usage = process.usage
    return {
        "state": process.state,
        "is_suspended": process.is_suspended,
        "utilization": {
            "memory_bytes": usage.memory_bytes,
            "memory_limit_bytes": memory_limit_bytes(server.limits.memory),
            "cpu_absolute": usage.cpu_absolute,
            "network": {"rx_bytes": usage.rx_bytes, "tx_bytes": usage.tx_bytes},
            "uptime": usage.uptime_ms,
            "state": process.state,
            "disk_bytes": process.disk_bytes,
        },
        "configuration": {
            "uuid": server.uuid,
            "meta": {"name": server.name, "description": server.description},
            "suspended": process.is_suspended,
        },
    }


def send_power(call: NodeCall) -> Response:
    action = call.document().get("action")
    if action not in SIGNALS:
        raise WingsError(422, 'The power action provided was not valid, should be one of "stop", "start", '
                              '"restart", "kill"')
    if action in ("start", "restart") and call.process.is_suspended:
        raise WingsError(400, "Cannot start or restart a server that is suspended.")
    call.process.power(action)
    return nothing(202)


def send_commands(call: NodeCall) -> Response:
    if call.process.state == "offline":
        raise WingsError(502, "Cannot send commands to a stopped server instance.")
    for command in call.document().get("commands", []):
        call.process.send_command(command)
    return nothing()


def synchronise(call: NodeCall) -> Response:
    call.process.sync(is_suspended=call.server.is_suspended)
    return nothing()


ROUTES = (
    NodeRoute("GET", "", view_details),
    NodeRoute("POST", "/power", send_power),
    NodeRoute("POST", "/commands", send_commands),
    NodeRoute("POST", "/sync", synchronise),
)
