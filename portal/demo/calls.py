"""The log of everything that was asked of panel, nodes and object store."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request; `at` in unix seconds when it was answered, `key_owner` None when no key was recognised.

    `status` is 0 where the connection ended without an answer, 101 where it became a websocket.  `where` is `panel`,
    `store` or the name of a node; `seconds` is what it took on the demo's clock.
    """

    at: float
    method: str
    path: str
    query: str
    key_owner: str | None
    status: int
    where: str = "panel"
    seconds: float = 0.0


class Calls:
    """`panel` are the panel's own, as tests count them; `all` those of nodes and store as well, in their order."""

    def __init__(self) -> None:
        self.panel: list[Call] = []
        self.all: list[Call] = []

    def add(self, call: Call) -> None:
        self.all.append(call)
        if call.where == "panel":
            self.panel.append(call)

    def clear(self) -> None:
        self.panel.clear()
        self.all.clear()
