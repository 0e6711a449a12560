"""People who come to a game and go again: a pure function of the server's name and the time."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.demo.seed import Seed

_NAMES = ("Alba_77", "BoneMeal", "cobble", "Dr_Ender", "elytra_joe", "FernFox", "Gritstone", "Hollow")
_SAYINGS = ("hi", "anyone got iron?", "brb", "look at the sunset", "who took my boat", "gg", "<3", "see you & thanks")
_PERIOD = 1800
_COMES_IN = 0.55


@dataclass(frozen=True)
class Visit:
    """`said` holds moments and words."""

    player: str
    came_at: float
    left_at: float
    said: tuple[tuple[float, str], ...]


class Players:
    def __init__(self, server: str) -> None:
        self._server = server
        self._seed = Seed(0)

    def visits(self, begin: float, end: float) -> Iterator[Visit]:
        """All that overlap the time from `begin` to `end`."""
        for period in range(int(begin // _PERIOD), int(end // _PERIOD) + 1):
            for player in _NAMES:
                visit = self._visit(player, period)
                if visit and visit.came_at <= end and visit.left_at > begin:
                    yield visit

    def online(self, at: float, since: float) -> list[str]:
        """Who is there, of those who came after `since`."""
        return [visit.player for visit in self.visits(at, at) if visit.came_at > since]

    def _visit(self, player: str, period: int) -> Visit | None:
        label = f"{self._server}/{player}/{period}"
        if self._seed.fraction(label) > _COMES_IN:
            return None
        came_at = period * _PERIOD + self._seed.fraction(f"{label}/comes") * 0.8 * _PERIOD
        longest = (period + 1) * _PERIOD - came_at
        left_at = came_at + longest * (0.2 + 0.7 * self._seed.fraction(f"{label}/stays"))
        talks = self._seed.fraction(f"{label}/talks")
        words = _SAYINGS[int(talks * len(_SAYINGS))]
        said = ((came_at + (left_at - came_at) * talks, words),) if talks > 0.4 else ()
        return Visit(player, came_at, left_at, said)
