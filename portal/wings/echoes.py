"""Pings whose answer somebody waits for: what was sent before a ping has been read when its pong comes."""

from __future__ import annotations

import itertools
import threading
from typing import Protocol


class Pinging(Protocol):
    """What pings."""

    def ping(self, payload: bytes) -> None:
        """Raises Broken."""


class Echoes:
    """Of one socket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: dict[bytes, threading.Event] = {}
        self._heard: set[bytes] = set()
        self.over = threading.Event()

    def ask(self, wire: Pinging, seconds: float) -> bool:
        """Whether the node answered in that time. Raises Broken."""
        event = threading.Event()
        with self._lock:
            if self.over.is_set():
                return False
            payload = b"%d" % next(self._numbers)
            self._waiting[payload] = event
        try:
            wire.ping(payload)
            event.wait(seconds)
        finally:
            with self._lock:
                del self._waiting[payload]
                was_heard = payload in self._heard
                self._heard.discard(payload)
        return was_heard

    def heard(self, payload: bytes) -> None:
        """A pong; those that nobody waits for are nothing."""
        with self._lock:
            if (event := self._waiting.get(payload)) is not None:
                self._heard.add(payload)
                event.set()

    def end(self) -> None:
        """The socket is gone; nobody waits any longer."""
        with self._lock:
            self.over.set()
            for event in self._waiting.values():
                event.set()
