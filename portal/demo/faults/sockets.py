"""Faults of websockets: switches that a knob holds as long as it is turned."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import Knob
from portal.demo.faults.knobs import Knobs
from portal.demo.wings.node import WingsNode
from portal.demo.wings.sockets import SocketFaults

_USUAL = {one.name: one.default for one in fields(SocketFaults)}


class SocketSwitches:
    """Sets the switches of each node as the knobs say; those that no knob ever held are left alone."""

    def __init__(self, knobs: Knobs, nodes: Iterable[WingsNode]) -> None:
        self._knobs = knobs
        self._nodes = list(nodes)
        self._held: dict[str, set[str]] = {}

    def follow(self) -> None:
        turned = [knob for knob in self._knobs.all() if knob.where == "socket"]
        for node in self._nodes:
            name = node.row.name
            wanted = dict(_switched(knob) for knob in turned if knob.match.node in (None, name))
            for switch in self._held.get(name, set()) | wanted.keys():
                setattr(node.socket_faults, switch, wanted.get(switch, _USUAL[switch]))
            self._held[name] = set(wanted)


def _switched(knob: Knob) -> tuple[str, Any]:
    """The only setting, or true where there is none."""
    return FAULTS[knob.fault].switch, next(iter(knob.settings.values()), True)
