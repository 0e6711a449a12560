"""One browser's end of a socket: simple-websocket, and what it leaves open.

It pushes what arrives into a list without bounds, takes a short write for a whole one, lets two threads write at once,
and can leave its reader waiting after the end. `OPTIONS` puts our own socket and list in place before its reader
starts, so that not even the first message passes them by.
"""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from simple_websocket import ConnectionClosed
from wsproto.utilities import ProtocolError

from portal import clock
from portal.console.closing import FLOOD, Goodbye
from portal.console.rates import Bucket
from portal.console.wire import LONGEST_MESSAGE

log = logging.getLogger("roost.console")
SEND_S = 7
"""One write may wait so long for a browser that does not read; it is gone after three of them."""
PING_S = 15
WAITING = 32
"""So many messages may wait to be read."""
GOODBYE_S = 1.0
"""So long is a browser given to answer a close frame,"""
_goodbyes = threading.BoundedSemaphore(16)
"""but not by more threads than that: they would be missing for pages."""


class Inbox(list[str | bytes]):
    """What a browser said and nobody has read yet. Too much of it is thrown away and remembered as a flood."""

    def __init__(self) -> None:
        super().__init__()
        self.is_flooded = False
        self._messages = Bucket(20, 10)
        self._bytes = Bucket(64 * 1024, 8 * 1024)

    def append(self, message: str | bytes) -> None:
        """Keep a message, called by the reader."""
        if len(self) >= WAITING or not self._messages.take():
            self.is_flooded = True
        if not self.is_flooded:
            super().append(message)

    def weigh(self, size: int) -> None:
        """Count what came in, whatever it is: pings and empty fragments are no messages."""
        if not self._bytes.take(size):
            self.is_flooded = True


class Whole:
    """A socket whose writes are whole, one after the other, and never wait for long. It is closed by its server."""

    def __init__(self, plain: socket.socket, inbox: Inbox, wake: Callable[[], None]) -> None:
        self._plain = plain
        self._inbox = inbox
        self._wake = wake
        self._writing = threading.Lock()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_S, 0))

    def fileno(self) -> int:
        """For whoever waits until there is something to read."""
        return self._plain.fileno()

    def recv(self, size: int) -> bytes:
        """What has arrived; a flood arrives slowly."""
        found = self._plain.recv(size)
        self._inbox.weigh(len(found))
        if self._inbox.is_flooded:
            self._wake()
            clock.sleep(0.05)
        return found

    def send(self, data: bytes) -> int:
        """Write all of it; after half of it nothing else may follow."""
        with self._writing:
            try:
                self._plain.sendall(data)
            except OSError:
                self.close()
                raise
        return len(data)

    def close(self) -> None:
        """End both ways, which wakes whoever reads; the file itself is closed by the server that accepted it."""
        with suppress(OSError):
            self._plain.shutdown(socket.SHUT_RDWR)


def _reader(target: Callable[[], None]) -> threading.Thread:
    """What simple-websocket takes for its class of threads: called when all is set up and nothing is read yet."""
    ws: Any = target.__self__  # type: ignore[attr-defined]
    ws.input_buffer = Inbox()
    ws.sock = Whole(ws.sock, ws.input_buffer, ws.event.set)

    def read() -> None:
        try:
            target()
        except (ConnectionClosed, ProtocolError, OSError, ValueError) as error:
            log.debug("a browser's socket ended: %r", error)
        finally:
            ws.connected = False
            ws.sock.close()
            ws.event.set()

    return threading.Thread(target=read, name="console-browser", daemon=True)


OPTIONS = {"ping_interval": PING_S, "max_message_size": LONGEST_MESSAGE, "thread_class": _reader}
"""For flask-sock."""


class Browser:
    """One browser, used by the thread of its request; `wake` may be called from any thread."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self._inbox: Inbox = ws.input_buffer
        self.wake: Callable[[], None] = ws.event.set

    @property
    def is_open(self) -> bool:
        """Whether it can still be told something."""
        return bool(self._ws.connected)

    def wait(self, seconds: float) -> bool:
        """Until it said something, somebody calls `wake`, or it is gone; False when nothing of that happened."""
        happened = bool(self._ws.event.wait(seconds))
        self._ws.event.clear()
        return happened

    def next_message(self) -> str | bytes | None:
        """What it said next. Raises Goodbye when it says too much."""
        if self._inbox.is_flooded:
            raise Goodbye(FLOOD, "flood")
        return self._inbox.pop(0) if self._inbox else None

    def send(self, text: str) -> None:
        """Tell it; when it is gone, `is_open` says so afterwards."""
        with suppress(ConnectionClosed, ProtocolError, OSError):
            self._ws.send(text)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye, wait a moment for the answer, and leave no thread behind."""
        with suppress(ConnectionClosed, ProtocolError, OSError):
            self._ws.close(code, reason)
        if _goodbyes.acquire(blocking=False):
            self._ws.thread.join(GOODBYE_S)
            _goodbyes.release()
        self._ws.sock.close()
        self._ws.thread.join(GOODBYE_S)

    @property
    def ended_with(self) -> int:
        """The close code that it sent when it went by itself; 1005 when it sent none."""
        return int(self._ws.close_reason)
