"""The panel's cache."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.demo.clock import Clock


class Cache:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, Any]] = {}

    def remember(self, key: str, seconds: float, make: Callable[[], Any]) -> Any:
        """The kept value, or a new one; nothing is kept of a failure or of null."""
        expires_at, value = self._entries.get(key, (0.0, None))
        if expires_at > self._clock.now():
            return value
        value = make()
        if value is not None:
            self._entries[key] = (self._clock.now() + seconds, value)
        return value
