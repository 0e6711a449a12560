"""All channels of one process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from portal import clock
from portal.wings.board import call
from portal.wings.channel import Channel, ChannelKey
from portal.wings.crew import Crew
from portal.wings.history import Way
from portal.wings.ticket import Tickets
from portal.wings.timing import Timing
from portal.wings.viewer import Allow, Place, Viewer

CAP = 128
PER_PERSON = 12
LINGER_S = 15.0


class Full(Exception):
    """There is no room for another browser: `of` says in this process, or for this person."""

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of


@dataclass(frozen=True)
class Counts:
    """What there is: viewers, channels, sockets to nodes, threads of the relay, lines dropped since the start."""

    viewers: int
    channels: int
    upstreams: int
    threads: int
    dropped_lines: int


class Hub:
    """`cap` browsers in all, `per_person` of one account. The hub's lock is taken before a board's, never after."""

    def __init__(
        self, *, cap: int = CAP, per_person: int = PER_PERSON, linger_s: float = LINGER_S, timing: Timing | None = None
    ) -> None:
        self._cap = cap
        self._per_person = per_person
        self._linger_s = linger_s
        self._timing = timing or Timing()
        self._lock = threading.Lock()
        self._crew = Crew()
        self._channels: dict[ChannelKey, Channel] = {}
        self._viewers: dict[Viewer, None] = {}
        self._persons: Counter[int] = Counter()
        self._dropped_before = 0
        self._is_stopped = False

    def attach(
        self, key: ChannelKey, person: int, tickets: Tickets, origin: str, *,
        allow: Allow, wake: Callable[[], None], place: Place | None = None, address: str | None = None,
    ) -> Viewer:  # fmt: skip
        """A viewer of the channel of that key, which is opened if there is none.

        `wake` is called, from any thread and without blocking, when there is something to take after the last take;
        once right away. `address` is the browser's, told to the node as X-Forwarded-For where the channel is one
        person's own. Raises Full.
        """
        with self._lock:
            if self._is_stopped or len(self._viewers) >= self._cap:
                raise Full("process")
            if self._persons[person] >= self._per_person:
                raise Full("person")
            channel = self._channels.get(key)
            if channel is None:
                channel = Channel(key, self._crew, self._timing, is_wanted=self._is_wanted, left=self._left)
            viewer = Viewer(channel, person, allow, wake, place)
            channel.board.join(viewer)
            channel.idle_since = None
            self._channels[key] = channel
            self._viewers[viewer] = None
            self._persons[person] += 1
        channel.board.seat(viewer)
        try:
            channel.start(Way(tickets, origin, address))
        except RuntimeError:
            self._left(viewer)
            raise Full("process") from None
        call((viewer,))
        return viewer

    def viewers(self) -> tuple[Viewer, ...]:
        """All of them."""
        with self._lock:
            return tuple(self._viewers)

    def channels(self) -> tuple[Channel, ...]:
        """All of them."""
        with self._lock:
            return tuple(self._channels.values())

    def counts(self) -> Counts:
        """How much there is."""
        with self._lock:
            dropped = self._dropped_before + sum(one.board.dropped_lines for one in self._channels.values())
            return Counts(
                len(self._viewers), len(self._channels), self._crew.sockets, self._crew.threads, dropped
            )  # fmt: skip

    def stop(self, code: int, word: str) -> None:
        """Close every viewer with that code and take no new ones; channels end at once."""
        with self._lock:
            self._is_stopped = True
            viewers = tuple(self._viewers)
            for channel in tuple(self._channels.values()):
                self._end(channel)
        for viewer in viewers:
            viewer.close(code, word)

    def _left(self, viewer: Viewer) -> None:
        with self._lock:
            if viewer not in self._viewers:
                return
            del self._viewers[viewer]
            self._persons[viewer.person] -= 1
            if not self._persons[viewer.person]:
                del self._persons[viewer.person]
            channel = viewer.channel
            channel.board.unseat(viewer)
            if not channel.board.viewers:
                channel.idle_since = clock.monotonic()
                self._end_if_idle(channel)

    def _is_wanted(self, channel: Channel) -> bool:
        """Asked by the channel's own thread, now and then."""
        if channel.idle_since is None:
            return True
        with self._lock:
            self._end_if_idle(channel)
            return self._channels.get(channel.key) is channel

    def _end_if_idle(self, channel: Channel) -> None:
        """Nobody looks, for long enough, or there is no thread that would find out later."""
        if channel.idle_since is None or self._channels.get(channel.key) is not channel:
            return
        if clock.monotonic() - channel.idle_since >= self._linger_s or channel.link.phase == "over":
            self._end(channel)

    def _end(self, channel: Channel) -> None:
        if self._channels.pop(channel.key, None) is not None:
            self._dropped_before += channel.board.dropped_lines
            channel.stop()
