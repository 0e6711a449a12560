"""One server's process on its node: a state machine that is computed when asked, from the clock."""
from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable

from portal.demo.clock import Clock
from portal.demo.storage import Storage
from portal.demo.wings import daemon_lines, power
from portal.demo.wings.boot import boot_of, failure_of
from portal.demo.wings.bus import Bus, Listener
from portal.demo.wings.configuration import Configuration
from portal.demo.wings.console import OUTPUT, Console
from portal.demo.wings.container import Container, State
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.game import game_of
from portal.demo.wings.power import SIGNALS, PowerLocked, PowerRefused, Signal, Work
from portal.demo.wings.stats import stats_text
from portal.demo.wings.usage import MIB, Profile, Usage, usage_of

__all__ = ["SIGNALS", "PowerLocked", "PowerRefused", "Process", "Signal", "State"]

SUSPENSION_KILLS_AFTER = DISK_KILLS_AFTER = 60.0
POWER_KILLS_AFTER = 601.0
"""Ten minutes, and a moment for the kill."""


class Process:
    """`is_busy` means installing, restoring or transferring, and `busy_with` which; `commands` reached the game.

    `read_configuration` asks the panel; nobody did before a node has taken the process over.
    """

    def __init__(self, clock: Clock, profile: Profile | None = None, files: Filesystem | None = None, *,
                 is_suspended: bool = False, is_busy: bool = False) -> None:
        self.profile = profile or Profile()
        self.files = files or Filesystem(Storage(), "server", {})
        self.bus = Bus()
        self.console = Console(clock, self.bus, self.say)
        self.is_suspended = is_suspended
        self.is_busy = is_busy
        self.busy_with: Work = "installing"
        self.commands: list[str] = []
        self.read_configuration: Callable[[], Configuration] = Configuration
        self._clock = clock
        self._container = Container(clock, self.bus, self.console, self._entered, self._stopped, self._crashed)
        self._operators: set[str] = set()
        self._sampled = 0
        self._crashed_at = -math.inf
        self._is_powering = False
        self._comes_back = False
        self._has_told_of_disk = False
        self._lock = threading.RLock()

    @property
    def state(self) -> State:
        with self._lock:
            self._container.advance()
            return self._container.state

    @property
    def usage(self) -> Usage:
        with self._lock:
            up = self._up_seconds()
            return Usage() if up is None else usage_of(self.profile, up)

    @property
    def disk_bytes(self) -> int:
        with self._lock:
            self._container.advance()
            grown = int(self.profile.disk_growth * self._container.ran_seconds)
            return self.files.used_bytes() + self.profile.disk_bytes + grown

    @property
    def configuration(self) -> Configuration:
        return self.read_configuration()

    @property
    def is_powering(self) -> bool:
        """A power action is at work, and others have to wait."""
        with self._lock:
            self._container.advance()
            return self._is_powering

    def run_since(self, seconds: float) -> None:
        """As if it had been started that long ago; it happens when somebody looks."""
        with self._lock:
            self._container.plan(self._clock.now() - seconds, lambda at: self._boot(at, checks=False))

    def listen(self, listener: Listener, greet: Callable[[State], None]) -> Callable[[], None]:
        """Tell `listener` all that happens from now on; `greet` hears the state it begins with, and that first.

        What happened while nobody listened is in the log only.  Returns what ends it.
        """
        with self._lock:
            self._container.advance()
            if not self.bus.is_heard:
                self._container.play_unheard()
            leave = self.bus.subscribe(listener)
            greet(self._container.state)
            return leave

    def tick(self) -> None:
        """The pulse: what is due, and one sample for each second that somebody watches."""
        with self._lock:
            up = self._up_seconds()
            if up is not None and int(up) != self._sampled:
                self._sampled = int(up)
                self._publish_stats()
                self._look_at_disk()

    def history(self, count: int) -> list[str]:
        """The game's last lines since its start; none when it is down."""
        with self._lock:
            if self.state == "offline":
                return []
            self._container.play_unheard()
            return self.console.last(count)

    def power(self, signal: Signal) -> None:
        """What cannot be done now is only logged by Wings: nothing happens."""
        with contextlib.suppress(PowerRefused):
            self.request(signal)

    def request(self, action: str) -> None:
        """A power action whose refusal is heard: raises PowerRefused, PowerLocked."""
        with self._lock:
            state = self.state
            if self.is_busy:
                raise power.busy(self.busy_with)
            if self._is_powering and action != "kill":
                raise PowerLocked
            if action == "kill":
                self._container.kill()
            elif action in ("stop", "restart"):
                self._halt(comes_back=action == "restart")
            elif action != "start":
                raise PowerRefused(power.IS_UNKNOWN)
            elif state != "offline":
                raise PowerRefused(power.IS_RUNNING)
            else:
                self._begin(self._clock.now())

    def send_command(self, command: str) -> None:
        """Type a line into the game; the one that its egg stops it by means stopping."""
        with self._lock:
            if self.state == "offline":
                return
            self.commands.append(command)
            if command == self.configuration.stop_command:
                self._container.enter("stopping", self._clock.now())
            for line in command.split("\n"):
                if self._container.type(line):
                    self._container.wind_down(self.profile.stop_seconds)

    def sync(self, *, is_suspended: bool) -> None:
        """A suspended server's process is stopped, and killed if that takes too long."""
        with self._lock:
            self.is_suspended = is_suspended
            if is_suspended:
                self.halt_within(SUSPENSION_KILLS_AFTER)

    def halt_within(self, seconds: float) -> float:
        """Stopped for another reason than power, killed after that many seconds; returns when it will be down."""
        with self._lock:
            if self.state == "offline":
                return self._clock.now()
            self._stop(seconds)
            return self._container.down_at

    def end(self) -> None:
        """Killed, and not to come back."""
        with self._lock:
            self._comes_back = False
            self._container.kill()

    def say(self, text: str) -> None:
        """A line of the node's own in the console."""
        self.bus.publish(OUTPUT, daemon_lines.decorated(self.configuration.app_name, text))

    def _up_seconds(self) -> float | None:
        self._container.advance()
        return self._container.up_seconds

    def _entered(self, state: State) -> None:
        self._is_powering = self._is_powering and state == "stopping"
        self.bus.publish("status", state)
        if state == "starting":
            self._sampled = 0
        if state == "offline":
            self._publish_stats()

    def _publish_stats(self) -> None:
        if self.bus.is_heard:
            self.bus.publish("stats", stats_text(self, sorted_keys=True))

    def _look_at_disk(self) -> None:
        """Over its limit a server is stopped, once."""
        limit = self.configuration.disk_mib * MIB
        if limit and not self._has_told_of_disk and self.disk_bytes > limit:
            self._has_told_of_disk = True
            self.say(daemon_lines.DISK_EXCEEDED)
            self._stop(DISK_KILLS_AFTER)

    def _begin(self, at: float) -> None:
        """`onBeforeStart`, then the container; raises PowerRefused."""
        configuration = self.configuration
        if configuration.is_suspended is not None:
            self.is_suspended = configuration.is_suspended
        if self.is_suspended:
            raise PowerRefused(power.IS_SUSPENDED)
        limit = configuration.disk_mib * MIB
        for text in daemon_lines.before_start(has_disk_limit=limit > 0):
            self.say(text)
        if limit and self.disk_bytes >= limit:
            raise PowerRefused(power.IS_FULL)
        self._boot(at, checks=True)

    def _boot(self, at: float, *, checks: bool) -> None:
        configuration = self.configuration
        game = game_of(configuration, self._operators)
        failure = failure_of(game, self.profile, self.files) if checks else None
        self.console.clear()
        self._has_told_of_disk = False
        self._container.enter("starting", at)
        self.say(daemon_lines.PULLING)
        for progress in ("Pulling from", "Status: Image is up to date for"):
            self.bus.publish("install output", f"{progress} {configuration.image}")
        self.say(daemon_lines.PULLED)
        self._container.boot(game, boot_of(game, self.profile, at, failure))

    def _halt(self, *, comes_back: bool) -> None:
        if self.state != "offline":
            self._is_powering, self._comes_back = True, comes_back
            self._stop(POWER_KILLS_AFTER)
        elif comes_back:
            self._begin(self._clock.now())

    def _stopped(self, at: float) -> None:
        """A restart goes on however the process ended, even killed."""
        comes_back, self._comes_back = self._comes_back, False
        if comes_back and not self.is_busy:
            self._start_again(at)

    def _start_again(self, at: float) -> None:
        with contextlib.suppress(PowerRefused):
            self._begin(at)

    def _stop(self, patience: float) -> None:
        """Killed after so many seconds."""
        self._container.enter("stopping", self._clock.now())
        typed = self.configuration.stop_command
        if typed is not None:
            self.console.print(typed)
        self._container.wind_down(self.profile.stop_seconds, patience)

    def _crashed(self, exit_code: int, at: float) -> None:
        """Down without having been stopped: started again, unless that was so a minute ago."""
        is_again = not self.profile.restarts_after_crash or at < self._crashed_at + daemon_lines.CRASH_SECONDS
        for text in daemon_lines.crash_block(exit_code, out_of_memory=False, is_again=is_again):
            self.say(text)
        if not is_again:
            self._crashed_at = at
            self._start_again(at)
