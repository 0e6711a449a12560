"""What runs for one server: its state, the game in it, and the steps that are planned for it."""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from portal.demo.clock import Clock
from portal.demo.wings.boot import Boot
from portal.demo.wings.bus import Bus
from portal.demo.wings.configuration import Configuration
from portal.demo.wings.console import Console
from portal.demo.wings.game import Game, Line, game_of

State = Literal["offline", "starting", "running", "stopping"]

CATCH_UP_SECONDS = 3600.0
_ENDLESS_PACE = 2.0


@dataclass(frozen=True)
class _Step:
    at: float
    do: Callable[[float], None]


class Container:
    """`entered` is told of every change of state, `stopped` of an end that somebody asked for, `crashed` of any other,
    with its exit code.

    All moments are unix seconds; `ready_at` and `down_at` are infinite while nobody knows.
    """

    def __init__(self, clock: Clock, bus: Bus, console: Console, entered: Callable[[State], None],
                 stopped: Callable[[float], None], crashed: Callable[[int, float], None]) -> None:
        self.state: State = "offline"
        self.down_at = math.inf
        self.started_at: float | None = None
        self._clock = clock
        self._bus = bus
        self._console = console
        self._entered = entered
        self._stopped = stopped
        self._crashed = crashed
        self._plan: list[_Step] = []
        self._game: Game = game_of(Configuration(), set())
        self._ready_at = math.inf
        self._played_until = -math.inf
        self._ran_before = 0.0
        self._is_advancing = False
        self._says_goodbye = False
        self._farewell: list[_Step] = []

    @property
    def ran_seconds(self) -> float:
        """All starts together."""
        return self._ran_before + (self.up_seconds or 0.0)

    @property
    def up_seconds(self) -> float | None:
        """Since the last start; a clock that was put back does not make it less than none."""
        return None if self.started_at is None else max(self._clock.now() - self.started_at, 0.0)

    def plan(self, at: float, do: Callable[[float], None]) -> None:
        """Instead of what was planned."""
        self._plan = [_Step(at, do)]

    def advance(self) -> None:
        """Do what is due."""
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            now = self._clock.now()
            while self._plan and self._plan[0].at <= now:
                step = self._plan.pop(0)
                self._play_until(step.at)
                step.do(step.at)
            self._play_until(now)
        finally:
            self._is_advancing = False

    def enter(self, state: State, at: float) -> None:
        if state == self.state:
            return
        if state == "starting":
            self.started_at = at
        if state == "running":
            self._ready_at = self._played_until = at
        if state == "offline":
            self._ran_before += max(at - (self.started_at or at), 0.0)
            self.started_at = None
        self.state = state
        self._entered(state)

    def boot(self, game: Game, boot: Boot) -> None:
        self._game = game
        self._ready_at = self.down_at = math.inf
        self._says_goodbye = False
        self._plan = self._printing(boot.lines)
        if math.isfinite(boot.ends_at):
            end = partial(self.enter, "running") if boot.exit_code is None else partial(self._end, boot.exit_code)
            self._plan.append(_Step(boot.ends_at, end))

    def wind_down(self, seconds: float, patience: float = math.inf) -> None:
        """The game says goodbye and is gone after `seconds`, or killed after `patience`; both may be infinite.

        A game that says goodbye already does not begin anew; it is only killed sooner where there is less patience.
        """
        now = self._clock.now()
        if not self._says_goodbye:
            self._says_goodbye = True
            self.down_at = now + seconds
            pace = seconds if math.isfinite(seconds) else _ENDLESS_PACE
            self._farewell = self._printing((now + share * pace, text) for share, text in self._game.goodbye(now, pace))
        self.down_at = min(self.down_at, now + patience)
        self._plan = [step for step in self._farewell if now <= step.at <= self.down_at]
        if math.isfinite(self.down_at):
            self._plan.append(_Step(self.down_at, partial(self._end, 0)))

    def kill(self) -> None:
        self._plan = []
        if self.state != "offline":
            self.enter("stopping", self._clock.now())
            self._end(0, self._clock.now())

    def type(self, line: str) -> bool:
        """A terminal shows what is typed; true when the game ends itself because of it."""
        self._console.print(line)
        reply = self._game.command(line, self._clock.now(), self._ready_at)
        for answer in reply.lines:
            self._console.print(answer)
        return reply.exits

    def play_unheard(self) -> None:
        """Somebody wants to read what happened while nobody listened."""
        self._play_until(self._clock.now(), even_unheard=True)

    def _printing(self, lines: Iterable[Line]) -> list[_Step]:
        return [_Step(at, partial(self._print, text)) for at, text in lines]

    def _print(self, text: str, _at: float) -> None:
        self._console.print(text)

    def _end(self, exit_code: int, at: float) -> None:
        """Whether it is a crash shows in the state before."""
        was_asked_for = self.state == "stopping"
        self.enter("offline", at)
        if was_asked_for:
            self._stopped(at)
        else:
            self._crashed(exit_code, at)

    def _play_until(self, moment: float, *, even_unheard: bool = False) -> None:
        """Life in the game, as far back as anybody could want to read."""
        if self.state == "running" and moment > self._played_until and (even_unheard or self._bus.is_heard):
            begin = max(self._played_until, moment - CATCH_UP_SECONDS)
            for _, text in self._game.life(begin, moment, self._ready_at):
                self._console.print(text)
            self._played_until = moment
