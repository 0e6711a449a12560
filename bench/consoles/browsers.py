"""Browsers with a console open: raw sockets in one epoll loop, which count every line that they get.

One of kind `relay` speaks with the portal as the page does, and comes back as the page does; one of kind `node` speaks
with the node itself, through nginx alone.
"""

from __future__ import annotations

import heapq
import json
import random
import select
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from bench.consoles import frames
from bench.consoles.child import answer

RESTARTED = 1012
AT_ONCE = 4410
NEVER = (4400, 4401, 4403, 4404, 4429)
WAITS_S = (1, 2, 4, 8, 16, 30)
TAIL = 50
FEW = 64  # of so many lines each is looked at by itself


@dataclass(frozen=True)
class Way:
    """Where a browser connects to and what it says. `spread_s`: after a restart it comes back within that."""

    group: str
    kind: str
    port: int
    path: str
    origin: str
    cookie: str = ""
    source: str = "127.0.0.1"
    spread_s: float = 10.0


@dataclass
class Tally:
    """What happened to one browser since the last `clear`, or to a group. Times are monotonic, in ns."""

    frames: int = 0
    lines: int = 0
    dropped: int = 0  # the portal says so
    marks: int = 0  # "lines may be missing here"
    missing: int = 0  # the lines' own numbers say so
    doubled: int = 0
    misnumbered: int = 0  # the portal's numbers do not fit what it sent
    refused: int = 0  # handshakes
    opened: int = 0
    closes: list[int] = field(default_factory=list)
    took_us: list[float] = field(default_factory=list)
    back_at: int = 0  # its first line after its last handshake

    def add(self, other: Tally) -> None:
        """Count another one's in."""
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            setattr(self, name, max(mine, value) if name.endswith("_at") else mine + value)


