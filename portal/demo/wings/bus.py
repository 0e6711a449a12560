"""What happens to one server, on its way to everybody who listens."""
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Channel = Literal["event", "line", "installer"]


@dataclass(frozen=True)
class Event:
    """`name` and `args` as they go over a socket; lines of game and installer have channels of their own."""

    name: str
    args: tuple[str, ...] = ()
    channel: Channel = "event"


Listener = Callable[[Event], None]


class Bus:
    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    @property
    def is_heard(self) -> bool:
        return bool(self._listeners)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Returns what ends the subscription."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._leave(listener)

    def publish(self, name: str, *args: str, channel: Channel = "event") -> None:
        for listener in self._listeners:
            listener(Event(name, args, channel))

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(other for other in self._listeners if other is not listener)
