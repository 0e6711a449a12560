"""The panel's request limits: a fixed window from the first hit, one bucket for each limit and user."""
from __future__ import annotations

import threading
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from portal.demo.clock import Clock
from portal.demo.errors import PanelError

WINDOW_SECONDS = 60
_LIMIT, _REMAINING = "X-RateLimit-Limit", "X-RateLimit-Remaining"


@dataclass(frozen=True)
class Throttle:
    """So many requests in so many seconds, counted by user; `name` is the bucket's."""

    name: str
    requests: int
    seconds: int


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

    def of_api(self, api: str) -> Throttle:
        return Throttle(api, self.per_minute[api], WINDOW_SECONDS)

    def hit(self, throttle: Throttle, user_uuid: str) -> None:
        limit = throttle.requests
        if not limit:
            return
        with self._lock:
            now = int(self._clock.now())
            window = self._current(throttle, user_uuid, now)
            if window is None:
                self._windows[throttle.name, user_uuid] = _Window(1, now + throttle.seconds)
                return
            if window.hits >= limit:
                raise PanelError(429, "ThrottleRequestsException", "Too Many Attempts.", headers={
                    _LIMIT: str(limit), _REMAINING: "0",
                    "Retry-After": str(window.ends_at - now), "X-RateLimit-Reset": str(window.ends_at),
                })
            window.hits += 1

    def tell(self, headers: Headers, throttle: Throttle, user_uuid: str) -> None:
        """Say in an answer's headers how much is left, unless a tighter limit has done so.

        Counted when the answer is ready: a window that ended meanwhile leaves the full number (recorded).
        """
        limit = throttle.requests
        if not limit:
            return
        with self._lock:
            window = self._current(throttle, user_uuid, int(self._clock.now()))
        remaining = max(limit - window.hits, 0) if window else limit
        if _REMAINING not in headers or int(headers[_REMAINING]) > remaining:
            headers[_LIMIT], headers[_REMAINING] = str(limit), str(remaining)

    def _current(self, throttle: Throttle, user_uuid: str, now: int) -> _Window | None:
        window = self._windows.get((throttle.name, user_uuid))
        return window if window and window.ends_at > now else None
