"""A request to the control API, and what is wrong with it."""
from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.demo.demo import Demo


class Nonsense(Exception):
    """What was asked makes no sense; `status` is a 4xx."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """`words` are the placeholders of the path, `document` the JSON object that was sent, `query` the query's last.

    What is put into `afterwards` is done when the answer has been sent.
    """

    demo: Demo
    words: tuple[str, ...] = ()
    document: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    def only(self, *names: str) -> None:
        """Anything else in the document is a mistake."""
        unknown = sorted(self.document.keys() - set(names))
        if unknown:
            raise Nonsense(f"{unknown[0]} is not known here; known are {', '.join(names) or 'no fields at all'}")

    def text(self, name: str) -> str:
        value = self.document.get(name)
        if not isinstance(value, str) or not value:
            raise Nonsense(f"{name} is missing or no text")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Finite."""
        value = self.document.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise Nonsense(f"{name} is missing or no number")
        return float(value)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        value = self.number(name, default)
        if value != int(value) or not least <= value <= most:
            raise Nonsense(f"{name} is a whole number from {least} to {most}")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.document.get(name)
        if not isinstance(value, bool):
            raise Nonsense(f"{name} is true or false")
        return value


def read_document(body: bytes) -> dict[str, Any]:
    """Nothing at all is an empty object.  Raises Nonsense."""
    try:
        document = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Nonsense("the body is no JSON") from error
    if not isinstance(document, dict):
        raise Nonsense("the body is no JSON object")
    return document
