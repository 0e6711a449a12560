"""How many console lines a second one server may cost this process."""

from __future__ import annotations

_LINE_BYTES = 256
A_SECOND = 100_000
"""Five times what Wings lets a server emit by default (`throttles`); a line costs some 5 us here."""


class Budget:
    """Refills all the time, up to one second's worth."""

    def __init__(self, now: float, a_second: float = A_SECOND) -> None:
        self._a_second = a_second
        self._left = a_second
        self._at = now

    def refill(self, now: float) -> None:
        """Time has passed."""
        self._left = min(self._left + (now - self._at) * self._a_second, self._a_second)
        self._at = now

    def take(self, size: int) -> bool:
        """A message of so many bytes, of which a long one counts as several; False when there is nothing left."""
        if self._left < 1:
            return False
        self._left -= 1 + size // _LINE_BYTES
        return True