class Browser:
    """One console in one tab."""

    def __init__(self, way: Way, keeper: Browsers) -> None:
        self.way, self.keeper = way, keeper
        self.tally = Tally()
        self.number = 0  # of the last line, by the node's count
        self.stream, self.next = "", 0
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.tries = 0
        self.phase = "closed"
        self.open()

    def open(self) -> None:
        """Connect; what follows comes through `readable`."""
        self.buffer = bytearray()
        self.phase, self.code = "greeting", 1006
        self.socket = socket.socket()
        self.socket.settimeout(10)
        self.socket.bind((self.way.source, 0))
        self.keeper.add(self)
        try:
            self.socket.connect(("127.0.0.1", self.way.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            host = f"127.0.0.1:{self.way.port}"
            self.socket.sendall(frames.handshake(host, self.way.path, self.way.origin, self.way.cookie))
        except OSError:
            self.ended()
            return
        self.socket.setblocking(False)

    def readable(self, now: int) -> None:
        """Take what is there. `now` is when it was noticed."""
        try:
            data = self.socket.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.ended()
            return
        self.buffer += data
        if self.phase == "greeting" and not self._greeted():
            return
        for opcode, payload in frames.taken(self.buffer):
            if opcode == frames.TEXT:
                self.tally.frames += 1
                (self._from_portal if self.way.kind == "relay" else self._from_node)(json.loads(payload), now)
            elif opcode == frames.PING:
                self._send(payload, frames.PONG)
            elif opcode == frames.CLOSE:
                self.code = int.from_bytes(payload[:2], "big") if payload else 1005
                self._send(payload[:2], frames.CLOSE)
                self.ended()
                return

    def ended(self) -> None:
        """The socket is gone: come back as the page does."""
        self.keeper.remove(self)
        self.socket.close()
        if self.phase == "greeting":
            self.tally.refused += 1
        else:
            self.tally.closes.append(self.code)
        self.phase = "closed"
        if self.code in NEVER or self.keeper.is_over:
            return
        wait = WAITS_S[min(self.tries, len(WAITS_S) - 1)] * random.uniform(0.75, 1.25)
        self.tries += 1
        if self.code == RESTARTED:
            wait = random.uniform(2, 2 + self.way.spread_s)
        self.keeper.later(0.0 if self.code == AT_ONCE else wait, self)

    def close(self) -> None:
        """Leave for good."""
        if self.phase != "closed":
            self._send((1000).to_bytes(2, "big"), frames.CLOSE)
            self.keeper.remove(self)
            self.socket.close()
        self.phase = "left"

    def _greeted(self) -> bool:
        head, end, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.keeper.answers.add(head.split(b"\r\n", 1)[0].decode("latin-1"))
            self.ended()
            return False
        self.buffer = bytearray(rest)
        self.phase = "open"
        self.tally.opened += 1
        if self.way.kind == "node":
            self._say({"event": "auth", "args": ["a token"]})
            return True
        place = {"stream": self.stream, "next": self.next, "tail": [_hash(one) for one in self.tail]}
        self._say({"hello": place if self.stream else None})
        return True

    def _from_portal(self, said: dict[str, Any], now: int) -> None:
        if "hello" in said:
            self.tries = 0
            if self.stream != said["hello"]["stream"]:
                self.stream, self.next = said["hello"]["stream"], -1  # the first numbers of a new stream are its own
        dropped = said.get("dropped", 0)
        self.tally.dropped += dropped
        if "lines" not in said:
            return
        first, lines = said["from"], said["lines"]
        if self.next >= 0 and first != self.next + dropped:
            self.tally.misnumbered += 1
        self.next = first + len(lines)
        self.tally.marks += lines.count(None)
        self._count([one for one in lines if one is not None], now)

    def _from_node(self, said: dict[str, Any], now: int) -> None:
        if said["event"] == "console output":
            self._count(said["args"], now)

    def _count(self, lines: list[str], now: int) -> None:
        self.tail.extend(lines[-TAIL:])
        numbered = [one for one in lines if one.startswith("#")]
        if not numbered:
            return
        tally = self.tally
        if self.phase != "live":
            self.phase, tally.back_at = "live", now
        tally.lines += len(numbered)
        begin, end = int(numbered[0][1:10]), int(numbered[-1][1:10])
        if begin != self.number + 1 or end - begin != len(numbered) - 1:
            self._look_closely([int(one[1:10]) for one in numbered])
        self.number = max(self.number, end)
        if self.keeper.is_recording:
            few = numbered if len(numbered) <= FEW else numbered[:1]
            tally.took_us.extend((now - int(one[11:30])) / 1000 for one in few)

    def _look_closely(self, numbers: list[int]) -> None:
        before = self.number
        for number in numbers:
            if number <= before:
                self.tally.doubled += 1
                continue
            if before and number > before + 1:
                self.tally.missing += number - before - 1
            before = number

    def _say(self, value: Any) -> None:
        self._send(json.dumps(value).encode(), frames.TEXT)

    def _send(self, payload: bytes, opcode: int) -> None:
        with suppress(OSError):
            self.socket.send(frames.frame(payload, opcode, mask=True))


class Browsers:
    """All browsers of the bench; answers its questions."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.poll = select.epoll()
        self.poll.register(pipe.fileno(), select.EPOLLIN)
        self.by_number: dict[int, Browser] = {}
        self.every: list[Browser] = []
        self.waiting: list[tuple[float, int, Browser]] = []
        self.answers: set[str] = set()
        self.is_recording = self.is_over = False
        self.turns = 0

    def add(self, one: Browser) -> None:
        """Look at its socket from now on."""
        self.by_number[one.socket.fileno()] = one
        self.poll.register(one.socket.fileno(), select.EPOLLIN)

    def remove(self, one: Browser) -> None:
        """Look at it no more."""
        self.poll.unregister(one.socket.fileno())
        del self.by_number[one.socket.fileno()]

    def later(self, after_s: float, one: Browser) -> None:
        """Open it again then."""
        self.turns += 1
        heapq.heappush(self.waiting, (time.monotonic() + after_s, self.turns, one))

    def run(self) -> None:
        """Until nobody asks any more."""
        while not self.is_over:
            wait = max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else 1.0
            for number, _ in self.poll.poll(min(wait, 1.0)):
                if number == self.pipe.fileno():
                    self.is_over = not answer(self.pipe, self)
                elif number in self.by_number:
                    self.by_number[number].readable(time.monotonic_ns())
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                one = heapq.heappop(self.waiting)[2]
                if one.phase == "closed":
                    one.open()

    def open(self, ways: list[Way]) -> None:
        """Open a console for each."""
        self.every += [Browser(way, self) for way in ways]

    def leave(self, group: str) -> None:
        """Close those of a group for good."""
        for one in self.of(group):
            one.close()
        self.every = [one for one in self.every if one.way.group != group]

    def of(self, group: str) -> list[Browser]:
        """Those of a group."""
        return [one for one in self.every if one.way.group == group]

    def phases(self, group: str) -> dict[str, int]:
        """How many of a group are greeting, open, live (have had a line) or closed."""
        names = [one.phase for one in self.of(group)]
        return {name: names.count(name) for name in set(names)}

    def record(self, wanted: bool) -> None:
        """Whether the time that lines take is noted."""
        self.is_recording = wanted

    def clear(self) -> None:
        """Count from nought."""
        self.answers.clear()
        for one in self.every:
            one.tally = Tally()

    def tally(self, group: str) -> dict[str, Any]:
        """Of a group: everything together, the last time of those that are times, strange answers to handshakes."""
        whole = Tally()
        for one in self.of(group):
            whole.add(one.tally)
        return asdict(whole) | {"answers": sorted(self.answers)}


def _hash(text: str) -> int:
    """The page's hash of a line: FNV-1a with 32 bits over its code points."""
    value = 0x811C9DC5
    for letter in text:
        value = ((value ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return value


def main(pipe: Connection) -> None:
    """The browsers' process."""
    Browsers(pipe).run()
