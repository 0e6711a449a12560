"""One browser at a channel: where it stands in the lines, what it has not been told yet, and why it has to go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.wings.board import call
from portal.wings.link import Link
from portal.wings.rules import CONNECT, Word

if TYPE_CHECKING:
    from portal.wings.channel import Channel

Allow = Callable[[str], bool]
"""Whether the person behind a viewer holds a permission (`control.console`, ...)."""

_MOST_STATES = 100
_MOST_WORDS = 250


@dataclass(frozen=True)
class Place:
    """Where a browser stood when its socket ended: the next line's number in a stream, and its last lines' hashes.

    The hashes (`portal.wings.hashing.line_hash`, oldest first, at most 50) find the place in another process's stream.
    """

    stream: str
    next: int
    tail: tuple[int, ...] = ()


@dataclass(frozen=True)
class Close:
    """Why a browser's socket is to be closed: a close code and which words to say (see `portal/console/closing.py`)."""

    code: int
    word: str


@dataclass(frozen=True)
class Update:
    """What is new for one browser since it was told last.

    `lines` begin with number `first` and are contiguous; None among them: lines may be missing there. `dropped`: so
    many were too old to be kept before `first`. `events`: name and text of what is not a console line, in order.
    `status`: Wings' states since, in order, never dropped. `stats`: the JSON text of the latest sample.
    """

    first: int = 0
    lines: tuple[str | None, ...] = ()
    dropped: int = 0
    events: tuple[tuple[str, str], ...] = ()
    status: tuple[str, ...] = ()
    stats: str | None = None
    link: Link | None = None

    def __bool__(self) -> bool:
        return bool(self.lines or self.dropped or self.events or self.status or self.stats or self.link)


class Viewer:
    """Made by `Hub.attach`; all methods may be called from any thread.

    `cursor`, `place`, `is_waiting`, `has_gap` and the `put_` methods belong to the board, under its lock.
    """

    def __init__(
        self, channel: Channel, person: int, allow: Allow, wake: Callable[[], None], place: Place | None = None
    ) -> None:
        self.channel = channel
        self.person = person
        self.allow = allow
        self.wake = wake
        self.place = place
        self.stream: str = channel.board.ring.stream
        self.closing: Close | None = None
        self.cursor = 1
        self.is_waiting = False
        self.has_gap = False
        self._status: list[str] = []
        self._words: list[Word] = []
        self._sample: str | None = None
        self._link: Link | None = None

    def take(self) -> Update:
        """What is new, at most once; falsy when nothing is. Arms the next wake."""
        may_see = self.allow(CONNECT)
        board = self.channel.board
        with board.lock:
            first, lines, dropped = self._lines() if may_see else (0, (), 0)
            words, self._words = self._words, []
            status, self._status = self._status, []
            sample, self._sample = self._sample, None
            link, self._link = self._link, None
            if self in board.viewers:
                board.armed.add(self)
        if not may_see:
            return Update(link=link)
        events = tuple((event, text) for event, text, needs in words if self.allow(needs))
        return Update(first, lines, dropped, events, tuple(status), sample, link)

    def close(self, code: int, word: str) -> None:
        """Let its thread close the browser's socket; the first reason counts."""
        with self.channel.board.lock:
            if self.closing is not None:
                return
            self.closing = Close(code, word)
        call((self,))

    def detach(self) -> None:
        """It is gone; the channel ends a while after its last viewer."""
        self.channel.left(self)

    def put_link(self, link: Link) -> None:
        """Only the newest matters."""
        self._link = link

    def put_status(self, state: str) -> None:
        """All of them, in order; who takes none for minutes is told the last hundred."""
        self._status.append(state)
        del self._status[:-_MOST_STATES]

    def put_sample(self, sample: str) -> None:
        """Only the newest matters."""
        self._sample = sample

    def put_word(self, word: Word) -> None:
        """The last ones, when nobody takes them."""
        self._words.append(word)
        del self._words[:-_MOST_WORDS]

    def _lines(self) -> tuple[int, tuple[str | None, ...], int]:
        board, ring = self.channel.board, self.channel.board.ring
        if self.is_waiting:
            return 0, (), 0
        dropped = max(ring.first - self.cursor, 0)
        board.dropped_lines += dropped
        first = max(self.cursor, ring.first)
        lines = ring.since(first)
        self.cursor = ring.next
        if self.has_gap and lines:
            self.has_gap = False
            return first - 1, (None, *lines), dropped
        return first, lines, dropped
