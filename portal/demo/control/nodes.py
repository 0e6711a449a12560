"""What stands in a node's `config.yml`, as far as websockets are about it, and lines in a server's console."""
from __future__ import annotations

import threading
from typing import Any

from portal.demo.by_hand import NotPossible, find_server
from portal.demo.clock import Clock
from portal.demo.control.asked import Asked, Nonsense
from portal.demo.wings.console import Console
from portal.demo.wings.node import WingsNode

_MOST_LOGGED = 10_000
_MOST_LINES = 1_000_000
_FASTEST = 100_000.0


def view_wings(asked: Asked) -> dict[str, Any]:
    return {"wings": {node.row.name: _settings(node) for node in asked.demo.nodes.values()}}


def configure_wings(asked: Asked) -> dict[str, Any]:
    """`{"loses_events": true, "websocket_log_count": 300, "backup_event_has_suffix": true}`; `node` chooses one.

    Sockets that stand keep the way in which they lose events, or do not.
    """
    asked.only("node", "loses_events", "websocket_log_count", "backup_event_has_suffix")
    nodes = [node for node in asked.demo.nodes.values() if asked.document.get("node") in (None, node.row.name)]
    if not nodes:
        raise Nonsense(f"there is no node {asked.document['node']}", 404)
    values: dict[str, Any] = {
        name: asked.flag(name) for name in ("loses_events", "backup_event_has_suffix") if name in asked.document}
    if "websocket_log_count" in asked.document:
        values["websocket_log_count"] = asked.whole("websocket_log_count", 150, 0, _MOST_LOGGED)
    for node in nodes:
        for name, value in values.items():
            setattr(node.config, name, value)
    return {"wings": {node.row.name: _settings(node) for node in nodes}}


def _settings(node: WingsNode) -> dict[str, Any]:
    config = node.config
    return {"loses_events": config.loses_events, "websocket_log_count": config.websocket_log_count,
            "backup_event_has_suffix": config.backup_event_has_suffix}


def print_lines(asked: Asked) -> dict[str, Any]:
    """`{"lines": ["...", "..."]}` at once, or `{"count": 600, "rate": 20, "text": "line"}`: numbered, `rate` a second.

    Without a rate the numbered ones come at once too.  A rate is one of real time, whatever the demo's clock does.
    """
    asked.only("lines", "count", "rate", "text")
    try:
        server = find_server(asked.demo, asked.words[0])
    except NotPossible as error:
        raise Nonsense(str(error), 404) from error
    process = asked.demo.processes[server.uuid]
    if process.state == "offline":
        raise Nonsense(f"{server.name} is offline: nobody prints there", 409)
    lines = _lines(asked)
    rate = asked.number("rate") if "rate" in asked.document else None
    if rate is None:
        for line in lines:
            process.console.print(line)
    elif not 0 < rate <= _FASTEST:
        raise Nonsense(f"rate lies between 0 and {_FASTEST:g}")
    else:
        threading.Thread(target=_print_slowly, args=(process.console, lines, rate, asked.demo.clock), name="printer",
                         daemon=True).start()
    return {"server": server.name, "lines": len(lines)}


def _lines(asked: Asked) -> list[str]:
    lines = asked.document.get("lines")
    if lines is None:
        text = asked.text("text") if "text" in asked.document else "line"
        return [f"{text} {number}" for number in range(1, asked.whole("count", 1, 1, _MOST_LINES) + 1)]
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Nonsense("lines is a list of texts")
    return lines


def _print_slowly(console: Console, lines: list[str], rate: float, clock: Clock) -> None:
    """Each at its time, so that a late one does not put off those after it; until the demo ends."""
    began = clock.real()
    for number, line in enumerate(lines):
        late = clock.real() - began - number / rate
        if late < 0:
            clock.idle(-late)
        if clock.is_closed:
            return
        console.print(line)


ROUTES = (
    ("GET", "/wings", view_wings), ("POST", "/wings", configure_wings),
    ("POST", "/servers/{server}/print", print_lines),
)
