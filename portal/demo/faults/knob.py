"""A knob: one fault, where it acts, on which requests, how often."""
from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

Where = Literal["panel", "node", "socket", "store"]
WHERE: tuple[Where, ...] = get_args(Where)


class BadKnob(ValueError):
    """What somebody asked for is no knob; the text says why."""


@dataclass(frozen=True)
class Asked:
    """What a knob may look at: `node` is the name of the node that is asked, `owner` the username of the key's."""

    method: str
    path: str
    node: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class Match:
    """None matches everything; `path` is a glob in which `*` also matches a slash."""

    method: str | None = None
    path: str | None = None
    node: str | None = None
    owner: str | None = None

    def fits(self, asked: Asked) -> bool:
        return (
            self.method in (None, asked.method)
            and (self.path is None or fnmatchcase(asked.path, self.path))
            and self.node in (None, asked.node)
            and self.owner in (None, asked.owner)
        )


@dataclass(eq=False)
class Knob:
    """`left` counts the requests that it still acts on, None: until it is taken back; `chance` is from 0 to 1."""

    number: int
    where: Where
    fault: str
    settings: Mapping[str, Any]
    match: Match = field(default_factory=Match)
    left: int | None = None
    chance: float = 1.0
    hits: int = 0
    cleared: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def is_spent(self) -> bool:
        return self.left == 0

    def as_document(self) -> dict[str, Any]:
        match = {name: value for name, value in vars(self.match).items() if value is not None}
        return {"id": self.number, "where": self.where, "fault": self.fault, "settings": dict(self.settings),
                "match": match, "left": self.left, "chance": self.chance, "hits": self.hits}
