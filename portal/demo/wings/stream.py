"""One open websocket on a raw socket: a single thread reads and writes, any thread may hand it something."""
from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from typing import Any

from wsproto.connection import SERVER, Connection, ConnectionState
from wsproto.events import CloseConnection, Event, Message, Ping, TextMessage

from portal.demo.wings.outbox import Close, Item, Outbox

_CHUNK = 65536
_DEAD = select.POLLERR | select.POLLHUP | select.POLLNVAL


class FrameStream:
    """`on_message` gets each whole message as bytes; `fragment` the characters a frame, 0 for whole messages."""

    def __init__(self, connection: socket.socket, on_message: Callable[[bytes], None], fragment: Callable[[], int], *,
                 loses: bool) -> None:
        self.outbox = Outbox(self.wake, loses=loses, give_up=self.drop)
        self._socket = connection
        self._on_message = on_message
        self._fragment = fragment
        self._protocol = Connection(SERVER)
        self._message = bytearray()
        self._unsent = bytearray()
        self._has_ended = False
        self._is_closing = False
        self._is_dropped = False
        self._is_stuck = False
        self._inner, self._outer = socket.socketpair()
        self._inner.setblocking(False)
        self._outer.setblocking(False)

    def wake(self) -> None:
        """Let the thread look at what has changed; nothing, once it is over."""
        try:
            self._outer.send(b"\0")
        except OSError:
            return

    def drop(self) -> None:
        """Reset, without a close frame."""
        self._is_dropped = True
        self.wake()

    def set_stuck(self, is_stuck: bool) -> None:
        """Neither read nor write while it is."""
        self._is_stuck = is_stuck
        self.outbox.hold(is_held=is_stuck)
        self.wake()

    def run(self, acceptance: bytes, received: bytes) -> None:
        """Until the connection has ended; closes it.  `acceptance` ends the handshake."""
        self._unsent += acceptance
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            poll = select.poll()
            poll.register(self._inner, select.POLLIN)
            if received:
                self._read(received)
            while not self._is_over():
                self._fill()
                if not self._is_over():
                    self._wait(poll)
        except ConnectionError:
            return
        finally:
            self._shut()

    def _is_over(self) -> bool:
        return self._is_dropped or self._has_ended or (self._is_closing and not self._unsent)

    def _wait(self, poll: select.poll) -> None:
        """For the peer, or for somebody who has changed something; while it is stuck only a dead socket counts."""
        is_stuck = self._is_stuck
        poll.register(self._socket, 0 if is_stuck else select.POLLIN | (select.POLLOUT if self._unsent else 0))
        for number, events in poll.poll():
            if number == self._inner.fileno():
                self._inner.recv(_CHUNK)
                continue
            if events & select.POLLOUT:
                del self._unsent[:self._socket.send(self._unsent)]
            if events & select.POLLIN:
                self._read(self._socket.recv(_CHUNK))
            elif events & _DEAD:
                self._has_ended = True

    def _fill(self) -> None:
        while not self._unsent and not self._is_closing:
            item = self.outbox.take()
            if item is None:
                return
            self._put(item)

    def _put(self, item: Item) -> None:
        if self._protocol.state is not ConnectionState.OPEN:
            return
        if isinstance(item, Close):
            self._unsent += self._protocol.send(CloseConnection(code=item.code, reason=item.reason))
            return
        size = self._fragment() or max(len(item), 1)
        for start in range(0, len(item), size):
            self._unsent += self._protocol.send(
                TextMessage(data=item[start:start + size], message_finished=start + size >= len(item)))

    def _read(self, data: bytes) -> None:
        if not data:
            self._has_ended = True
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events():
            self._handle(event)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Message):
            self._gather(event)
        elif isinstance(event, Ping) and self._protocol.state is ConnectionState.OPEN:
            self._unsent += self._protocol.send(event.response())
        elif isinstance(event, CloseConnection):
            if self._protocol.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
                self._unsent += self._protocol.send(CloseConnection(code=event.code))
            self._is_closing = True

    def _gather(self, message: Message[Any]) -> None:
        data = message.data
        self._message += data.encode() if isinstance(data, str) else bytes(data)
        if message.message_finished:
            whole, self._message = bytes(self._message), bytearray()
            self._on_message(whole)

    def _shut(self) -> None:
        if self._is_dropped:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for one in (self._socket, self._inner, self._outer):
            one.close()
