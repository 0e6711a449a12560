"""What browser and portal say to each other, as text: what a page may say is read, what it is told is written.

Nothing here knows sockets, people or the store; docs/console.md has the whole of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from portal.console import sample
from portal.console.closing import NONSENSE, Goodbye
from portal.wings import Place, Update

LONGEST_MESSAGE = 16 * 1024
TAIL = 50
HIGHEST = 2**53
HASHES = 2**32


@dataclass(frozen=True)
class Hello:
    """The page's first word. `place` is where it stood before; None when it has nothing yet."""

    place: Place | None


@dataclass(frozen=True)
class Command:
    """One line for the server; `number` is the page's own, to find the answer by."""

    number: int
    text: str


def read(message: str | bytes) -> Hello | Command:
    """One message of a browser. Raises Goodbye when it is none of those that a page may send."""
    if not isinstance(message, str):
        raise Goodbye(NONSENSE, "binary")
    try:
        found = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Goodbye(NONSENSE, "json") from None
    match found:
        case {"hello": None, **rest} if not rest:
            return Hello(None)
        case {"hello": {"stream": str(stream), "next": int(number), "tail": list(tail), **more}, **rest} if not (
            rest or more
        ):
            return Hello(_place(stream, number, tail))
        case {"command": {"id": int(number), "text": str(text), **more}, **rest} if not (rest or more):
            _check(_is_count(number))
            return Command(number, text.encode("utf-8", "replace").decode())
    raise Goodbye(NONSENSE, "shape")


def hello(stream: str, *, may_command: bool, kept: int) -> dict[str, Any]:
    """The first thing that a page is told."""
    return {"hello": {"stream": stream, "may_command": may_command, "kept": kept}}


def news(update: Update) -> dict[str, Any]:
    """What is new, but for the link, whose words depend on who reads them."""
    told: dict[str, Any] = {}
    if update.dropped:
        told["dropped"] = update.dropped
    if update.lines:
        told |= {"from": update.first, "lines": update.lines}
    if update.status:
        told["status"] = update.status
    if update.stats and (latest := sample.read(update.stats)):
        told["stats"] = latest.as_json()
    if update.events:
        told["events"] = update.events
    return told


def answer(number: int, outcome: str, said: str | None) -> dict[str, Any]:
    """What became of a command; `said` is a sentence when it was not sent."""
    told = {"id": number, "outcome": outcome}
    return {"answer": told | {"said": said} if said else told}


def frame(told: dict[str, Any]) -> str:
    """One frame's text: ASCII only, so that nothing that a game prints can break it."""
    return json.dumps(told, separators=(",", ":"))


def _place(stream: str, number: int, tail: list[object]) -> Place:
    _check(len(stream) <= 64 and stream.isascii() and stream.isalnum() and _is_count(number))
    _check(len(tail) <= TAIL and all(_is_count(one, HASHES) for one in tail))
    return Place(stream, number, tuple(one for one in tail if isinstance(one, int)))


def _is_count(value: object, below: int = HIGHEST) -> bool:
    return type(value) is int and 0 <= value < below


def _check(holds: bool) -> None:
    if not holds:
        raise Goodbye(NONSENSE, "shape")


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
