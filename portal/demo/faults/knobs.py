"""All knobs of a demo: turned, taken back, and chosen from for each request."""
from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import WHERE, Asked, BadKnob, Knob, Match, Where
from portal.demo.seed import Chance

_PARTS = {"where", "fault", "match", "times", "chance", "settings"}
_MATCHED = ("method", "path", "node", "owner")


class Knobs:
    """`on_change` is called after a knob was turned, taken back or used up."""

    def __init__(self, seed: int, on_change: Callable[[], None]) -> None:
        self._seed = seed
        self._on_change = on_change
        self._knobs: dict[int, Knob] = {}
        self._chances: dict[int, Chance] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def turn(self, document: Mapping[str, Any]) -> Knob:
        """A knob as the control API has it: where, fault, match, times, chance, settings.  Raises BadKnob."""
        knob = _read(document)
        with self._lock:
            knob.number = next(self._numbers)
            self._knobs[knob.number] = knob
            self._chances[knob.number] = Chance(f"{self._seed}/knob {knob.number}")
        self._on_change()
        return knob

    def all(self) -> list[Knob]:
        """Used up ones too, until they are taken back."""
        with self._lock:
            return list(self._knobs.values())

    def clear(self, number: int | None = None) -> int:
        """Take one back, or all; requests that hang on it go on.  Returns how many there were."""
        with self._lock:
            gone = [knob for knob in self._knobs.values() if number in (None, knob.number)]
            for knob in gone:
                del self._knobs[knob.number]
                knob.cleared.set()
        self._on_change()
        return len(gone)

    def chosen(self, where: Where, asked: Asked) -> list[tuple[Knob, Chance]]:
        """Those that act on this request, in the order in which they were turned; each is counted."""
        with self._lock:
            found = [(knob, self._chances[knob.number]) for knob in self._knobs.values()
                     if knob.where == where and not knob.is_spent and knob.match.fits(asked)]
            hit = [(knob, chance) for knob, chance in found if knob.chance >= 1 or chance.between(0, 1) < knob.chance]
            for knob, _ in hit:
                knob.hits += 1
                knob.left = None if knob.left is None else knob.left - 1
        if any(knob.is_spent for knob, _ in hit):
            self._on_change()
        return hit

    def refuses(self, where: Where, node: str | None = None) -> bool:
        """Whether the address of that node, or of the store, is not to be listened on."""
        return any(knob.where == where and knob.fault == "refuse" and not knob.is_spent
                   and knob.match.node in (None, node) for knob in self.all())


def _read(document: Mapping[str, Any]) -> Knob:
    unknown = sorted(document.keys() - _PARTS)
    if unknown:
        raise BadKnob(f"{unknown[0]} is no part of a knob; it has {', '.join(sorted(_PARTS))}")
    where, name = document.get("where", "panel"), document.get("fault")
    if where not in WHERE:
        raise BadKnob(f"where is one of {', '.join(WHERE)}, not {where!r}")
    fault = FAULTS.get(name) if isinstance(name, str) else None
    if fault is None:
        raise BadKnob(f"fault is one of {', '.join(FAULTS)}, not {name!r}")
    if where not in fault.where:
        raise BadKnob(f"{name} acts on {', '.join(fault.where)}, not on {where}")
    settings, times, chance = document.get("settings", {}), document.get("times"), document.get("chance", 1)
    if not isinstance(settings, Mapping):
        raise BadKnob("settings is an object")
    if times is not None and (type(times) is not int or times < 1):
        raise BadKnob(f"times is a number from 1 on, or null, not {times!r}")
    if type(chance) not in (int, float) or not 0 <= chance <= 1:
        raise BadKnob(f"chance lies between 0 and 1, not {chance!r}")
    match = _match(document.get("match", {}))
    if where == "socket" and (times is not None or chance != 1 or match != Match(node=match.node)):
        raise BadKnob("a socket's knob is turned until it is taken back, and matches nothing but a node")
    return Knob(0, where, str(name), fault.read_settings(settings), match, times, float(chance))


def _match(document: Any) -> Match:
    if not isinstance(document, Mapping):
        raise BadKnob("match is an object")
    for name, value in document.items():
        if name not in _MATCHED:
            raise BadKnob(f"{name} cannot be matched; {', '.join(_MATCHED)} can")
        if not isinstance(value, str) or not value:
            raise BadKnob(f"{name} is matched with a text, not with {value!r}")
    method = document.get("method")
    return Match(**{**document, "method": method.upper() if method else None})
