"""Knobs, and what can be done to the websockets of a node at once."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.demo.by_hand import NotPossible, find_server
from portal.demo.control.asked import Asked, Nonsense
from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import BadKnob
from portal.demo.wings.node import WingsNode


def list_knobs(asked: Asked) -> dict[str, Any]:
    return {"knobs": [knob.as_document() for knob in asked.demo.knobs.all()]}


def list_faults(_asked: Asked) -> dict[str, Any]:
    """What knobs there are, with their settings."""
    return {"faults": {name: {
        "about": fault.about, "where": list(fault.where),
        "settings": {key: {"about": setting.about, "default": setting.default, "choices": list(setting.choices)}
                     for key, setting in fault.settings.items()},
    } for name, fault in FAULTS.items()}}


def turn_knob(asked: Asked) -> dict[str, Any]:
    try:
        return asked.demo.knobs.turn(asked.document).as_document()
    except BadKnob as error:
        raise Nonsense(str(error)) from error


def clear_knobs(asked: Asked) -> dict[str, Any]:
    return {"cleared": asked.demo.knobs.clear()}


def clear_knob(asked: Asked) -> dict[str, Any]:
    (number,) = asked.words
    if not number.isdecimal() or not asked.demo.knobs.clear(int(number)):
        raise Nonsense(f"there is no knob {number}", 404)
    return {"cleared": 1}


def list_sockets(asked: Asked) -> dict[str, Any]:
    """How many there are, by node."""
    return {"sockets": {node.row.name: len(node.sockets.list()) for node in asked.demo.nodes.values()}}


def act_on_sockets(asked: Asked) -> dict[str, Any]:
    """`{"act": "close", "code": 1011}`; `node` and `server` choose, without them it is done to all."""
    act = asked.document.get("act")
    if not isinstance(act, str) or act not in _SOCKET_ACTS:
        raise Nonsense(f"act is one of {', '.join(_SOCKET_ACTS)}")
    fields, do = _SOCKET_ACTS[act]
    asked.only("act", "node", "server", *fields)
    nodes = [node for node in asked.demo.nodes.values() if asked.document.get("node") in (None, node.row.name)]
    if not nodes:
        raise Nonsense(f"there is no node {asked.document['node']}", 404)
    server = None
    if "server" in asked.document:
        try:
            server = find_server(asked.demo, asked.text("server")).uuid
        except NotPossible as error:
            raise Nonsense(str(error), 404) from error
    count = sum(len(node.sockets.list(server)) for node in nodes)
    for node in nodes:
        do(asked, node, server)
    return {"act": act, "sockets": count}


def _close(asked: Asked, node: WingsNode, server: str | None) -> None:
    node.sockets.close(asked.whole("code", 1011, 1000, 4999), str(asked.document.get("reason", "")), server=server)


def _stall(asked: Asked, node: WingsNode, server: str | None) -> None:
    """Without `seconds` for good."""
    node.sockets.stall(asked.number("seconds") if "seconds" in asked.document else None, server=server)


def _flood(asked: Asked, node: WingsNode, server: str | None) -> None:
    node.sockets.flood(asked.whole("lines", 10_000, 1, 1_000_000), asked.whole("length", 80, 1, 1_000_000),
                       server=server)


def _send(asked: Asked, node: WingsNode, server: str | None) -> None:
    args = asked.document.get("args", [])
    if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
        raise Nonsense("args is a list of texts")
    node.sockets.send_raw(asked.text("event"), *args, server=server)


_SOCKET_ACTS: dict[str, tuple[tuple[str, ...], Callable[[Asked, WingsNode, str | None], None]]] = {
    "close": (("code", "reason"), _close),
    "reset": ((), lambda _, node, server: node.sockets.drop(server=server)),
    "stall": (("seconds",), _stall),
    "resume": ((), lambda _, node, server: node.sockets.resume(server=server)),
    "flood": (("lines", "length"), _flood),
    "huge": (("size",), lambda asked, node, server: node.sockets.huge_frame(
        asked.whole("size", 1024 * 1024, 1, 256 * 1024 * 1024), server=server)),
    "send": (("event", "args"), _send),
    "restart": ((), lambda _asked, node, _server: node.restart()),
}

ROUTES = (
    ("GET", "/sockets", list_sockets), ("POST", "/sockets", act_on_sockets),
    ("GET", "/faults", list_faults), ("GET", "/knobs", list_knobs), ("POST", "/knobs", turn_knob),
    ("DELETE", "/knobs", clear_knobs), ("DELETE", "/knobs/{id}", clear_knob),
)
