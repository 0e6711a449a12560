"""The reading half of a websocket (RFC 6455), without a socket.

Lengths are looked at before anything is kept, all frames of one read are taken apart at once, and an endless message or
a length of 2^63 ends the connection. websocket-client reads what is announced, and does it frame by frame.
"""

from __future__ import annotations

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MOST_BYTES = 2 * 1024 * 1024
"""Of one message, in all its frames. Wings cuts lines at 64 KiB; escaped that is at most 400 KiB."""
MOST_FRAMES = 1 << 17
"""Of one message."""

_MOST_IN_CONTROL = 125
_FINAL_TEXT = 0x81

Message = tuple[int, bytes | bytearray]
"""Opcode and payload."""


class Nonsense(Exception):
    """What came is no websocket, or more than anybody should send."""


class Frames:
    """Takes apart what comes, in pieces of any size."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._buffer = bytearray()
        self._opcode = 0
        self._parts = bytearray()
        self._frames = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages and control frames that are whole now, in order. Raises Nonsense."""
        buffer, end = self._buffer, 0
        found: list[Message] = []
        buffer += data
        while (frame := self._frame(end)) is not None:
            first, start, end = frame
            if first == _FINAL_TEXT and not self._opcode:
                found.append((TEXT, buffer[start:end]))
            elif (message := self._message(first, buffer[start:end])) is not None:
                found.append(message)
        del buffer[:end]
        return found

    def _frame(self, at: int) -> tuple[int, int, int] | None:
        """First byte, begin and end of the payload of the frame that begins there; None when it is not whole."""
        buffer = self._buffer
        if len(buffer) - at < 2:
            return None
        first, size = buffer[at], buffer[at + 1]
        start = at + 2
        if size > _MOST_IN_CONTROL:
            width = {126: 2, 127: 8}.get(size)
            if width is None:
                raise Nonsense("a masked frame")
            if len(buffer) - start < width:
                return None
            size = int.from_bytes(buffer[start : start + width], "big")
            start += width
            if first & 0x08 or size > self._most - len(self._parts):
                raise Nonsense("a frame that is too big")
        return None if len(buffer) - start < size else (first, start, start + size)

    def _message(self, first: int, payload: bytearray) -> Message | None:
        opcode, is_final = first & 0x0F, bool(first & 0x80)
        if first & 0x70:
            raise Nonsense("bits of an extension")
        if opcode in (CLOSE, PING, PONG) and is_final:
            return opcode, bytes(payload)
        if opcode not in (0, TEXT, BINARY) or (opcode == 0) != bool(self._opcode):
            raise Nonsense("a frame out of place")
        self._opcode = self._opcode or opcode
        self._frames += 1
        self._parts += payload
        if len(self._parts) > self._most or self._frames > MOST_FRAMES:
            raise Nonsense("a message that is too big")
        if not is_final:
            return None
        message = (self._opcode, self._parts)
        self._opcode, self._parts, self._frames = 0, bytearray(), 0
        return message
