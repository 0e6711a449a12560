"""One request under faults, and the answer that they make of it."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.demo.clock import Clock
from portal.demo.faults.knob import Asked, Knob
from portal.demo.seed import Chance
from portal.demo.turn import Turn
from portal.demo.wire import PATIENCE, Cut, Wire, wire_of
from portal.demo.world import World

_SLICE_SECONDS = 0.125
_LONGEST_WAIT = 3600.0


@dataclass
class Answer:
    """As WSGI has it."""

    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]

    def read(self) -> bytes:
        """The whole body, which is gone then."""
        try:
            return b"".join(self.body)
        finally:
            self.discard()

    def discard(self) -> None:
        close = getattr(self.body, "close", None)
        if close is not None:
            close()
        self.body = ()

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_body(self, body: bytes | Iterable[bytes], *, length: int | None = None, **headers: str) -> Answer:
        """Another body; `content_type="..."` sets that header.  What cannot have a body says 200 instead."""
        self.discard()
        replaced = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        kept = [(name, value) for name, value in self.headers if name.lower() not in {"content-length", *replaced}]
        chunks: Iterable[bytes] = [body] if isinstance(body, bytes) else body
        length = len(body) if isinstance(body, bytes) else length
        said = [] if length is None else [("Content-Length", str(length))]
        status = "200 OK" if self.status.startswith(("204", "304")) else self.status
        return Answer(status, [*kept, *((name.title(), value) for name, value in replaced.items()), *said], chunks)


@dataclass(frozen=True)
class Tools:
    """What the faults of one demo share."""

    world: World
    clock: Clock
    turn: Turn


Ask = Callable[[], Answer]
"""Lets the request go on: to the next fault, in the end to whom it was meant for.  That is its effect."""


@dataclass
class Exchange:
    environ: dict[str, Any]
    asked: Asked
    knob: Knob
    chance: Chance
    tools: Tools
    settings: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.knob.settings

    @property
    def wire(self) -> Wire | None:
        return wire_of(self.environ)

    def wait(self, seconds: float) -> None:
        """Until the time is over, the knob is taken back, or the demo ends; raises Cut when the caller has gone."""
        left = min(seconds, _LONGEST_WAIT)
        with self.tools.turn.given_away():
            while left > 0 and not (self.knob.cleared.is_set() or self.tools.clock.is_closed):
                step = min(left, _SLICE_SECONDS)
                self._spend(step)
                left -= step
        if math.isinf(seconds) or self.tools.clock.is_closed:
            raise Cut("fin")

    def _spend(self, seconds: float) -> None:
        wire = self.wire
        if wire is not None:
            self.tools.clock.idle(seconds)
            if wire.is_gone():
                raise Cut
            return
        patience = self.environ.get(PATIENCE, math.inf)
        self.tools.clock.sleep(min(seconds, patience))
        if patience <= seconds:
            raise Cut
        self.environ[PATIENCE] = patience - seconds

    def have_effect(self, ask: Ask) -> None:
        """Where the settings say that it comes after the effect: that, but not its answer."""
        if self.settings["effect"] == "after":
            ask().discard()
