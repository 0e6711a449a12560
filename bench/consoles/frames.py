"""Websocket frames (RFC 6455), as far as a bench needs them: whole messages of text, ping, pong and close."""

from __future__ import annotations

import base64
import os
import struct

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
SHORT, LONG = 126, 127
MASKED = 0x80


def frame(payload: bytes, opcode: int = TEXT, *, mask: bool = False) -> bytes:
    """One frame. A browser masks; with a mask of noughts, so that nothing has to be changed."""
    size, bit = len(payload), MASKED if mask else 0
    if size < SHORT:
        head = struct.pack("!BB", 0x80 | opcode, bit | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x80 | opcode, bit | SHORT, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, bit | LONG, size)
    return head + (b"\0\0\0\0" if mask else b"") + payload


def taken(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Opcode and payload of the whole frames in `buffer`, which loses them."""
    found, at, view = [], 0, bytes(buffer)
    while len(view) - at >= 2:
        first, second = view[at], view[at + 1]
        size, begin = second & 0x7F, at + 2
        if size >= SHORT:
            width = 2 if size == SHORT else 8
            if len(view) < begin + width:
                break
            size = int.from_bytes(view[begin : begin + width], "big")
            begin += width
        key = view[begin : begin + 4] if second & MASKED else b""
        begin += len(key)
        if len(view) < begin + size:
            break
        if not first & 0x80:
            raise ValueError("a message came in pieces")
        found.append((first & 0x0F, _unmasked(view[begin : begin + size], key)))
        at = begin + size
    del buffer[:at]
    return found


def _unmasked(payload: bytes, key: bytes) -> bytes:
    if not key or key == b"\0\0\0\0" or not payload:
        return payload
    whole = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(payload), "big")


def handshake(host: str, path: str, origin: str, cookie: str = "") -> bytes:
    """What a browser sends to begin with; it offers to compress, as browsers do."""
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", f"Origin: {origin}",
    ]  # fmt: skip
    return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "\r\n"]).encode()
