"""One server's console as one key sees it, for all who look at it with that key in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category

from portal import clock
from portal.wings.board import Board
from portal.wings.crew import Crew
from portal.wings.history import Way
from portal.wings.link import Link, Sent
from portal.wings.timing import Timing
from portal.wings.upstream import Upstream

if TYPE_CHECKING:
    from portal.wings.viewer import Viewer

__all__ = ["Channel", "ChannelKey", "Sent"]

_LONGEST_COMMAND = 4096
_NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
"""Control characters, halves of one, and ends of lines."""


@dataclass(frozen=True)
class ChannelKey:
    """Who may share a socket to a node: the same server, the same owner of the panel key, the same permissions.

    `owner` is an account's id, 0 for the service key; `permissions` is what the token may do.
    """

    server_uuid: str
    owner: int
    permissions: frozenset[str]


class Channel:
    """Made by the hub, which also ends it: `is_wanted` says whether anybody looks, `left` that somebody went."""

    def __init__(
        self, key: ChannelKey, crew: Crew, timing: Timing, *,
        is_wanted: Callable[[Channel], bool], left: Callable[[Viewer], None],
    ) -> None:  # fmt: skip
        self.key = key
        self.board = Board()
        self.left = left
        self.idle_since: float | None = None
        self._crew = crew
        self._timing = timing
        self._is_wanted = is_wanted
        self._way: Way | None = None
        self._upstream: Upstream | None = None
        self._starting = threading.Lock()
        self._is_stopped = False
        self._commanding = threading.Lock()
        self._commanded_at = float("-inf")

    @property
    def link(self) -> Link:
        """How the way to the node is."""
        return self.board.link

    @property
    def state(self) -> str | None:
        """Wings' last word: offline, starting, running, stopping; None before the first."""
        return self.board.state

    @property
    def stats(self) -> str | None:
        """JSON text of the last sample."""
        return self.board.sample

    def start(self, way: Way) -> None:
        """Connect, unless that is being done; the newest way counts. Raises RuntimeError without a thread to spare."""
        self._way = way
        self.retry()

    def retry(self) -> None:
        """Try again after it was given up (phase `over`); nothing else needs it. Raises RuntimeError."""
        with self._starting:
            if self._is_stopped or self._way is None or not (self._upstream is None or self._upstream.is_over):
                return
            name = f"console {self.key.server_uuid[:8]}"
            upstream = Upstream(
                name, self.board, self._way, self._crew, self._timing, lambda: self._is_wanted(self)
            )  # fmt: skip
            self.board.tell_link(Link("connecting"))
            self._crew.start(name, upstream.run)
            self._upstream = upstream

    def stop(self) -> None:
        """End the socket and its thread, for good."""
        with self._starting:
            self._is_stopped = True
            if self._upstream is not None:
                self._upstream.stop()

    def send_command(self, text: str) -> Sent:
        """Send one line to the server's process, at most once, at least 50 ms after the one before.

        sent: the node has read it (it answered a ping that was sent behind it). dropped: it was not sent, because the
        socket is not live or the server is offline. unknown: the socket ended, or said nothing for 3 s.
        """
        line = "".join(char for char in text if char == "\t" or category(char) not in _NO_TEXT)[:_LONGEST_COMMAND]
        if not self._commanding.acquire(timeout=self._timing.pong_s):
            return "dropped"  # the commands of others wait for a node that does not answer
        try:
            upstream = self._upstream
            if upstream is None or not line or self.state == "offline" or self.link.phase not in ("live", "renewing"):
                return "dropped"
            wait = self._commanded_at + self._timing.command_gap_s - clock.monotonic()
            if wait > 0:
                clock.sleep(wait)
            try:
                return upstream.command(line)
            finally:
                self._commanded_at = clock.monotonic()
        finally:
            self._commanding.release()
