"""One server's process on its node: a state machine that is computed when asked, from the clock."""
from __future__ import annotations

import math
import threading
from typing import Literal

from portal.demo.clock import Clock
from portal.demo.storage import Storage
from portal.demo.wings.bus import Bus
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.usage import Profile, Usage, usage_of

State = Literal["offline", "starting", "running", "stopping"]
Signal = Literal["start", "stop", "restart", "kill"]
SIGNALS: tuple[Signal, ...] = ("start", "stop", "restart", "kill")

SUSPENSION_KILLS_AFTER = 60.0


class Process:
    """`is_busy` means installing, restoring or transferring; `commands` are those that reached the game."""

    def __init__(self, clock: Clock, profile: Profile | None = None, files: Filesystem | None = None, *,
                 is_suspended: bool = False, is_busy: bool = False) -> None:
        self.profile = profile or Profile()
        self.files = files or Filesystem(Storage(), "server", {})
        self.bus = Bus()
        self.is_suspended = is_suspended
        self.is_busy = is_busy
        self.commands: list[str] = []
        self._clock = clock
        self._state: State = "offline"
        self._plan: list[tuple[float, State]] = []
        self._started_at: float | None = None
        self._ran_before = 0.0
        self._lock = threading.RLock()

    @property
    def state(self) -> State:
        with self._lock:
            now = self._clock.now()
            while self._plan and self._plan[0][0] <= now:
                at, state = self._plan.pop(0)
                self._enter(state, at)
            return self._state

    @property
    def usage(self) -> Usage:
        with self._lock:
            up = self._up_seconds()
            return Usage() if up is None else usage_of(self.profile, up)

    @property
    def disk_bytes(self) -> int:
        with self._lock:
            ran = self._ran_before + (self._up_seconds() or 0.0)
            return self.files.used_bytes() + self.profile.disk_bytes + int(self.profile.disk_growth * ran)

    def run_since(self, seconds: float) -> None:
        """As if it had been started that long ago."""
        with self._lock:
            now = self._clock.now()
            self._enter("starting", now - seconds)
            self._plan = self._boot(now - seconds)

    def power(self, signal: Signal) -> None:
        """What cannot be done now is only logged by Wings: nothing happens."""
        with self._lock:
            state = self.state
            if signal == "kill":
                self._kill()
            elif self.is_busy or state == "stopping":
                return
            elif signal == "stop":
                self._stop(self.profile.stop_seconds)
            elif state == "offline":
                self._start()
            elif signal == "restart":
                self._restart()

    def send_command(self, command: str) -> None:
        """Type a line into the game."""
        with self._lock:
            self.commands.append(command)

    def sync(self, *, is_suspended: bool) -> None:
        """A suspended server's process is stopped, and killed if that takes too long."""
        with self._lock:
            self.is_suspended = is_suspended
            if is_suspended and self.state != "offline":
                self._stop(min(self.profile.stop_seconds, SUSPENSION_KILLS_AFTER))

    def _up_seconds(self) -> float | None:
        started_at = None if self.state == "offline" else self._started_at
        return None if started_at is None else self._clock.now() - started_at

    def _enter(self, state: State, at: float) -> None:
        if state == "starting":
            self._started_at = at
        if state == "offline" and self._started_at is not None:
            self._ran_before += at - self._started_at
            self._started_at = None
        self._state = state
        self.bus.publish("status", state)

    def _boot(self, at: float) -> list[tuple[float, State]]:
        if self.profile.crash_after_seconds is not None:
            return [(at + self.profile.crash_after_seconds, "offline")]
        return [(at + self.profile.start_seconds, "running")]

    def _start(self) -> None:
        now = self._clock.now()
        self._enter("starting", now)
        self._plan = self._boot(now)

    def _stop(self, seconds: float) -> None:
        if self._state == "offline":
            return
        self._enter("stopping", self._clock.now())
        self._plan = [] if math.isinf(seconds) else [(self._clock.now() + seconds, "offline")]

    def _restart(self) -> None:
        self._stop(self.profile.stop_seconds)
        if self._plan:
            down_at = self._plan[0][0]
            self._plan += [(down_at, "starting"), *self._boot(down_at)]

    def _kill(self) -> None:
        self._plan = []
        self._enter("offline", self._clock.now())
