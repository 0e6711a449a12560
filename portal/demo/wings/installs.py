"""Installing and reinstalling a server (`server/install.go`): in the background, with the installer's output."""
from __future__ import annotations

import contextlib

from werkzeug.wrappers import Response

from portal.demo.remote import Unknown
from portal.demo.wings import daemon_lines
from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, nothing
from portal.demo.wings.node import WingsNode
from portal.demo.wings.process import Process
from portal.demo.world import Server

STOPS_WITHIN = 10.0
OUTPUT = "install output"


def install(call: NodeCall) -> Response:
    begin(call.node, call.server, call.process, is_reinstall=False)
    return nothing(202)


def reinstall(call: NodeCall) -> Response:
    """A server that runs is stopped first, within ten seconds."""
    if call.process.is_powering:
        raise WingsError(409, "Cannot execute server reinstall event while another power action is running.")
    wait = call.process.halt_within(STOPS_WITHIN) - call.node.clock.now()
    if wait > 0:
        call.node.later(lambda: begin(call.node, call.server, call.process, is_reinstall=True), wait)
    else:
        begin(call.node, call.server, call.process, is_reinstall=True)
    return nothing(202)


def begin(node: WingsNode, server: Server, process: Process, *, is_reinstall: bool, starts: bool = False) -> None:
    """Output now and in between, the end after the work's usual time; `starts`: the server is started then.

    Whoever watches hears first that the process has ended.  Without scripts there is nothing to do and nothing to see.
    """
    process.tick()
    if process.is_busy and process.busy_with != "installing":
        return
    process.is_busy, process.busy_with = True, "installing"
    if server.skip_scripts:
        node.later(lambda: _finish(node, server, process, is_reinstall=is_reinstall, starts=starts, fails=False), 0)
        return
    process.bus.publish("install started", "")
    process.bus.publish("daemon message", daemon_lines.INSTALLING)
    lines = _lines(process)
    for number, line in enumerate(lines, 1):
        node.later(lambda line=line: _print(process, line), node.config.work_seconds * number / (len(lines) + 1))  # type: ignore[misc]
    node.later(lambda: _finish(node, server, process, is_reinstall=is_reinstall, starts=starts,
                               fails=process.profile.install_fails))


def _finish(node: WingsNode, server: Server, process: Process, *, is_reinstall: bool, starts: bool,
            fails: bool) -> None:
    """The panel is told, then the viewers; both learn only that it is over."""
    is_successful = not fails
    process.is_busy = False
    with contextlib.suppress(Unknown):
        node.remote.installation_finished(server.uuid, is_successful=is_successful, is_reinstall=is_reinstall)
    process.bus.publish("install completed", "")
    if starts and is_successful:
        process.power("start")


def _print(process: Process, line: str) -> None:
    process.bus.publish(OUTPUT, line, channel="installer")


def _lines(process: Process) -> list[str]:
    last = "curl: (22) The requested URL returned error: 404" if process.profile.install_fails else "Install completed"
    return ["Fetching package lists", f"Preparing {process.configuration.image}", "Downloading server files", last]


ROUTES = (NodeRoute("POST", "/install", install), NodeRoute("POST", "/reinstall", reinstall))
