"""What waits to go out over one socket (`system/sink_pool.go`, `router/websocket/listeners.go`)."""
from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from portal.demo.wings.bus import Channel

LINES = 8
INSTALLER_LINES = 4
PATIENCE_SECONDS = 0.01
MOST_CHARACTERS = 64 * 1024 * 1024
"""Of events that wait for one peer: whoever takes so little is let go, before the memory is."""


@dataclass(frozen=True)
class Close:
    code: int
    reason: str


Item = str | Close


class Outbox:
    """By default nothing is lost and everything keeps its order; `give_up` is called when too much waits.

    With `loses` on, as in Wings: answers always arrive; a producer waits 10 ms for room among 8 lines of the game or
    4 of the installer and then throws the oldest away; an event that nobody takes in that time is gone.
    """

    def __init__(self, wake: Callable[[], None], *, loses: bool, give_up: Callable[[], None] = lambda: None) -> None:
        self._wake = wake
        self._give_up = give_up
        self._loses = loses
        self._direct: deque[Item] = deque()
        self._waiting = 0
        self._event: Item | None = None
        self._lines: dict[Channel, deque[Item]] = {"line": deque(), "installer": deque()}
        self._is_taken_from = False
        self._is_held = False
        self._changed = threading.Condition()

    def send(self, item: Item) -> None:
        """An answer to this peer."""
        with self._changed:
            self._direct.append(item)
            self._waiting += _characters(item)
        self._wake()

    def offer(self, channel: Channel, item: Item) -> None:
        """Something that all viewers of the server are told."""
        if not self._loses and self._waiting > MOST_CHARACTERS:
            self._give_up()
        elif not self._loses:
            self.send(item)
        elif channel == "event":
            self._offer_event(item)
        else:
            self._offer_line(self._lines[channel], LINES if channel == "line" else INSTALLER_LINES, item)

    def take(self) -> Item | None:
        """The next to be written; None: the writer waits for more."""
        with self._changed:
            if self._is_held:
                return None
            item = self._next()
            self._is_taken_from = item is None
            self._changed.notify_all()
            return item

    def hold(self, *, is_held: bool) -> None:
        """The writer is stuck, or no longer so."""
        with self._changed:
            self._is_held = is_held
            self._is_taken_from = False

    def _next(self) -> Item | None:
        if self._direct:
            item = self._direct.popleft()
            self._waiting -= _characters(item)
            return item
        if self._event is not None:
            item, self._event = self._event, None
            return item
        return next((lines.popleft() for lines in self._lines.values() if lines), None)

    def _offer_event(self, item: Item) -> None:
        with self._changed:
            free = self._changed.wait_for(lambda: self._is_taken_from and self._event is None, PATIENCE_SECONDS)
            if free:
                self._event = item
        self._wake()

    def _offer_line(self, lines: deque[Item], room: int, item: Item) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: len(lines) < room, PATIENCE_SECONDS):
                lines.popleft()
            lines.append(item)
        self._wake()


def _characters(item: Item) -> int:
    return len(item) if isinstance(item, str) else 0
