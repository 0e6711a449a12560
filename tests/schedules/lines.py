"""Made-up cron lines, the same in each run, of everything that the panel's library knows and much that it refuses."""

from __future__ import annotations

import random
from collections.abc import Callable

MONTHS = ("JAN", "FEB", "mar", "APR", "MAY", "JUN", "Jul", "DEC")
WEEKDAYS = ("MON", "TUE", "wed", "THU", "FRI", "SAT", "SUN")
STEPS = (1, 2, 3, 5, 7, 10, 15, 25, 31, 61, 90, -3, "05", 0)


class Lines:
    """Gives five fields at a time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.days: tuple[Callable[[], str], ...] = (
            lambda: "L", lambda: "?", lambda: f"{self.random.randint(0, 32)}W", lambda: "LW", lambda: "?,5",
            lambda: "1-5W",
        )  # fmt: skip
        self.weekdays: tuple[Callable[[], str], ...] = (
            lambda: "?", lambda: f"{self.pick(*range(8), *WEEKDAYS)}L",
            lambda: f"{self.pick(*range(8), *WEEKDAYS, '00')}#{self.pick(1, 2, 3, 4, 5, 6, '1.5')}",
            lambda: "1-5L", lambda: "*L", lambda: "5LL", lambda: "FRI,1#2", lambda: "5L,2", lambda: "L",
            lambda: "00#1,5", lambda: "SAT-SUN", lambda: "5-0", lambda: "7-2",
        )  # fmt: skip

    def pick(self, *among: object) -> str:
        return str(self.random.choice(among))

    def line(self) -> tuple[str, str, str, str, str]:
        fields = [self._field(0, 59), self._field(0, 23), self._field(1, 31, (), self.days),
                  self._field(1, 12, MONTHS), self._field(0, 7, WEEKDAYS, self.weekdays)]  # fmt: skip
        if self.random.random() < 0.6:
            fields[self.random.randrange(2, 5)] = "*"
        if self.random.random() < 0.3:
            fields[0] = self._number(0, 59)
        return (fields[0], fields[1], fields[2], fields[3], fields[4])

    def _number(self, low: int, high: int) -> str:
        usual = [str(self.random.randint(low, high)) for _ in range(8)]
        return self.pick(*usual, high + 1, low - 1, "1e1", "+5", "05", "0")

    def _one(self, low: int, high: int, names: tuple[str, ...]) -> str:
        return self.pick(*names) if names and self.random.random() < 0.4 else self._number(low, high)

    def _part(self, low: int, high: int, names: tuple[str, ...]) -> str:
        kind = self.random.random()
        if kind < 0.25:
            return "*"
        if kind < 0.55:
            return self._one(low, high, names)
        span = f"{self._one(low, high, names)}-{self._one(low, high, names)}"
        if kind < 0.75:
            return span
        return f"*/{self.pick(*STEPS)}" if kind < 0.88 else f"{span}/{self.pick(1, 2, 3, 7, 40)}"

    def _field(
        self, low: int, high: int, names: tuple[str, ...] = (), more: tuple[Callable[[], str], ...] = ()
    ) -> str:
        if more and self.random.random() < 0.25:
            return self.random.choice(more)()
        return ",".join(self._part(low, high, names) for _ in range(self.random.choice([1, 1, 1, 2, 3])))
