"""How often something may happen: so many at once, then so many in a second."""

from __future__ import annotations

from portal import clock


class Bucket:
    """`burst` at once, and `per_s` come back in a second. For one thread."""

    def __init__(self, burst: float, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = burst
        self._at = clock.monotonic()

    def take(self, many: float = 1.0) -> bool:
        """Take so many; False, and nothing is taken, when there are fewer."""
        self._fill()
        if self._left < many:
            return False
        self._left -= many
        return True

    def wait_s(self) -> float:
        """Seconds until one can be taken."""
        self._fill()
        return max(0.0, (1.0 - self._left) / self._per_s)

    def spend(self) -> None:
        """Take one, or what there is of it."""
        self._fill()
        self._left = max(0.0, self._left - 1.0)

    def _fill(self) -> None:
        now = clock.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
