"""All that a channel knows, and what each of its viewers still has to be told: the place where both halves meet."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal import clock
from portal.wings.link import Link
from portal.wings.places import joined, place_behind
from portal.wings.ring import MOST_BYTES, Line, Ring
from portal.wings.rules import Word

if TYPE_CHECKING:
    from portal.wings.viewer import Viewer

_SHORT_HISTORY = 150
"""What Wings gives at most by default; a log with fewer lines is whole."""
_log = logging.getLogger("roost.wings")


class Hold:
    """Live lines that wait until history stands before them."""

    def __init__(self, state_before: str | None) -> None:
        self.since = clock.monotonic()
        self.state_before = state_before
        self.older: list[list[Line]] = []
        """What sockets before this one said, each for itself."""
        self.lines: list[Line] = []
        self.bytes = 0


class Board:
    """The thread of the socket writes, those of the browsers read; `lock` is held for moments only."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ring = Ring()
        self.link = Link("connecting")
        self.state: str | None = None
        self.sample: str | None = None
        self.viewers: set[Viewer] = set()
        self.armed: set[Viewer] = set()
        self.is_settled = False
        self.dropped_lines = 0
        self._hold: Hold | None = None

    def tell_link(self, link: Link) -> None:
        """How the way is now."""
        with self.lock:
            self.link = link
            for viewer in self.viewers:
                viewer.put_link(link)
            woken = self._woken()
        call(woken)

    def tell_lines(self, lines: Sequence[Line]) -> None:
        """New lines, all of one read at once."""
        if not lines:
            return
        with self.lock:
            if self._hold is not None:
                self._held(self._hold, lines)
            else:
                self._add(lines)
            woken = self._woken()
        call(woken)

    def tell_state(self, state: str) -> None:
        """One of Wings' four."""
        with self.lock:
            if state == self.state:
                return
            self.state = state
            for viewer in self.viewers:
                viewer.put_status(state)
            woken = self._woken()
        call(woken)

    def tell_sample(self, sample: str) -> None:
        """Usage, as JSON."""
        with self.lock:
            self.sample = sample
            for viewer in self.viewers:
                viewer.put_sample(sample)
            woken = self._woken()
        call(woken)

    def tell_word(self, word: Word) -> None:
        """An event that is no line."""
        with self.lock:
            for viewer in self.viewers:
                viewer.put_word(word)
            woken = self._woken()
        call(woken)

    def hold(self) -> Hold:
        """From now on lines wait for `settle`; those that wait already go on waiting."""
        with self.lock:
            before, self._hold = self._hold, Hold(self.state)
            if before is not None:
                self._hold.state_before = before.state_before
                self._hold.older = [*before.older, before.lines] if before.lines else before.older
                self._hold.bytes = before.bytes
            return self._hold

    def settle(self, hold: Hold, history: Sequence[str] | None) -> None:
        """Publish history (None: it could not be had) and the lines that waited; nothing if that has happened."""
        with self.lock:
            if self._hold is not hold:
                return
            self._settle(hold, history)
            woken = self._woken()
        call(woken)

    def settle_after(self, seconds: float) -> None:
        """Lines wait no longer than that."""
        hold = self._hold
        if hold is not None and clock.monotonic() - hold.since >= seconds:
            self.settle(hold, None)

    def forget(self, lines: int) -> None:
        """So many came that were not even looked at."""
        with self.lock:
            self.dropped_lines += lines

    def join(self, viewer: Viewer) -> None:
        """A new one, which keeps the channel."""
        with self.lock:
            viewer.is_waiting = True
            self.viewers.add(viewer)

    def seat(self, viewer: Viewer) -> None:
        """One that has joined: find where it goes on, which takes long where lines are long."""
        with self.lock:
            self.viewers.add(viewer)
            viewer.put_link(self.link)
            if self.state is not None:
                viewer.put_status(self.state)
            if self.sample is not None:
                viewer.put_sample(self.sample)
            self._place(viewer)

    def unseat(self, viewer: Viewer) -> None:
        """It is gone."""
        with self.lock:
            self.viewers.discard(viewer)
            self.armed.discard(viewer)

    def _held(self, hold: Hold, lines: Sequence[Line]) -> None:
        hold.lines.extend(lines)
        hold.bytes += sum(map(sys.getsizeof, lines))
        if hold.bytes > MOST_BYTES:
            self._settle(hold, None)

    def _settle(self, hold: Hold, history: Sequence[str] | None) -> None:
        self._hold = None
        known = self.ring.last()
        if history is None:
            told: list[Line] = [None] if known else []
            for lines in hold.older:
                told += [*lines, None]
            self._add(told + hold.lines)
        else:
            was_off = hold.state_before == "offline"
            is_whole = was_off and (self.state == "offline" or len(history) < _SHORT_HISTORY)
            older = [line for lines in hold.older for line in lines]
            self._add(joined(known, history, older, hold.lines, may_gap=not is_whole))
        self.is_settled = True
        for viewer in self.viewers:
            if viewer.is_waiting:
                self._place(viewer)

    def _add(self, lines: Sequence[Line]) -> None:
        slowest = min((viewer.cursor for viewer in self.viewers if not viewer.is_waiting), default=sys.maxsize)
        self.ring.add(lines, slowest)

    def _place(self, viewer: Viewer) -> None:
        place, ring = viewer.place, self.ring
        viewer.is_waiting = False
        if place is None:
            viewer.cursor = ring.start()
        elif place.stream == ring.stream:
            viewer.cursor = max(min(place.next, ring.next), 1)
        elif not self.is_settled:
            viewer.is_waiting = True
        elif (index := place_behind(place.tail, ring.hashes())) is not None:
            viewer.cursor = ring.first + index
        else:
            viewer.cursor = ring.start()
            viewer.has_gap = bool(place.tail) and ring.next > ring.first

    def _woken(self) -> set[Viewer]:
        woken, self.armed = self.armed, set()
        return woken


def call(viewers: set[Viewer] | tuple[Viewer, ...]) -> None:
    """Wake them; never with a lock held. What goes wrong in a browser's thread is not the node's business."""
    for viewer in viewers:
        try:
            viewer.wake()
        except Exception:
            _log.exception("A viewer of a console could not be woken.")
