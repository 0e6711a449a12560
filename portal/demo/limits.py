"""The panel's request limits: a fixed window of a minute from the first hit, one bucket per API and user."""
from __future__ import annotations

import threading
from dataclasses import dataclass

from portal.demo.clock import Clock
from portal.demo.errors import PanelError

WINDOW_SECONDS = 60


@dataclass
class _Window:
    hits: int
    ends_at: int


class RateLimiter:
    """`per_minute` holds the allowed requests of each API by its name; 0 switches that limit off."""

    def __init__(self, clock: Clock, per_minute: dict[str, int]) -> None:
        self.per_minute = dict(per_minute)
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._lock = threading.Lock()

    def hit(self, api: str, user_uuid: str) -> None:
        limit = self.per_minute[api]
        if not limit:
            return
        with self._lock:
            now = int(self._clock.now())
            window = self._current(api, user_uuid, now)
            if window is None:
                self._windows[api, user_uuid] = _Window(1, now + WINDOW_SECONDS)
                return
            if window.hits >= limit:
                raise PanelError(429, "ThrottleRequestsException", "Too Many Attempts.", headers={
                    "X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": "0",
                    "Retry-After": str(window.ends_at - now), "X-RateLimit-Reset": str(window.ends_at),
                })
            window.hits += 1

    def headers(self, api: str, user_uuid: str) -> dict[str, str]:
        """Counted when the answer is ready: a window that ended meanwhile leaves the full number (recorded)."""
        limit = self.per_minute[api]
        if not limit:
            return {}
        with self._lock:
            window = self._current(api, user_uuid, int(self._clock.now()))
        hits = window.hits if window else 0
        return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(limit - hits, 0))}

    def _current(self, api: str, user_uuid: str, now: int) -> _Window | None:
        window = self._windows.get((api, user_uuid))
        return window if window and window.ends_at > now else None
