"""All open websockets of one node, and what can be done to them from outside: the node's own acts, and faults."""
from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.demo.clock import Clock

if TYPE_CHECKING:
    from portal.demo.wings.socket import Connection


@dataclass
class SocketFaults:
    """Switches of a node.

    `refuse_origin`: no origin is good enough.  `refuse_tokens`: every `auth` fails as if the token were denied.
    `delay_auth`: seconds until an `auth` is looked at.  `reorders`: a message is handled after the one that follows it,
    or at the next pulse.  `fragment`: characters a frame, 0 sends each message whole.  `most`: sockets of one server,
    as later versions limit them; None: as many as come.
    """

    refuse_origin: bool = False
    refuse_tokens: bool = False
    delay_auth: float = 0.0
    reorders: bool = False
    fragment: int = 0
    most: int | None = None


class Sockets:
    """Each act is done to all, or to those of one `server` (a uuid)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: tuple[Connection, ...] = ()
        self._lock = threading.Lock()

    def add(self, connection: Connection) -> None:
        with self._lock:
            self._open = (*self._open, connection)

    def remove(self, connection: Connection) -> None:
        with self._lock:
            self._open = tuple(other for other in self._open if other is not connection)

    def list(self, server: str | None = None) -> tuple[Connection, ...]:
        return tuple(one for one in self._open if server in (None, one.server_uuid))

    def close(self, code: int, reason: str = "", *, server: str | None = None) -> None:
        """A close frame; what waited to be sent goes first."""
        for one in self.list(server):
            one.close(code, reason)

    def drop(self, *, server: str | None = None) -> None:
        """Reset without a close frame: the peer sees 1006."""
        for one in self.list(server):
            one.drop()

    def stall(self, seconds: float | None = None, *, server: str | None = None) -> None:
        """Neither read nor write for that long (None: for good), as a half-open connection."""
        for one in self.list(server):
            one.stall(None if seconds is None else self._clock.now() + seconds)

    def resume(self, *, server: str | None = None) -> None:
        """Ends a stall."""
        for one in self.list(server):
            one.resume()

    def flood(self, lines: int, length: int, *, server: str | None = None) -> None:
        """So many lines of that length from the games that somebody watches."""
        watched = {id(one.process): one.process for one in self.list(server)}
        for process in watched.values():
            for number in range(lines):
                process.console.print(f"{number} ".ljust(length, "x")[:length])

    def send_raw(self, event: str, *args: str, server: str | None = None) -> None:
        """A message that nothing checks, of any name."""
        for one in self.list(server):
            one.send(event, *args)

    def huge_frame(self, size: int, *, server: str | None = None) -> None:
        """One console line of that many characters in one message, however long."""
        self.send_raw("console output", "x" * size, server=server)

    def tick(self) -> None:
        """What is due in each session."""
        for one in self._open:
            one.tick()
