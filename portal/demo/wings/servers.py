"""Details, power, commands and synchronisation of a server (`router/router_server.go`)."""
from __future__ import annotations

import re
import shutil
from typing import Any

from werkzeug.wrappers import Request, Response

from portal.demo.wings import installs
from portal.demo.wings.file_http import texts
from portal.demo.wings.http import (
    NodeCall,
    NodeRoute,
    WingsError,
    document_of,
    json_answer,
    nothing,
    unexpected,
)
from portal.demo.wings.node import WingsNode
from portal.demo.wings.process import SIGNALS
from portal.demo.wings.stats import stats_of

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def view_details(call: NodeCall) -> Response:
    return json_answer(_details(call))


def _details(call: NodeCall) -> dict[str, Any]:
    server, process = call.server, call.process
    return {
        "state": process.state,
        "is_suspended": process.is_suspended,
        "utilization": stats_of(process),
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
    for command in texts(call.document(), "commands"):
        call.process.send_command(command)
    return nothing()


def synchronise(call: NodeCall) -> Response:
    call.process.sync(is_suspended=call.server.is_suspended)
    return nothing()


def create(node: WingsNode, request: Request) -> Response:
    """Wings asks the panel about it, then installs it in the background."""
    document = document_of(request)
    uuid = str(document.get("uuid", ""))
    if not _UUID4.fullmatch(uuid):
        raise WingsError(422, "The data provided in the request could not be validated.")
    created = node.create(uuid)
    if created is None:
        raise unexpected()
    server, process = created
    installs.begin(node, server, process, is_reinstall=False,
                   starts=bool(document.get("start_on_completion")))
    return nothing(202)


def delete(call: NodeCall) -> Response:
    """Whoever watches is told and sent away; the process and its files are gone at once."""
    process = call.process
    process.is_suspended = True
    process.bus.publish("deleted", "null")
    call.node.sockets.close(1001, "server deleted", server=call.server.uuid)
    process.is_busy = False
    process.end()
    call.node.processes.pop(call.server.uuid, None)
    shutil.rmtree(process.files.root, ignore_errors=True)
    return nothing()


def deny_tokens(call: NodeCall) -> Response:
    """Those of these `jti` that were issued before this moment count no more."""
    jtis = call.document().get("jtis") or []
    if not isinstance(jtis, list) or not all(isinstance(jti, str) for jti in jtis):
        raise WingsError(400, "The data provided in the request could not be validated.", is_common=True)
    call.node.denied.update(dict.fromkeys(jtis, call.node.clock.now()))
    return nothing()


ROUTES = (
    NodeRoute("GET", "", view_details),
    NodeRoute("DELETE", "", delete),
    NodeRoute("POST", "/power", send_power),
    NodeRoute("POST", "/commands", send_commands),
    NodeRoute("POST", "/sync", synchronise),
    NodeRoute("POST", "/ws/deny", deny_tokens),
)
