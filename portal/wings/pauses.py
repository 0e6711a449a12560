"""How long to wait before the next socket, and when to give up."""

from __future__ import annotations

from collections.abc import Callable

from portal.wings.timing import Timing


class Pauses:
    """`chance` gives 0..1: portals that lost the same node do not come back at the same moment.

    A pause is cut by a quarter at most: so there are no more than twenty sockets in the ten minutes.
    """

    def __init__(self, timing: Timing, chance: Callable[[], float]) -> None:
        self._timing = timing
        self._chance = chance
        self.reset()

    def reset(self) -> None:
        """All was well for long enough."""
        self._step = 0
        self._since: float | None = None

    def lived(self) -> None:
        """A socket was live: whatever is lost now is lost anew, but the pauses go on growing."""
        self._since = None

    def next(self, now: float, at_least: float = 0.0) -> float | None:
        """Seconds to wait; None when it was in vain for too long."""
        if self._since is None:
            self._since = now
        if now - self._since >= self._timing.tired_s:
            return None
        pause = self._timing.pauses[min(self._step, len(self._timing.pauses) - 1)]
        self._step += 1
        return max(pause * (0.75 + 0.25 * self._chance()), min(at_least, self._timing.most_pause_s))
